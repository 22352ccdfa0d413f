"""What a channel and moderators read about a video that was not made."""

import pytest

from bot.domain.delivery import Delivery
from bot.domain.money import Usd
from bot.domain.quotas.quota import Unclear, Usage
from bot.domain.task import Failure, FailureKind, State, Task
from bot.services.moderation import MemberQuota
from bot.ui.texts import cards
from bot.ui.texts.moderation import usage
from tests.factories import NOON, make_limits, make_options, make_request, make_task

SECRET = "a secret wish"
WITHOUT = (State.FAILED, State.UNKNOWN, State.UNDELIVERED, State.CANCELLED)


def ended(state: State, kind: FailureKind | None = None) -> Task:
    failure = Failure(kind=kind, code="E17", message=SECRET) if kind else None
    return make_task(
        state=state,
        failure=failure,
        ended_at=NOON,
        cost=Usd.parse("0.20"),
        delivery=Delivery(attempts=1),
        request=make_request(options=make_options(prompt=SECRET)),
    )


ENDED = [*(ended(State.FAILED, kind) for kind in FailureKind), *map(ended, WITHOUT)]


@pytest.mark.parametrize("task", ENDED, ids=lambda task: f"{task.state}-{task.failure}"[:40])
def test_the_channel_reads_why_on_one_short_line_without_what_was_asked(task: Task) -> None:
    words = cards.ended_for_all(task)
    assert words.startswith("No video for <@1001> this time: ")
    assert len(words) <= 120
    assert "\n" not in words
    assert SECRET not in words
    assert "E17" not in words


def test_moderators_read_why_the_last_ones_failed() -> None:
    tasks = (ended(State.FAILED, FailureKind.BUSY), ended(State.UNKNOWN))
    found = MemberQuota(limits=make_limits(), use=Usage(), unclear=Unclear(), without_video=tasks)
    words = usage.member_quota(1001, found)
    stamp = f"<t:{int(NOON.timestamp())}:R>"
    assert f"No video {stamp}: the video service was too busy" in words
    assert f"No video {stamp}: the connection broke" in words
    assert SECRET not in words


def test_a_card_shortens_a_long_prompt() -> None:
    prompt = "a boat_ " * 100
    task = make_task(request=make_request(options=make_options(prompt=prompt)))
    short = make_task(request=make_request(options=make_options(prompt="waves roll in")))
    for card in (cards.asked, cards.heading):
        shown = card(task)
        assert len(shown) <= cards.CARD_PROMPT_CHARS + 50
        assert shown.endswith("…")
        assert card(short).endswith("> waves roll in")
