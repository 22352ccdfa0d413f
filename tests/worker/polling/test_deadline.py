"""The deadline of a running task, which ends only after one more poll; with the real store."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.domain.money import Usd
from bot.domain.provider.job import Job, JobStatus
from bot.domain.task import FailureKind, State, Task
from bot.errors import ProviderUnreachable
from bot.storage.engine.database import open_database
from bot.storage.tasks.tasks import TaskStore
from tests.factories import make_limits, make_new_task
from tests.worker.polling.poller_at_work import polling


class LaterClock(SystemClock):
    """A clock a thousand times as fast, whose wall time a test moves by hand."""

    ahead = timedelta()

    def monotonic(self) -> float:
        return 1000 * super().monotonic()

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 1000)

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass
class World:
    """A provider that gives one answer, and a record of the ends that were reported."""

    answer: Job | Exception
    ended: "asyncio.Queue[Task]" = field(default_factory=asyncio.Queue)

    async def status(self, job_id: str) -> Job:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def tell(self, task: Task) -> None:
        self.ended.put_nowait(task)

    async def show(self, task: Task) -> None:
        """Show nothing."""

    async def tell_late(self, task: Task) -> None:
        """Tell nobody."""


Look = Callable[[Job | Exception], Awaitable[Task]]


@pytest.fixture
async def look(tmp_path: Path) -> AsyncIterator[Look]:
    clock = LaterClock()
    async with open_database(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}", exclusive=True) as base:
        store = TaskStore(base, clock=clock)
        await store.register("run-test", timedelta(days=9))
        task = await store.submitting(await store.reserve(make_new_task(), make_limits()))
        task = await store.running(task, Job(id="job", status=JobStatus.PENDING))
        clock.ahead = timedelta(hours=48, seconds=1)

        async def once(answer: Job | Exception) -> Task:
            world = World(answer)
            known = answer if isinstance(answer, Job) else None
            async with polling(world, store=store, clock=clock, on_rendered=world.tell) as watcher:
                watcher.watch(task, known)
                return await asyncio.wait_for(world.ended.get(), 30)

        yield once


async def test_a_video_finished_past_the_deadline_is_not_thrown_away(look: Look) -> None:
    url = "http://127.0.0.1/v.mp4"
    task = await look(Job(id="job", status=JobStatus.COMPLETED, video_url=url))
    assert (task.state, task.video_url) == (State.RENDERED, url)


@pytest.mark.parametrize(
    "answer", [Job(id="job", status=JobStatus.PENDING), ProviderUnreachable("away")]
)
async def test_a_task_that_never_finishes_fails_after_48_hours(
    look: Look, answer: Job | Exception
) -> None:
    task = await look(answer)
    assert task.failure is not None
    assert (task.state, task.failure.kind) == (State.FAILED, FailureKind.DEADLINE)
    assert (task.cost, task.estimate) == (None, Usd.parse("0.20"))
