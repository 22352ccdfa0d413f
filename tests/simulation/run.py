"""One run of the line of work: people, lives of the process, faults, and what must hold."""

import asyncio
import itertools
import random
from collections.abc import Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.limits import Limits
from bot.domain.model import WAN22_I2V_FLASH
from bot.domain.money import Usd
from bot.domain.task import EntryPoint, State, Task
from bot.errors import Refusal, StorageError
from bot.services.allowances import Allowances
from bot.services.guild_settings import HouseRules
from bot.services.intake import Intake
from bot.services.ports import NewTask, Submission
from bot.storage.engine.database import Database
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.maintenance.consistency import consistency_findings
from bot.storage.tables import late_edits
from bot.storage.tasks.tasks import TaskStore
from bot.worker import worker as lives
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from bot.worker.worker import Worker
from tests.clock import Inline, VirtualClock, settle
from tests.factories import make_frame, make_limits, make_options, make_person, make_place
from tests.simulation.channel import EditingMessenger, FakeMessenger
from tests.simulation.disk import FakeFrames, FaultyStore, ReusedDatabase, at_once, keeper
from tests.simulation.fake_world import COST, FakeProvider, Seeded, SimulatedProcess, run_as

KINDS = {
    "create": (
        *("unreachable", "429", "429 long", "rejected", "401", "403"),
        *("lost before", "lost after", "mistake after"),
    ),
    "job": ("fails",),
    "status": ("404", "500", "unreachable", "401"),
    "key": ("no",),
    "download": ("interrupted", "expired", "refused", "disk"),
    "deliver": ("refused", "unclear before", "unclear after"),
    "edit": ("unclear before", "unclear after"),
    "tell": ("away",),
    "disk": ("full",),
}
ENDED = (State.DELIVERED, State.UNDELIVERED, State.FAILED, State.UNKNOWN)
PEOPLE = (1001, 1002, 1003)
LIMITS = make_limits(videos=3, operator_month=Usd.parse("1.5"))
# Virtual seconds in which everything has to end once nothing fails any more.
QUIET = 1500.0
# Where a process dies or stops more often than chance would have it.
KILLED_AFTER = ("created", "posted", "posted")
STOPPED_AFTER = ("submitting", "delivering", "moment", "editing", "edited")
# Leases and looks for what is left lying, in the same proportions at half the speed and less: most
# of a run would be questions whether there is anything to do.
SLOWER: dict[str, Any] = {
    "LEASE": 2 * lives.LEASE,
    "RENEW_EVERY": 2 * lives.RENEW_EVERY,
    "LATE_EDITS_EVERY": 4 * lives.LATE_EDITS_EVERY,
}
# The part of runs in which processes share the database, and one may be stopped for a while.
SHARED = 0.4


