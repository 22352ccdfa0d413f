"""The health port, with the bot's readiness and metrics."""

import asyncio
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from functools import partial

from bot.app.connection import Connection
from bot.app.persistence import Persistence
from bot.app.pipeline import Pipeline
from bot.domain.task import State
from bot.errors import StorageError
from bot.ops.health import open_health
from bot.ops.metrics import Metrics, Stock
from bot.roles import Role
from bot.settings.settings import Settings

# Shorter than the timeout of any usual probe of `/readyz`, which is 1 s at the least.
_READY_SECONDS = 0.7
_DETAILS_SECONDS = 0.2


def open_health_port(
    settings: Settings,
    port: int,
    *,
    store: Persistence,
    connection: Connection,
    pipeline: Pipeline,
    role: Role,
    metrics: Metrics,
) -> AbstractAsyncContextManager[int]:
    """Serve /healthz, /readyz and /metrics on ``HEALTH_HOST`` within the block."""

    async def ready() -> dict[str, bool]:
        return {
            **({"discord": connection.client.is_connected} if role.connects else {}),
            **({"worker": pipeline.worker.is_alive} if role.works else {}),
            "database": await _is_quick(store.is_writable()),
        }

    async def details() -> dict[str, object]:
        return {
            "paused": await _is_quick(_is_paused(store), seconds=_DETAILS_SECONDS),
            "providers": pipeline.providers.accepting(settings.offered_accounts),
        }

    counted = partial(_counted, metrics, settings, store)
    return open_health(
        host=settings.health_host, port=port, metrics=counted, ready=ready, details=details
    )


async def _counted(metrics: Metrics, settings: Settings, store: Persistence) -> bytes:
    """The text of `/metrics`.

    Raises:
        StorageError: the database cannot be read.
    """
    now = store.clock.now()
    oldest = await store.tasks.oldest(State.QUEUED)
    use = await store.tasks.use(0, None, settings.limits())
    unclear = await store.tasks.unclear()
    stock = Stock(
        states=await store.tasks.counts(),
        oldest_queued_seconds=(now - (oldest or now)).total_seconds(),
        spent=use.operator_spend.counted,
        budget=settings.budget_usd_month,
        is_paused=(await store.pause.read()).is_on,
        unclear_held=unclear.held,
        unclear_oldest_seconds=(now - (unclear.since or now)).total_seconds(),
    )
    return metrics.show(stock)


async def _is_paused(store: Persistence) -> bool:
    try:
        return (await store.pause.read()).is_on
    except StorageError:
        # Whether the database can be read, `ready` says.
        return False


async def _is_quick(answer: Awaitable[bool], *, seconds: float = _READY_SECONDS) -> bool:
    """Whether the answer is yes and comes before a probe would time out."""
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError:
        return False
