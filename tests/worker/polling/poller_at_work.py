"""A running poller with the real store, and one fake for everything else."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from bot.clock import Clock
from bot.concurrency import in_background
from bot.domain.task import Task
from bot.storage.tasks.tasks import TaskStore
from bot.worker.polling.poll_entry import MOST_WHOLE
from bot.worker.polling.poller import Poller
from bot.worker.worker_deps import WorkerDeps
from tests.factories import make_providers


@asynccontextmanager
async def polling(
    world: Any,
    *,
    store: TaskStore,
    clock: Clock,
    on_rendered: Callable[[Task], None],
    most_whole: int = MOST_WHOLE,
) -> AsyncIterator[Poller]:
    """Run a poller; ``world`` is its provider, messenger, circuit breaker and outcome notifier."""
    deps = WorkerDeps(
        tasks=store,
        providers=make_providers(world, world),
        messenger=world,
        clock=clock,
        rng=random.Random(1),
    )
    poller = Poller(deps, notifier=world, on_rendered=on_rendered, most_whole=most_whole)
    async with in_background(poller.run()):
        yield poller
    await poller.stop()
