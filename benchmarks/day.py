"""A day of steady work, simulated in seconds, which shows whether the process leaks anything.

The real intake, worker, progress messages, metrics and SQLite store run under a virtual clock, with
a provider and a Discord that keep nothing. What the process holds after six hours is compared with
what it holds after twenty-four.
"""

import asyncio
import gc
import random
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.parts.memory import resident_mb
from benchmarks.parts.side_loop import BlockingStore, SideLoop
from benchmarks.table import Row, met
from bot.domain.delivery import DeliveryMethod, Posted, Told
from bot.domain.money import Usd
from bot.domain.provider.failure_reason import FailureReason
from bot.domain.provider.job import Job, JobStatus
from bot.domain.submission import Submission
from bot.domain.task import EntryPoint, Request, Task
from bot.ops.metrics import Metrics
from bot.services.intake.intake import Intake
from bot.storage.engine.database import open_database
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.tasks.tasks import TaskStore
from bot.ui.delivery.progress import Progress
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from bot.worker.worker import Worker
from tests.clock import Inline, VirtualClock
from tests.factories import (
    VARIABLES,
    make_frame,
    make_limits,
    make_options,
    make_person,
    make_place,
    make_providers,
)
from tests.services.intake.intake_fixture import make_intake
from tests.simulation.disk import FakeFrames

HOUR = 3600.0
EVERY_SECONDS = 60.0
PEOPLE = 200
GROWN_MB = 2.0
COST = Usd.parse("0.20")


@dataclass(frozen=True, slots=True)
class Held:
    """What the process holds at one moment."""

    memory_mb: float
    objects: int
    files: int
    rows: int
    in_hand: int


class _Provider:
    """A stateless provider: each job's id contains all that there is to know about it."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._rng = random.Random(1)

    async def create(self, request: Request, picture: Path) -> Job:
        done_at = self._clock.passed + self._rng.lognormvariate(4.6, 0.4)  # about 100 s
        return Job(id=f"{done_at}-{request.options.seed}", status=JobStatus.PENDING)

    async def status(self, job_id: str) -> Job:
        if self._clock.passed < float(job_id.split("-")[0]):
            return Job(id=job_id, status=JobStatus.PENDING, progress=0.5)
        url = f"http://127.0.0.1/{job_id}.mp4"
        return Job(id=job_id, status=JobStatus.COMPLETED, video_url=url, cost=COST)

    def failure_reason(self, job: Job, request: Request) -> FailureReason | None:
        return None

    async def key_works(self) -> bool:
        return True

    async def download(self, url: str, target: Path) -> int:
        return target.write_bytes(b"video")  # noqa: ASYNC240  (nothing may be waited for)


class _Messenger:
    """The real progress messages, whose edits go nowhere."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._progress = Progress(clock=clock)
        self.delivered = 0

    async def show(self, task: Task) -> None:
        async def edit() -> None:
            """Send nothing."""

        words = f"{task.state} {self._clock.passed}"
        self._progress.show(task.id, task.place.channel_id or 0, words, edit)

    async def tell_ended(self, task: Task) -> Told:
        return Told.DELIVERED

    async def announce(self, task: Task) -> None:
        """Announce nothing."""

    async def put_right(self, task: Task, video: Callable[[], Awaitable[Path | None]]) -> None:
        """Repair nothing, as no edit is late."""

    async def tell_operator(self, text: str) -> None:
        """Tell nobody."""

    async def deliver(
        self, task: Task, method: DeliveryMethod, video: Path | None, *, search: bool
    ) -> Posted:
        await self._progress.close(task.id)
        self.delivered += 1
        return Posted(channel_id=task.place.channel_id or 0, message_id=task.place.message_id or 0)