class Numbered(TaskStore):
    """Ids by number instead of by chance: what is claimed first depends on them."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        super().__init__(database, clock=clock)
        self._numbers = itertools.count(1)

    async def reserve(self, new: NewTask, limits: Limits) -> Task:
        return await super().reserve(replace(new, id=f"t{next(self._numbers):07}"), limits)


class Simulation:
    """Everything that outlives a process, and the processes one after the other."""

    def __init__(self, seed: int, database: Database, folder: Path) -> None:
        self.rng = random.Random(seed)
        self.clock = VirtualClock()
        self.faults = Seeded(random.Random(self.rng.random()), KINDS)
        self.provider = FakeProvider(self.clock, self.faults, random.Random(self.rng.random()))
        self.messenger = FakeMessenger(self.clock, self.faults)
        self.messenger.is_gone = self.rng.random() < 0.5
        self.store = Numbered(database, clock=self.clock)
        self.moderation = ModerationStore(database, clock=self.clock)
        self.database = database
        self.folder = folder
        self.committed: list[str] = []
        self.is_shared = self.rng.random() < SHARED
        """Whether processes know each other by their leases, as with PostgreSQL."""
        self.stopped: list[SimulatedProcess] = []
        self._look_at = 0.0
        self.processes: list[asyncio.Task[None]] = []
        self.trace: list[Any] = []

    async def run(self) -> None:
        """Lives that die or stop, then one that does not; in its time nothing fails any more."""
        self._world = asyncio.all_tasks()
        for _ in range(self.rng.randrange(4)):
            await self._live(self.rng.choice((20, 60, 200, 200, 600)) + self.rng.randrange(60))
            # Nobody is there for a while, and somebody may set the clock.
            await self.clock.forward(self.rng.choice((0, 0, 5, 200, 4000)))
            if not self.is_shared:
                self.clock.off = timedelta(hours=self.rng.choice((0, 0, 0, -1, 1)))
        await self._last_life()
        self._check_end()

    # --- one process ---------------------------------------------------------------------

    async def _live(self, steps: int) -> None:
        """A process that dies somewhere, or stops and is taken for dead by the others."""
        simulated = self._mortal(steps)
        others = asyncio.all_tasks()
        self._begin(simulated)
        with suppress(AssertionError):
            await self.clock.until(lambda: simulated.is_over, within=self.rng.uniform(10, 600))
        if simulated.stopped.is_set():
            self.stopped.append(simulated)
        else:
            simulated.died.set()
            await self._bury(others)
        self._check()

    def _mortal(self, steps: int) -> SimulatedProcess:
        if self.is_shared and self.rng.random() < 0.5:
            return SimulatedProcess(
                steps, stops=True, after=self.rng.choice((None, *STOPPED_AFTER))
            )
        return SimulatedProcess(steps, after=self.rng.choice((None, None, *KILLED_AFTER)))

    async def _last_life(self) -> None:
        others = asyncio.all_tasks()
        main = self._begin(SimulatedProcess())
        await self.clock.forward(self.rng.uniform(0, 120))
        self.faults.is_quiet = True
        if main.done():
            # It ends by a failing disk only; anything else is a mistake.
            main.result()
            await self._bury(others)
            await self._last_life()
            return
        for simulated in self.stopped:
            simulated.go_on()
        await self.clock.until(self._has_ended, within=QUIET)
        await self._bury(self._world)
        self._check()

    def _begin(self, simulated: SimulatedProcess) -> asyncio.Task[None]:
        # Kept: nothing else refers to a process that waits.
        process = asyncio.create_task(self._process(simulated, f"run-{len(self.processes) + 1}"))
        self.processes.append(process)
        return process

    async def _bury(self, others: set[asyncio.Task[Any]]) -> None:
        """What is left of a process goes, and does nothing more on its way."""
        while left := asyncio.all_tasks() - others:
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _process(self, simulated: SimulatedProcess, owner: str) -> None:
        run_as(simulated)
        disk: Any = FaultyStore(self.store, self.faults, simulated)
        rules: Any = FaultyStore(self.moderation, self.faults, simulated)
        messenger = EditingMessenger(
            self.messenger, tasks=disk, clock=self.clock, rng=random.Random(self.rng.random())
        )
        with suppress(StorageError):
            async with AsyncExitStack() as stack:
                gate = ProviderCircuitBreaker(
                    key_works=self.provider.key_works,
                    tell_operator=messenger.tell_operator,
                    clock=self.clock,
                )
                worker = self._worker(owner, gate, disk, messenger)
                await stack.enter_async_context(worker)
                intake = self._intake(owner, gate, disk, rules, worker)
                await self._people(intake)
                await asyncio.Event().wait()
        simulated.died.set()

    def _worker(
        self, owner: str, gate: ProviderCircuitBreaker, disk: Any, messenger: EditingMessenger
    ) -> Worker:
        return Worker(
            owner=owner,
            tasks=disk,
            images=FakeFrames(self.folder / "frame.png"),
            provider=self.provider,
            messenger=messenger,
            breaker=gate,
            clock=self.clock,
            videos=self.folder / "videos",
            only_run=not self.is_shared,
            rng=random.Random(self.rng.random()),
        )

    def _intake(
        self, owner: str, gate: ProviderCircuitBreaker, disk: Any, rules: Any, worker: Worker
    ) -> Intake:
        frames: Any = None
        return Intake(
            tasks=disk,
            frames_kept=keeper(disk, self.clock, self.folder / "frame.png"),
            frames=frames,
            allowances=Allowances(tasks=disk, default=LIMITS, prices={"720P": COST}),
            house_rules=HouseRules(store=rules, model=WAN22_I2V_FLASH),
            breaker=gate,
            clock=self.clock,
            owner=owner,
            model=WAN22_I2V_FLASH,
            incoming=self.folder / "incoming",
            on_queued=worker.take,
        )

    async def _people(self, intake: Intake) -> None:
        for _ in range(self.rng.randint(1, 5)):
            await self.clock.sleep(self.rng.choice((0.0, 0.0, 0.0, 4.0)))
            with suppress(Refusal, StorageError):
                task = await intake.accept(self._submission())
                self.committed.append(task.id)

    def _submission(self) -> Submission:
        number = self.rng.getrandbits(30)
        return Submission(
            picture=make_frame(),
            options=make_options(seed=number),
            person=make_person(id=self.rng.choice(PEOPLE)),
            place=make_place(message_id=number),
            entry_point=EntryPoint.SLASH,
        )

    # --- what must hold -------------------------------------------------------------------

    def _tasks(self) -> Any:
        return at_once(self.store.listed(limit=1000))

    def _has_ended(self) -> bool:
        # A look costs as much as a step; ten virtual seconds more cost less than those.
        if self.clock.passed < self._look_at:
            return False
        self._look_at = self.clock.passed + 10
        # Somebody may be in the middle of saying so, or of removing the file.
        tasks = self._tasks()
        self._check_effects()
        is_over = all(task.state in ENDED and self._is_said(task) for task in tasks)
        return is_over and not at_once(self.database.read(self._late_edits))

    async def _late_edits(self, connection: AsyncConnection) -> int:
        """Messages that somebody still has to look at."""
        found = await connection.scalar(select(func.count()).select_from(late_edits))
        return found or 0

    def _is_said(self, task: Any) -> bool:
        return task.state is State.DELIVERED or bool(task.announced)

    def _check_effects(self) -> None:
        assert all(times <= 1 for times in self.provider.accepted.values()), "I1: created twice"
        assert all(len(found) <= 1 for found in self.messenger.results.values()), "I3: posted twice"

    def _check(self) -> None:
        self._check_effects()
        findings = at_once(self.database.read(consistency_findings))
        assert findings == [], "I4: holds do not agree with tasks"
        for person in PEOPLE:
            self._check_limits(person, LIMITS)
        self.trace.append((self.clock.passed, [(t.id, t.state) for t in self._tasks()]))

    def _check_limits(self, person: int, limits: Limits) -> None:
        use = at_once(self.store.use(person, 2001, limits))
        assert use.used + use.held <= limits.videos, "I4: more videos than allowed"
        assert use.in_flight - use.unclear <= limits.concurrent, "I4: more at once than allowed"
        assert limits.operator_month is not None
        assert use.operator.counted <= limits.operator_month, "I4: over the budget"

    def _check_end(self) -> None:
        tasks = {task.id: task for task in self._tasks()}
        self._check_money(tasks.values())
        assert set(self.committed) <= set(tasks), "I2: a committed task is gone"
        for task in tasks.values():
            shown = self.messenger.results.get(task.id, set())
            if task.state is State.DELIVERED:
                assert {one.message_id for one in shown} == {task.result_message_id}, "I3"
                is_own = task.result_message_id == task.place.message_id
                assert not is_own or self.messenger.shows[task.id] == "result", "I3: not shown"
                assert task.cost == COST, "I4: settled with another sum than was charged"
            elif not self.messenger.is_gone:
                assert self.messenger.shows[task.id] == "end", "I3: its message says otherwise"
            posts = self.provider.accepted[task.options.seed]
            assert posts or task.state in (State.FAILED, State.UNKNOWN), "I1: nothing was created"

    def _check_money(self, tasks: Iterable[Task]) -> None:
        """What is settled is what the provider took, but for tasks of which nobody knows."""
        charged = {job.seed for job in self.provider.jobs.values() if not job.fails}
        known = [task for task in tasks if task.state is not State.UNKNOWN]
        due = sum(COST.micros for task in known if task.options.seed in charged)
        use = at_once(self.store.use(PEOPLE[0], 2001, LIMITS))
        assert use.operator.settled.micros == due, "I4: settled is not what was charged"


async def simulate(seed: int, database: Database, folder: Path) -> list[Any]:
    """One run with an empty database; what happened in it.

    Raises:
        AssertionError: an invariant did not hold, or something never ended.
    """
    asyncio.get_running_loop().set_default_executor(Inline(1))
    simulation = Simulation(seed, database, folder)
    with patch.multiple(lives, **SLOWER):
        await simulation.run()
        await settle()
    return simulation.trace


def one_run(seed: int, reused: ReusedDatabase) -> list[Any]:
    """A run with files of its own, which are gone afterwards; what happened in it.

    Raises:
        AssertionError: an invariant did not hold, or something never ended.
    """
    with TemporaryDirectory(dir=reused.folder) as folder:
        (Path(folder) / "videos").mkdir()
        return reused.run(lambda database: simulate(seed, database, Path(folder)))
