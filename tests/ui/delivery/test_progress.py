"""Progress is edited rarely, never twice to the same text, and never after the result."""

import asyncio

import pytest

from bot.errors import DeliveryRefused, DeliveryUnclear
from bot.ui.delivery.progress import (
    ANYWHERE_EVERY,
    CHANNEL_EVERY,
    FIRST_AFTER,
    OLD_EVERY,
    OLD_REFUSED,
    Progress,
)
from tests.ui.clocks import HandClock, settle


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def progress(clock: HandClock) -> Progress:
    return Progress(clock=clock)


class Channel:
    """A channel that receives edits, which a test can hold up."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.begun: list[str] = []
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.error: Exception | None = None

    async def edit(self, text: str) -> None:
        self.begun.append(text)
        await self.may_go_on.wait()
        if self.error:
            raise self.error
        self.shown.append(text)


def _show(
    progress: Progress,
    channel: Channel,
    text: str,
    *,
    task: str = "a",
    where: int = 1,
    age: float = 0.0,
) -> None:
    progress.show(task, where, text, lambda: channel.edit(text), age=age)


async def _begun(clock: HandClock) -> None:
    """Wait until the first edit is under way."""
    await settle()
    await clock.turn(FIRST_AFTER)


async def test_at_most_one_edit_in_five_seconds_and_the_last_words_win(
    progress: Progress, clock: HandClock
) -> None:
    channel = Channel()
    _show(progress, channel, "queued")
    await _begun(clock)
    for text in ("sending", "running"):
        _show(progress, channel, text)
        await settle()
    assert channel.shown == ["queued"]
    await clock.turn(4.9)
    assert channel.shown == ["queued"]
    await clock.turn(0.1)
    assert channel.shown == ["queued", "running"]


async def test_progress_that_changes_within_the_first_second_is_not_shown(
    progress: Progress, clock: HandClock
) -> None:
    channel = Channel()
    for text in ("queued", "sending", "running"):
        _show(progress, channel, text)
        await settle()
    assert channel.shown == []
    await _begun(clock)
    assert channel.shown == ["running"]


async def test_the_same_words_are_not_sent_again(progress: Progress, clock: HandClock) -> None:
    channel = Channel()
    for _ in range(3):
        _show(progress, channel, "running")
        await clock.turn(10)
    assert channel.shown == ["running"]


async def test_words_that_return_to_what_is_shown_take_no_edit(
    progress: Progress, clock: HandClock
) -> None:
    channel = Channel()
    for text in ("queued", "sending", "queued"):
        _show(progress, channel, text)
        await settle()
    await clock.turn(10)
    assert channel.shown == ["queued"]


async def test_nothing_is_shown_after_the_end(progress: Progress, clock: HandClock) -> None:
    channel = Channel()
    _show(progress, channel, "queued")
    await _begun(clock)
    _show(progress, channel, "running")
    await progress.close("a")
    _show(progress, channel, "late")
    await clock.turn(60)
    assert channel.shown == ["queued"]


async def test_closing_waits_for_the_edit_under_way(progress: Progress, clock: HandClock) -> None:
    channel = Channel()
    channel.may_go_on.clear()
    _show(progress, channel, "running")
    await _begun(clock)
    closing = asyncio.create_task(progress.close("a"))
    await settle()
    assert not closing.done()
    channel.may_go_on.set()
    await closing
    assert channel.shown == ["running"]


async def test_one_edit_at_a_time_in_a_channel_and_others_do_not_wait_for_it(
    progress: Progress, clock: HandClock
) -> None:
    channel = Channel()
    channel.may_go_on.clear()
    _show(progress, channel, "one", task="a", where=1)
    _show(progress, channel, "two", task="b", where=1)
    _show(progress, channel, "elsewhere", task="c", where=2)
    await _begun(clock)
    await clock.turn(ANYWHERE_EVERY)
    assert channel.begun == ["one", "elsewhere"]
    channel.may_go_on.set()
    await settle()
    await clock.turn(CHANNEL_EVERY)
    assert sorted(channel.shown) == ["elsewhere", "one", "two"]


async def test_half_of_what_a_channel_takes_is_left_to_results(
    progress: Progress, clock: HandClock
) -> None:
    channel = Channel()
    for second in range(60):
        for task in "abcdefgh":
            _show(progress, channel, f"{second}", task=task)
        await clock.turn(1.0)
    # Discord allows 60 a minute, and eight tasks would make 96.
    assert 25 <= len(channel.begun) <= 31


async def test_where_discord_makes_an_edit_wait_the_next_one_comes_later(
    progress: Progress, clock: HandClock
) -> None:
    channel = Channel()
    channel.may_go_on.clear()
    _show(progress, channel, "one", task="a")
    _show(progress, channel, "two", task="b")
    await _begun(clock)
    await clock.turn(4.0)
    channel.may_go_on.set()
    await settle()
    await clock.turn(11.0)
    assert channel.begun == ["one"]
    await clock.turn(1.0)
    assert channel.begun == ["one", "two"]


async def test_many_channels_leave_room_for_everything_else(
    progress: Progress, clock: HandClock
) -> None:
    channel = Channel()
    for number in range(200):
        _show(progress, channel, "running", task=f"{number}", where=number)
    await _begun(clock)
    for _ in range(100):
        await clock.turn(0.01)
    assert 15 <= len(channel.begun) <= 25


async def test_those_who_wait_are_not_woken_for_each_edit_of_others(
    progress: Progress, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    sleep = clock.sleep

    async def counted(seconds: float) -> None:
        slept.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(clock, "sleep", counted)
    channel = Channel()
    for number in range(200):
        _show(progress, channel, "running", task=f"{number}", where=number)
    await _begun(clock)
    for _ in range(1000):
        await clock.turn(0.01)
    assert len(channel.begun) > 150
    # Each edit waits for its message, for its channel, and for its turn among all.
    assert len(slept) <= 3 * 200


async def test_no_progress_is_edited_while_the_rate_limiter_is_busy(
    clock: HandClock,
) -> None:
    channel, busy = Channel(), [True]
    progress = Progress(clock=clock, is_busy=lambda: bool(busy))
    _show(progress, channel, "running")
    await _begun(clock)
    for _ in range(20):
        await clock.turn(0.1)
    assert channel.begun == []
    busy.clear()
    await clock.turn(0.1)
    assert channel.begun == ["running"]


async def test_an_edit_that_waits_for_its_turn_delays_no_result(
    progress: Progress, clock: HandClock
) -> None:
    channel = Channel()
    _show(progress, channel, "one", task="a")
    _show(progress, channel, "two", task="b")
    await _begun(clock)
    await progress.close("b")
    await clock.turn(10)
    assert channel.begun == ["one"]


async def test_an_edit_that_fails_ends_nothing(progress: Progress, clock: HandClock) -> None:
    channel = Channel()
    channel.error = OSError("reset")
    _show(progress, channel, "queued")
    await _begun(clock)
    channel.error = None
    _show(progress, channel, "running")
    await clock.turn(5)
    assert channel.shown == ["running"]


async def test_a_message_that_is_gone_is_not_asked_for_again(
    progress: Progress, clock: HandClock
) -> None:
    channel = Channel()
    channel.error = DeliveryRefused("unknown message")
    for text in ("queued", "running", "done"):
        _show(progress, channel, text)
        await clock.turn(10)
    assert channel.begun == ["queued"]


async def test_stopping_leaves_nothing_running(progress: Progress) -> None:
    channel = Channel()
    _show(progress, channel, "queued")
    await settle()
    _show(progress, channel, "running")
    before = asyncio.all_tasks()
    assert len(before) == 2
    await progress.aclose()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_nothing_is_kept_of_tasks_whose_end_another_process_sees(
    progress: Progress, clock: HandClock
) -> None:
    channel = Channel()
    for number in range(300):
        _show(progress, channel, "queued", task=f"task-{number}", where=number)
        await clock.turn(10)
    # The tasks of the last ten minutes are kept, as more may be shown for them.
    assert len(progress) <= 61
    assert len(channel.shown) >= 299


async def test_a_task_with_news_now_and_then_is_kept(progress: Progress, clock: HandClock) -> None:
    channel = Channel()
    for number in range(100):
        _show(progress, channel, "running")
        _show(progress, channel, "queued", task=f"task-{number}", where=number)
        await clock.turn(60)
    assert channel.shown.count("running") == 1


# --- messages that are older than an hour ---------------------------------------------------


async def _minutes(
    progress: Progress, clock: HandClock, channel: Channel, minutes: int, **old: float
) -> None:
    """Report news of each task every second; ``old`` gives the ages of their messages."""
    for second in range(60 * minutes):
        for task, age in old.items():
            _show(progress, channel, f"{task} {second}", task=task, age=age)
        await settle()
        await clock.turn(1.0)


async def test_old_messages_of_a_channel_are_edited_once_a_minute_and_new_ones_as_usual(
    progress: Progress, clock: HandClock
) -> None:
    channel = Channel()
    await _minutes(progress, clock, channel, 10, old1=3600.0, old2=7200.0, young=0.0)
    of_old = [text for text in channel.shown if text.startswith("old")]
    assert 600 / OLD_EVERY - 1 <= len(of_old) <= 600 / OLD_EVERY + 1
    assert len(channel.shown) - len(of_old) > 100


async def test_a_message_becomes_old_while_its_task_runs(
    progress: Progress, clock: HandClock
) -> None:
    channel = Channel()
    await _minutes(progress, clock, channel, 2, task=3480.0)
    assert len(channel.shown) <= 15


async def test_where_discord_refuses_an_edit_of_an_old_message_it_is_left_alone_for_long(
    progress: Progress, clock: HandClock
) -> None:
    channel = Channel()
    channel.error = DeliveryUnclear("30046", retry_after=60.0)
    await _minutes(progress, clock, channel, int(OLD_REFUSED / 60) - 1, old=4000.0)
    assert len(channel.begun) == 1
    channel.error = None
    await _minutes(progress, clock, channel, 2, old=4000.0)
    assert channel.shown