class _Day:
    """A process that works for a day."""

    def __init__(self, folder: Path, side_loop: SideLoop, clock: VirtualClock) -> None:
        self._folder, self._side_loop, self.clock = folder, side_loop, clock
        self.messenger = _Messenger(clock)
        self.asked = 0

    @asynccontextmanager
    async def working(self, store: TaskStore, rules: ModerationStore) -> AsyncIterator[Intake]:
        """Run intake and worker."""
        disk, house = (self._disk(one) for one in (store, rules))
        provider: Any = _Provider(self.clock)
        messenger: Any = self.messenger
        breaker = ProviderCircuitBreaker(
            key_works=provider.key_works,
            tell_operator=messenger.tell_operator,
            variables=VARIABLES,
            clock=self.clock,
        )
        self.worker = Worker(
            owner="run-day",
            tasks=disk,
            images=FakeFrames(self._folder / "frame.png"),
            providers=make_providers(breaker, provider),
            messenger=messenger,
            clock=self.clock,
            videos=self._folder / "videos",
            only_run=True,
            metrics=Metrics(),
        )
        limits = make_limits(
            videos=-1, person_day_videos=10_000, operator_month_budget=None, guild_month_budget=None
        )
        async with self.worker:
            yield make_intake(
                disk,
                house,
                choices=None,
                providers=make_providers(breaker),
                clock=self.clock,
                folder=self._folder,
                limits=limits,
                owner="run-day",
                on_queued=self.worker.take,
            )

    def _disk(self, store: object) -> Any:
        return BlockingStore(store, self._side_loop)

    async def ask(self, intake: Intake, until: float) -> None:
        """Send one command after another, at a steady rate."""
        while self.clock.passed < until:
            self.asked += 1
            await intake.accept(_submission(self.asked))
            await self.clock.forward(EVERY_SECONDS)

    def held(self, store: TaskStore) -> Held:
        """Measure what the process holds now."""
        gc.collect()
        counts = self._side_loop.run(store.counts())
        return Held(
            memory_mb=resident_mb(),
            objects=len(gc.get_objects()),
            files=sum(path.suffix == ".mp4" for path in self._folder.rglob("*.mp4")),
            rows=sum(counts.values()),
            in_hand=sum(self.worker.snapshot().values()),
        )


def _submission(number: int) -> Submission:
    return Submission(
        picture=make_frame(),
        options=make_options(seed=number),
        person=make_person(id=1000 + number % PEOPLE),
        place=make_place(message_id=10**6 + number),
        entry_point=EntryPoint.SLASH,
    )


async def _work(folder: Path, side_loop: SideLoop) -> tuple[_Day, Held, Held]:
    asyncio.get_running_loop().set_default_executor(Inline(1))
    clock = VirtualClock()
    day = _Day(folder, side_loop, clock)
    async with AsyncExitStack() as stack:
        opened = open_database(f"sqlite:///{folder / 'flipbook.db'}")
        database = side_loop.run(opened.__aenter__())
        stack.callback(lambda: side_loop.run(opened.__aexit__(None, None, None)))
        store = TaskStore(database, clock=clock)
        rules = ModerationStore(database, clock=clock)
        intake = await stack.enter_async_context(day.working(store, rules))
        await day.ask(intake, 6 * HOUR)
        early = day.held(store)
        await day.ask(intake, 24 * HOUR)
        return day, early, day.held(store)


def _in_memory() -> Path | None:
    """Return a folder in memory if there is one, since the disk is not measured."""
    shared = Path("/dev/shm")  # noqa: S108  (a folder of its own is made in it)
    return shared if shared.is_dir() else None


def main() -> Sequence[Row]:
    """Measure one day."""
    side_loop = SideLoop()
    with tempfile.TemporaryDirectory(dir=_in_memory()) as folder:
        day, early, late = asyncio.run(_work(Path(folder), side_loop))
    side_loop.close()
    grown = late.memory_mb - early.memory_mb
    fine = grown <= GROWN_MB and late.files <= late.in_hand and late.rows == day.asked
    return [
        Row(
            what=f"24 hours (simulated), a video every {EVERY_SECONDS:g} s: what grows after 6",
            ours=f"{grown:.1f} MB, {late.objects - early.objects:+} objects, "
            f"{late.files} videos on disk",
            beside=f"{day.asked} asked for, {day.messenger.delivered} delivered, "
            f"{late.in_hand} in hand, {late.rows} rows (one each, kept)",
            figure=f"at most {GROWN_MB:g} MB, nothing else: {met(fine)}",
        )
    ]
