"""A progress bar follows the provider, also while the poller expects no video yet."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, cast

from bot.concurrency import in_background
from bot.domain.models.model import VideoKind
from bot.domain.provider.durations import SLOWEST_LOOK_SECONDS
from bot.domain.provider.job import Job, JobStatus
from bot.domain.task import State, Task
from bot.worker.polling.poll_entry import PROGRESS_EVERY
from bot.worker.polling.poll_scheduler import PollScheduler
from bot.worker.polling.poller import Poller
from bot.worker.worker_deps import WorkerDeps
from tests.clock import VirtualClock
from tests.factories import NOON, make_providers, make_task

LASTS = 100.0


class SureScheduler(PollScheduler):
    """A scheduler that plans one look a minute."""

    def until_next_look(self, kind: VideoKind, age: float) -> float:
        return SLOWEST_LOOK_SECONDS


@dataclass
class World:
    """A provider whose job takes 100 seconds, and the messages and the store of its task."""

    clock: VirtualClock
    reports: bool
    shown: list[tuple[float, float | None]]

    async def status(self, job_id: str) -> Job:
        progress = self.clock.monotonic() / LASTS if self.reports else None
        return Job(id=job_id, status=JobStatus.PENDING, progress=progress)

    async def progressed(self, task: Task, progress: float) -> Task:
        return replace(task, progress=progress)

    async def show(self, task: Task) -> None:
        self.shown.append((self.clock.monotonic(), task.progress))


@asynccontextmanager
async def watched(*, reports: bool) -> AsyncIterator[World]:
    clock = VirtualClock()
    world = World(clock, reports, [])
    fake = cast("Any", world)
    deps = WorkerDeps(
        tasks=fake,
        providers=make_providers(fake, fake),
        messenger=fake,
        clock=clock,
        rng=random.Random(1),
    )
    poller = Poller(deps, notifier=fake, on_rendered=fake, poll_scheduler=SureScheduler())
    async with in_background(poller.run()):
        first = 0.0 if reports else None
        poller.watch(
            make_task(state=State.RUNNING, provider_id="job-1", submitted_at=NOON, progress=first)
        )
        yield world
    await poller.stop()


async def test_the_bar_is_never_far_behind_the_provider() -> None:
    async with watched(reports=True) as world:
        await world.clock.forward(LASTS)
        times = [0.0, *(when for when, _ in world.shown), LASTS]
        assert max(later - sooner for sooner, later in pairwise(times)) <= PROGRESS_EVERY
        assert world.shown[-1][1] == world.shown[-1][0] / LASTS


async def test_without_a_bar_no_look_is_spent_on_it() -> None:
    async with watched(reports=False) as world:
        await world.clock.forward(LASTS)
        assert len(world.shown) == 1
