"""Dependencies that the parts of the worker share."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from bot.clock import Clock
from bot.services.metrics_sink import MetricsSink
from bot.services.ports import Messenger
from bot.storage.tasks.tasks import TaskStore
from bot.worker.provider_registry import ProviderRegistry
from bot.worker.supervisor import persist

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerDeps:
    """Dependencies of submitter, poller, deliverer and outcome notifier."""

    tasks: TaskStore
    providers: ProviderRegistry
    messenger: Messenger
    clock: Clock
    rng: random.Random = field(default_factory=random.Random)
    metrics: MetricsSink = field(default_factory=MetricsSink)

    async def persist(self, write: Callable[[], Awaitable[T]], *, task_id: str) -> T:
        """Repeat a write until it succeeds: see :func:`bot.worker.supervisor.persist`."""
        return await persist(write, task_id=task_id, clock=self.clock)
