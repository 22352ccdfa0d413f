"""A store, a provider and a channel with scripted faults, and the workers that use them."""

import random
from pathlib import Path
from typing import Any

from bot.domain.models.model import WAN22_I2V_FLASH, Model
from bot.domain.task import Task
from bot.services.metrics_sink import MetricsSink
from bot.storage.provider.pause import PauseTable
from bot.storage.provider.status import ProviderStatusTable
from bot.storage.tasks.tasks import TaskStore
from bot.video.labeler import VideoLabeler
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from bot.worker.deliverer import Withholds
from bot.worker.worker import Worker
from tests.clock import VirtualClock
from tests.factories import VARIABLES, make_providers
from tests.simulation.channel import FakeMessenger
from tests.simulation.disk import FakeFrames, FaultyStore, at_once
from tests.simulation.fake_world import FakeProvider, Script, SimulatedProcess


class ScriptedSite:
    """What the workers of one installation share."""

    def __init__(
        self,
        folder: Path,
        store: TaskStore,
        clock: VirtualClock,
        script: Script,
        *,
        status_store: ProviderStatusTable | None = None,
        pause_table: PauseTable | None = None,
        model: Model = WAN22_I2V_FLASH,
    ) -> None:
        """``status_store`` is needed if several workers share the provider's status,
        ``pause_table`` if the operator pauses.
        """
        self.clock = clock
        self.store = store
        self.provider = FakeProvider(clock, script, random.Random(1))
        self.messenger = FakeMessenger(clock, script)
        self.videos = folder / "videos"
        self._folder = folder
        self._script = script
        self._status_store = status_store
        self._pause_table = pause_table
        self._model = model

    def new_breaker(self) -> ProviderCircuitBreaker:
        """Return the circuit breaker of another process."""
        return ProviderCircuitBreaker(
            key_works=self.provider.key_works,
            tell_operator=self.messenger.tell_operator,
            variables=VARIABLES,
            clock=self.clock,
            status_store=self._disk(self._status_store) if self._status_store else None,
            pause_table=self._pause_table,
        )

    def new_worker(
        self,
        owner: str = "run-test",
        *,
        breaker: ProviderCircuitBreaker | None = None,
        labeler: VideoLabeler | None = None,
        metrics: MetricsSink | None = None,
        withholds: Withholds | None = None,
    ) -> Worker:
        """Return another worker."""
        return Worker(
            owner=owner,
            tasks=self._disk(self.store),
            images=FakeFrames(self._folder / "frame.png"),
            providers=make_providers(
                breaker or self.new_breaker(), self.provider, model=self._model
            ),
            messenger=self.messenger,
            clock=self.clock,
            videos=self.videos,
            rng=random.Random(1),
            labeler=labeler,
            metrics=metrics,
            withholds=withholds,
        )

    def stored(self, task_id: str) -> Task:
        """Read a task from the store."""
        task = at_once(self.store.get(task_id))
        assert isinstance(task, Task)
        return task

    def _disk(self, store: object) -> Any:
        return FaultyStore(store, self._script, SimulatedProcess())
