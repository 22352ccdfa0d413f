"""Submitter and deliverer in the real worker on the real store, with scripted faults."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from bot.domain.delivery import DeliveryMethod
from bot.domain.task import FailureKind, State, Task
from bot.errors import DownloadInterrupted
from bot.storage.tasks.tasks import TaskStore
from tests.clock import VirtualClock
from tests.factories import make_limits, make_new_task, make_person
from tests.simulation.disk import at_once
from tests.simulation.fake_world import Script
from tests.simulation.scripted_site import ScriptedSite

HOUR = 3600.0


class Line(ScriptedSite):
    """A worker with one task, and everything around it."""

    def __init__(self, folder: Path, store: TaskStore, clock: VirtualClock, script: Script) -> None:
        super().__init__(folder, store, clock, script)
        self.silent = 0
        self.video = self.videos / "t0000001.mp4"
        self.worker = self.new_worker()

    def task(self) -> Task:
        return self.stored("t0000001")

    async def reach(self, state: State, *, within: float = HOUR) -> Task:
        await self.clock.until(lambda: self.task().state is state, within=within)
        return self.task()

    @property
    def tries(self) -> list[tuple[DeliveryMethod, bool]]:
        return [(method, search) for _, method, search, _ in self.messenger.attempts]


Start = Callable[..., AbstractAsyncContextManager[Line]]


@pytest.fixture
def start(tmp_path: Path, store: TaskStore, clock: VirtualClock) -> Start:

    @asynccontextmanager
    async def line(**faults: list[str | None]) -> AsyncIterator[Line]:
        task = await store.reserve(make_new_task(), make_limits())
        line = Line(tmp_path, store, clock, Script(**faults))
        async with line.worker:
            line.worker.take(task)
            yield line

    return line


@pytest.mark.parametrize("fault", ["lost before", "lost after", "mistake after"])
async def test_a_request_that_may_have_been_accepted_is_never_sent_again(
    start: Start, fault: str
) -> None:
    async with start(create=[fault]) as line:
        await line.reach(State.UNKNOWN)
        await line.clock.forward(600)
        assert sum(line.provider.posts.values()) == 1
        assert "flipbook task resolve t0000001" in "".join(line.messenger.operator)


async def test_a_rate_limit_is_waited_for_as_long_as_it_says(start: Start) -> None:
    async with start(create=["429 long"]) as line:
        await line.reach(State.DELIVERED)
        first, second = line.provider.post_times
        assert second - first >= 120


async def test_a_message_does_not_flip_between_waiting_and_sending(start: Start) -> None:
    async with start(create=["429"] * 5) as line:
        await line.reach(State.DELIVERED)
        shown = line.messenger.shown
        assert shown.count(State.SUBMITTING) == 1
        assert shown[:2] == [State.QUEUED, State.SUBMITTING]
        assert set(shown[2:7]) == {State.QUEUED}


async def test_an_answer_lost_long_ago_is_searched_for_not_posted_again(start: Start) -> None:
    # Discord has forgotten the nonce of the first attempt by the time of the last ones.
    faults = ["refused", "unclear after", *["unclear before"] * 9]
    async with start(deliver=faults) as line:
        await line.reach(State.DELIVERED)
        await line.clock.forward(5)
        assert line.tries[1] == (DeliveryMethod.POST, False)
        assert line.tries[-1] == (DeliveryMethod.POST, True)
        assert len(line.messenger.results["t0000001"]) == 1
        assert not line.video.exists()


async def test_an_hour_without_discord_loses_no_video(start: Start) -> None:
    async with start(deliver=["unclear before"] * 70) as line:
        task = await line.reach(State.DELIVERED, within=3 * HOUR)
        assert line.clock.passed > 0.8 * HOUR
        assert task.delivery.method is DeliveryMethod.EDIT


async def test_where_every_method_is_refused_the_video_is_kept(start: Start) -> None:
    async with start(deliver=["refused"] * 4) as line:
        await line.reach(State.UNDELIVERED)
        assert [method for method, _ in line.tries] == list(DeliveryMethod)
        assert line.video.exists()


async def test_where_the_file_is_refused_only_the_link_is_left(start: Start) -> None:
    async with start(download=["refused"]) as line:
        await line.reach(State.DELIVERED)
        assert [method for method, _ in line.tries] == [DeliveryMethod.LINK]


async def test_a_provider_that_knows_nothing_for_a_moment_is_asked_again(start: Start) -> None:
    async with start(status=["404"] * 5) as line:
        await line.reach(State.DELIVERED)


async def test_a_provider_that_knows_nothing_for_five_minutes_has_forgotten(start: Start) -> None:
    async with start(status=["404"] * 500) as line:
        task = await line.reach(State.FAILED)
        assert task.failure is not None
        assert task.failure.kind is FailureKind.FORGOTTEN
        assert 300 <= line.clock.passed < 400


async def test_a_long_wait_is_told_once_and_the_task_goes_on(start: Start) -> None:
    async with start() as line:
        await line.reach(State.RUNNING)
        line.provider.jobs["job-1"].done_at = 2000.0
        await line.clock.forward(890)
        assert line.messenger.told["late", "t0000001"] == 0
        await line.reach(State.DELIVERED)
        assert line.messenger.told["late", "t0000001"] == 1


async def test_downloads_that_are_silent_do_not_keep_others_waiting(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The video server sends nothing for a minute, four times."""
    async with start() as line:
        waited, whole = list[float](), line.provider.download

        async def download(url: str, target: Path) -> int:
            if line.silent:
                line.silent -= 1
                await line.clock.sleep(60)
                raise DownloadInterrupted("silence")
            rendered_at = line.stored(target.stem).rendered_at
            assert rendered_at is not None
            waited.append((line.clock.now() - rendered_at).total_seconds())
            return await whole(url, target)

        monkeypatch.setattr(line.provider, "download", download)
        line.silent = 4
        for number in range(2, 9):
            new = make_new_task(id=f"t{number:07}", person=make_person(id=number))
            line.worker.take(at_once(line.store.reserve(new, make_limits())))
        await line.clock.until(lambda: len(waited) == 8, within=HOUR)
        # Four downloads were silent, and are repeated after that minute; the others hardly wait.
        assert sum(wait > 60 for wait in waited) == 4
        assert sum(wait < 10 for wait in waited) == 4
