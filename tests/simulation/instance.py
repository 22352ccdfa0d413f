"""A process of the bot in the simulation: a gateway that accepts commands, a worker, or both."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, cast

from bot.clock import Clock
from bot.concurrency import first_of
from bot.domain.provider.job import Job
from bot.domain.provider.provider_status import FIRST_PROBE_AFTER, UNCLEAR_IN_A_ROW
from bot.domain.submission import Submission
from bot.domain.task import Request, Task
from bot.errors import InteractionTaken, ProviderError, Refusal, StorageError
from bot.roles import Role
from bot.services.intake.intake import Intake
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from bot.worker.provider_registry import ProviderAccess, ProviderRegistry
from bot.worker.worker import Worker
from tests.factories import VARIABLES
from tests.services.intake.intake_fixture import make_intake
from tests.simulation.channel import EditingMessenger
from tests.simulation.disk import FakeFrames, FaultyStore
from tests.simulation.fake_world import FakeProvider, SimulatedProcess, context_of
from tests.simulation.world import LIMITS, MODELS, PRICES, World

# The chance that another copy of the bot receives the same interaction.
TWICE = 0.3
# The chance that a person sends more commands at the same time, and how many.
AT_ONCE, MORE = 0.2, 3
# The chance that a worker receives a signal; it also looks for tasks now and then.
HEARD = 0.5
# Seconds until a third lost create call is recorded and the calls that had begun before are sent.
UNTIL_CLOSED = 12.0


class Instance:
    """A process of the bot, which works until its simulated process ends."""

    def __init__(self, world: World, life: SimulatedProcess, role: Role, *, owner: str) -> None:
        self.life = life
        self.role = role
        self.owner = owner
        self.has_people = role.connects
        """Whether more people may still come."""
        self._world = world
        self._intake: Intake | None = None
        self._worker: Worker | None = None
        self._context = context_of(life)
        self._others: list[Instance] = []

    def begin(self, others: list["Instance"]) -> None:
        """Start working; ``others`` are all processes that were ever started."""
        self._others = others
        self.main = self._start(self._run())

    def _start(self, work: Any) -> asyncio.Task[None]:
        return asyncio.create_task(work, context=self._context)

    async def terminate(self) -> None:
        """Send SIGTERM, and wait until the process has ended or is stopped or killed."""
        self.main.cancel()
        await first_of(self.life.over.wait(), asyncio.wait([self.main]))

    async def _run(self) -> None:
        world = self._world
        disk: Any = FaultyStore(world.store, world.faults, self.life)
        messenger = EditingMessenger(
            world.messenger, tasks=disk, clock=world.clock, rng=world.chance()
        )
        with suppress(StorageError):
            async with AsyncExitStack() as stack:
                stack.push_async_callback(messenger.aclose)
                providers = self._new_providers(messenger)
                worker = self._new_worker(providers, disk, messenger)
                if self.role.works:
                    self._worker = await stack.enter_async_context(worker)
                if self.role.connects:
                    self._intake = self._new_intake(providers, disk, worker.take)
                    stack.push_async_callback(self._intake.close)
                    await self._people()
                await asyncio.Event().wait()
        self.life.die()

    def _new_providers(self, messenger: EditingMessenger) -> ProviderRegistry:
        world = self._world
        access = {
            name: ProviderAccess(
                client=cast("Any", WatchedProvider(provider, world, self.life)),
                breaker=self._new_breaker(name, messenger),
            )
            for name, provider in world.providers.items()
        }
        return ProviderRegistry(access, models=MODELS)

    def _new_breaker(self, name: str, messenger: EditingMessenger) -> ProviderCircuitBreaker:
        standings: Any = FaultyStore(self._world.standings[name], self._world.faults, self.life)
        return ProviderCircuitBreaker(
            key_works=self._world.providers[name].key_works,
            tell_operator=messenger.tell_operator,
            variables=VARIABLES,
            clock=self._world.clock,
            status_store=standings if self._world.is_shared else None,
        )

    def _new_worker(
        self, providers: ProviderRegistry, disk: Any, messenger: EditingMessenger
    ) -> Worker:
        world = self._world
        return Worker(
            owner=self.owner,
            tasks=disk,
            images=FakeFrames(world.folder / "frame.png"),
            providers=providers,
            messenger=messenger,
            clock=world.clock,
            videos=world.folder / "videos",
            only_run=not world.is_shared,
            rng=world.chance(),
            prices=PRICES,
        )

    def _new_intake(
        self, providers: ProviderRegistry, disk: Any, take: Callable[[Task], None]
    ) -> Intake:
        world = self._world
        rules: Any = FaultyStore(world.moderation, world.faults, self.life)
        return make_intake(
            disk,
            rules,
            choices=None,  # everybody animates their own pictures
            providers=providers,
            clock=world.clock,
            folder=world.folder,
            limits=LIMITS,
            prices=PRICES,
            owner=self.owner if self.role.works else None,
            models=MODELS,
            on_queued=take if self.role.works else self._leave_to_others,
        )

    def _leave_to_others(self, task: Task) -> None:
        """Notify the workers, as the database does for those that are listening."""
        for other in self._others:
            if other._worker is not None and self._world.rng.random() < HEARD:
                other._worker.wake()

    async def _people(self) -> None:
        rng = self._world.rng
        for _ in range(rng.randint(1, 5)):
            await self._world.clock.sleep(rng.choice((0.0, 0.0, 0.0, 4.0, 20.0)))
            submission = self._world.submission()
            if rng.random() < TWICE:
                self._accept_in_any(submission)
            if rng.random() < AT_ONCE:
                for _ in range(MORE):
                    self._accept_in_any(self._world.submission(submission.person.id))
            await self._accept(submission)
        self.has_people = False

    def _accept_in_any(self, submission: Submission) -> None:
        """Have a process that connects to Discord accept this, at the same time as others."""
        copies = [one for one in self._others if one._intake and not one.life.died.is_set()]
        copy = self._world.rng.choice(copies)
        copy._start(copy._accept(submission))

    async def _accept(self, submission: Submission) -> None:
        assert self._intake is not None
        with suppress(Refusal, StorageError, InteractionTaken):
            self._world.committed.append((await self._intake.accept(submission)).id)


class WatchedProvider:
    """A process's view of the provider; records requests that are sent after several lost ones."""

    def __init__(self, provider: FakeProvider, world: World, life: SimulatedProcess) -> None:
        self._provider = provider
        self._world = world
        self._clock: Clock = world.clock
        self._life = life
        self._lost = 0
        self._clear = 0
        self._closed_at = 0.0
        self.status = provider.status
        self.failure_reason = provider.failure_reason
        self.key_works = provider.key_works
        self.download = provider.download

    async def create(self, request: Request, picture: Path) -> Job:
        self._look()
        try:
            return await self._provider.create(request, picture)
        except ProviderError as error:
            if error.created.value == "unknown":
                self._count()
            raise
        except Exception:
            self._count()
            raise

    def _count(self) -> None:
        if self._provider.clear_answers != self._clear:
            self._lost, self._clear = 0, self._provider.clear_answers
        self._lost += 1
        self._closed_at = self._clock.monotonic()

    def _look(self) -> None:
        is_clear = self._provider.clear_answers != self._clear
        if is_clear or self._lost < UNCLEAR_IN_A_ROW or self._life.has_stopped:
            return
        since = self._clock.monotonic() - self._closed_at
        probe = FIRST_PROBE_AFTER.total_seconds() - UNTIL_CLOSED
        if UNTIL_CLOSED < since < probe:
            self._world.sent_in_spite.append(self._clock.monotonic())
        elif since >= probe:
            self._closed_at = self._clock.monotonic()
