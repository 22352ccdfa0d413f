"""More tasks than progress can be shown for: all are polled, and none is missed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.domain.provider.job import Job, JobStatus
from bot.domain.task import State, Task
from bot.storage.engine.database import open_database
from bot.storage.tasks.tasks import TaskStore
from bot.worker.polling.poller import Poller
from bot.worker.worker import LEASE
from tests.factories import make_limits, make_new_task, make_person
from tests.worker.polling.poller_at_work import polling

URL = "http://127.0.0.1/v.mp4"


class Hurried(SystemClock):
    """A clock whose waits end at once but count in full; the wall clock may be late."""

    passed = 0.0
    late = timedelta()

    def now(self) -> Any:
        return super().now() + self.late

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0.001)
        self.passed += seconds


@dataclass
class World:
    """A provider and a messenger: jobs are pending until a test adds them to `done`."""

    done: set[str] = field(default_factory=set)
    looks: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    rendered: list[str] = field(default_factory=list)
    word: str | None = None

    async def status(self, job_id: str) -> Job:
        self.looks.append(job_id)
        if job_id in self.done:
            return Job(id=job_id, status=JobStatus.COMPLETED, video_url=URL)
        return Job(id=job_id, status=JobStatus.PENDING, progress=0.5, odd_word=self.word)

    async def show(self, task: Task) -> None:
        assert task.progress == 0.5
        self.shown.append(task.provider_id or "")

    def has_rendered(self, task: Task) -> None:
        self.rendered.append(task.provider_id or "")

    async def tell_late(self, task: Task) -> None:
        self.late.append(task.provider_id or "")


@dataclass
class WatcherSetup:
    """A poller that shows the progress of two of its four tasks."""

    clock: Hurried
    store: TaskStore
    world: World
    watcher: Poller
    tasks: list[Task]

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():  # noqa: ASYNC110  (it is many small things that change)
                await asyncio.sleep(0.005)


async def _running(store: TaskStore, number: int) -> Task:
    person = make_person(id=1000 + number)
    task = await store.reserve(make_new_task(id=f"t{number:07}", person=person), make_limits())
    task = await store.submitting(task)
    return await store.running(task, Job(id=f"job-{number}", status=JobStatus.PENDING))


@pytest.fixture
async def watching(tmp_path: Path) -> AsyncIterator[WatcherSetup]:
    clock, world = Hurried(), World()
    async with open_database(f"sqlite:///{tmp_path / 'a.db'}", exclusive=True) as base:
        store = TaskStore(base, clock=clock)
        tasks = [await _running(store, number) for number in range(4)]
        poller = polling(
            world, store=store, clock=clock, on_rendered=world.has_rendered, most_whole=2
        )
        async with poller as watcher:
            for task in tasks:
                watcher.watch(task)
            yield WatcherSetup(clock, store, world, watcher, tasks)


async def test_all_tasks_are_polled_and_as_many_shown_as_there_is_room_for(
    watching: WatcherSetup,
) -> None:
    await watching.until(
        lambda: len(watching.world.looks) > 20 and len(set(watching.world.shown)) > 1
    )
    looked = len(watching.world.looks)
    await watching.until(lambda: len(watching.world.looks) > looked + 20)
    assert set(watching.world.looks) == {"job-0", "job-1", "job-2", "job-3"}
    assert set(watching.world.shown) == {"job-0", "job-1"}


async def test_a_task_that_was_not_shown_ends_like_any_other(watching: WatcherSetup) -> None:
    watching.world.done.add("job-3")
    await watching.until(lambda: watching.world.rendered == ["job-3"])
    stored = await watching.store.get(watching.tasks[3].id)
    assert stored is not None
    assert (stored.state, stored.video_url) == (State.RENDERED, URL)


async def test_when_a_task_ends_another_is_shown_instead(watching: WatcherSetup) -> None:
    await watching.until(lambda: len(watching.world.shown) > 2)
    watching.world.done.update({"job-0", "job-1"})
    await watching.until(lambda: {"job-2", "job-3"} <= set(watching.world.shown))
    assert sorted(watching.world.rendered) == ["job-0", "job-1"]


async def test_each_person_is_told_once_that_it_takes_long(watching: WatcherSetup) -> None:
    await watching.until(lambda: len(watching.world.looks) > 8)
    watching.clock.late = timedelta(minutes=16)
    await watching.until(lambda: len(set(watching.world.late)) == 4)
    looked = len(watching.world.looks)
    await watching.until(lambda: len(watching.world.looks) > looked + 20)
    assert sorted(watching.world.late) == ["job-0", "job-1", "job-2", "job-3"]


async def test_a_status_that_nobody_knows_is_logged_once_and_kept_with_each_task(
    watching: WatcherSetup, caplog: pytest.LogCaptureFixture
) -> None:
    watching.world.word = "almost_there"
    # A task's word is stored before its next look; its first look may have been before the word.
    looks = watching.world.looks
    await watching.until(lambda: all(looks.count(f"job-{number}") > 2 for number in range(4)))
    lines = [one.getMessage() for one in caplog.records if "almost_there" in one.getMessage()]
    assert lines == [
        "the provider sent the unknown status 'almost_there': the task is taken as still running"
    ]
    stored = [await watching.store.get(task.id) for task in watching.tasks]
    assert [task.provider_word for task in stored if task is not None] == ["almost_there"] * 4


@pytest.mark.parametrize("change", ["taken over", "ended"])
async def test_a_task_that_another_process_has_is_left_alone(
    watching: WatcherSetup, change: str
) -> None:
    taken: Callable[[], Awaitable[object]] = {
        "taken over": lambda: watching.store.claim("run-other", only_run=True, lease=LEASE),
        "ended": lambda: watching.store.rendered(
            watching.tasks[3], Job(id="job-3", status=JobStatus.COMPLETED, video_url=URL)
        ),
    }[change]
    await taken()
    watching.world.done.add("job-3")
    await watching.until(lambda: len(watching.watcher) < 4)
    assert watching.world.rendered == []
