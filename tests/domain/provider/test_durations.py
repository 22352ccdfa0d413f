"""Learned durations: videos are noticed sooner, with no more polls than one every 5 s."""

import json
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.provider.durations import LOOK_EVERY_SECONDS, Durations
from tests.domain.provider.polling_model import (
    Draw,
    Every,
    around,
    heavy_tail,
    slow_for_a_while,
    two_queues,
    watch,
)

HOURS_48 = 48 * 3600.0


@pytest.mark.parametrize(
    ("draw", "at_most"),
    [
        (around(60, 0.2), 0.5),
        (around(120, 0.2), 0.5),
        (around(300, 0.2), 0.5),
        (two_queues, 0.5),
        (heavy_tail, 0.53),
        # The best schedule for a known distribution reaches 0.50 and 0.75.
        (around(120, 0.3), 0.58),
        (around(120, 0.5), 0.82),
    ],
)
def test_finished_videos_are_noticed_sooner_with_no_more_polls(draw: Draw, at_most: float) -> None:
    ours = watch(Durations(), draw, videos=1500)[300:]
    peer = watch(Every(5.0), draw, videos=1500)[300:]
    assert mean(one.delay for one in ours) <= at_most * mean(one.delay for one in peer)
    assert mean(one.looks for one in ours) <= 1.02 * mean(one.looks for one in peer)


def test_a_provider_that_gets_slow_for_a_while_is_learned_and_forgotten_again() -> None:
    seen = watch(Durations(), slow_for_a_while, videos=1500)
    just_slow = [one.delay for one in seen if 500 <= one.number < 530]
    slow = [one.delay for one in seen if 700 <= one.number < 1000]
    again = [one.delay for one in seen if 1200 <= one.number < 1500]
    assert mean(slow) < 1.6
    assert mean(again) < 1.6
    # What was learned can be wrong: a video is then noticed late, but never forgotten.
    assert max(just_slow) < 30


def test_the_schedule_without_knowledge_is_the_vendors() -> None:
    assert Durations().until_next_look(0.0) == LOOK_EVERY_SECONDS
    assert Durations().until_next_look(600.0) == LOOK_EVERY_SECONDS
    assert Durations().until_next_look(HOURS_48) == 60.0


def test_no_polls_are_wasted_on_a_video_that_cannot_be_done_yet() -> None:
    known = Durations()
    watch(known, around(300, 0.1), videos=300)
    age, looks = 0.0, 0
    while age < 200.0:
        age += known.until_next_look(age)
        looks += 1
    assert looks <= 12
    assert known.until_next_look(300.0) < 3


def test_what_is_learned_outlives_a_restart() -> None:
    before = Durations()
    watch(before, around(120, 0.2), videos=200)
    after = Durations.from_json(json.loads(json.dumps(before.to_json())))
    for age in (0.0, 60.0, 119.5, 400.0):
        assert after.until_next_look(age) == pytest.approx(before.until_next_look(age), rel=0.05)


def test_what_was_learned_with_other_bins_is_left_alone() -> None:
    known = Durations()
    watch(known, around(120, 0.2), videos=200)
    stored = known.to_json() | {"ratio": 1.2}
    assert Durations.from_json(stored) == Durations()


AGES = st.floats(min_value=0.0, max_value=2 * HOURS_48)


@given(st.lists(st.tuples(AGES, AGES, st.booleans()), max_size=40), AGES)
def test_the_next_poll_is_always_within_a_second_and_a_minute(
    shown: list[tuple[float, float, bool]], age: float
) -> None:
    known = Durations(known=10)
    for one, other, ended in shown:
        since, until = sorted((one, other))
        if ended:
            known.finished(since, until, looks=1)
        else:
            known.pending(since, until)
    assert 1.0 <= known.until_next_look(age) <= 60.0
