"""A run of the simulation: people, processes, faults and invariants."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from bot.concurrency import first_of
from bot.roles import Role
from bot.worker import worker as lives
from tests.clock import Inline, settle
from tests.simulation.disk import ImmediateDatabase, ReusedDatabase
from tests.simulation.fake_world import SimulatedProcess, begun
from tests.simulation.instance import Instance
from tests.simulation.invariants import Invariants
from tests.simulation.world import World

# Virtual seconds within which everything must end once nothing fails any more.
QUIET = 1500.0
# Virtual seconds for everything before.
LOUD = 40_000.0
# The sets of roles that share a database.
LINES: Sequence[Sequence[Role]] = (
    [Role.ALL],
    [Role.ALL, Role.ALL],
    [Role.GATEWAY, Role.WORKER],
    [Role.GATEWAY, Role.GATEWAY, Role.WORKER],
)
# Steps after which processes die or stop more often than at random.
KILLED_AFTER = ("created", "posted", "posted", "posted", "posted", "editing")
STOPPED_AFTER = (
    *("submitting", "submitting", "moment", "moment", "editing"),
    *("delivering", "delivering", "delivering", "edited", "edited"),
)
# How many processes of a role die or stop, one after another.
LIVES = {"alone": (0, 1, 2, 3), "shared": (0, 1, 2, 2)}
# The share of processes that are stopped instead of killed while others go on.
STOPPED = 0.8
# The share of the other processes that are asked to end by SIGTERM.
ASKED_TO_END = 0.3
ENDS_WITHIN = 20.0
# Leases and searches for abandoned work, all at a quarter of the usual rate. At the usual rate,
# most of a run would be queries that find nothing to do.
SLOWER: dict[str, Any] = {
    "LEASE": 4 * lives.LEASE,
    "RENEW_EVERY": 4 * lives.RENEW_EVERY,
    "LATE_EDITS_EVERY": 4 * lives.LATE_EDITS_EVERY,
}


class Simulation:
    """The processes of a run, one after another and side by side."""

    def __init__(self, seed: int, database: ImmediateDatabase, folder: Path) -> None:
        self._world = World(seed, database, folder)
        self._rng = self._world.rng
        self._clock = self._world.clock
        self._must_hold = Invariants(self._world)
        self._processes: list[Instance] = []
        self._stopped: list[SimulatedProcess] = []
        self.trace: list[Any] = []

    async def run(self) -> None:
        """Run processes that die or stop, then some that do not, while nothing fails any more."""
        shared = self._world.is_shared
        roles = self._rng.choice(LINES) if shared else [Role.ALL]
        lines = [asyncio.create_task(self._line(role)) for role in roles]
        await self._clock.until(lambda: all(line.done() for line in lines), within=LOUD)
        for line in lines:
            line.result()
        await self._last_lives(roles)
        self._must_hold.check_end()

    async def _line(self, role: Role) -> None:
        """Run processes of one role; each begins when the one before is gone or seems to be."""
        lives = LIVES["shared" if self._world.is_shared else "alone"]
        for _ in range(self._rng.choice(lives)):
            process = self._begin(role, self._mortal())
            await self._until_over(process, within=self._rng.uniform(10, 600))
            await self._end(process)
            self._check()
            # There is no process for a while, and somebody may set the clock.
            await self._clock.sleep(self._rng.choice((0, 0, 5, 200, 4000)))
            if not self._world.is_shared:
                self._clock.off = timedelta(hours=self._rng.choice((0, 0, 0, -1, 1)))

    def _mortal(self) -> SimulatedProcess:
        if self._world.is_shared and self._rng.random() < STOPPED:
            steps = self._rng.choice((60, 600, 600, 600)) + self._rng.randrange(60)
            return SimulatedProcess(steps, stops=True, after=self._rng.choice(STOPPED_AFTER))
        steps = self._rng.choice((20, 60, 200, 200, 600)) + self._rng.randrange(60)
        return SimulatedProcess(steps, after=self._rng.choice((None, None, *KILLED_AFTER)))

    async def _until_over(self, process: Instance, *, within: float) -> None:
        """Wait until the process is killed or stopped, time is up, or nothing is left to do."""
        end = self._clock.passed + within
        over = process.life.over
        while not over.is_set() and self._clock.passed < end:
            if not process.has_people and self._must_hold.has_ended():
                break
            await first_of(over.wait(), self._clock.sleep(10))

    async def _end(self, process: Instance) -> None:
        """End a process. The others take a stopped one for dead; of any other, nothing is left."""
        if not process.life.over.is_set() and self._rng.random() < ASKED_TO_END:
            began = self._clock.passed
            await process.terminate()
            assert self._clock.passed - began <= ENDS_WITHIN, "the process does not end"
        if process.life.stopped.is_set():
            self._stopped.append(process.life)
        else:
            await process.life.bury()

    async def _last_lives(self, roles: Sequence[Role]) -> None:
        last = [self._begin(role, SimulatedProcess()) for role in dict.fromkeys(roles)]
        await self._clock.forward(self._rng.uniform(0, 120))
        self._world.be_quiet()
        for life in self._stopped:
            life.go_on()
        await self._clock.forward(0)
        for process in last:
            # Only a failing disk may end a process here; anything else is a bug.
            if process.main.done():
                process.main.result()
                self._begin(process.role, SimulatedProcess())
        await self._clock.until(self._must_hold.has_ended, within=QUIET)
        self._check()

    async def end(self) -> None:
        """Cancel every task, so that nothing is left for the next run."""
        for process in self._processes:
            process.life.die()
        # Nobody moves the clock any more, so tasks that wait for it in a `finally` are canceled
        # again.
        while left := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in left:
                task.cancel()
            await settle()

    def _begin(self, role: Role, life: SimulatedProcess) -> Instance:
        process = Instance(self._world, life, role, owner=f"run-{len(self._processes) + 1}")
        self._processes.append(process)
        process.begin(self._processes)
        return process

    def _check(self) -> None:
        found = self._must_hold.check()
        self.trace.append((self._clock.passed, [(task.id, task.state) for task in found]))


async def simulate(seed: int, database: ImmediateDatabase, folder: Path) -> list[Any]:
    """Run the simulation with an empty database, and return its trace.

    Raises:
        AssertionError: An invariant did not hold, or something never ended.
    """
    loop: Any = asyncio.get_running_loop()
    loop.set_default_executor(Inline(1))
    loop.set_task_factory(begun)
    simulation = Simulation(seed, database, folder)
    with patch.multiple(lives, **SLOWER):
        try:
            await simulation.run()
        finally:
            await simulation.end()
    return simulation.trace


def one_run(seed: int, reused: ReusedDatabase) -> list[Any]:
    """Run the simulation with temporary files, and return its trace.

    Raises:
        AssertionError: An invariant did not hold, or something never ended.
    """
    with TemporaryDirectory(dir=reused.folder) as folder:
        (Path(folder) / "videos").mkdir()
        return reused.run(lambda database: simulate(seed, database, Path(folder)))
