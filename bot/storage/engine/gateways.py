"""Records which processes of this database are connected to Discord, and whether copies of the bot
run on other databases: two that receive the same command would both answer it.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.concurrency import in_background
from bot.errors import GatewayInUse, StorageError
from bot.roles import Shards
from bot.storage.engine.database import Database
from bot.storage.engine.postgres import serialize_gateways, server_time
from bot.storage.engine.upsert import upsert
from bot.storage.tables import gateways, second_copies

log = logging.getLogger(__name__)

# As long as a worker's lease. After this, the other processes take a killed one for gone.
LEASE = timedelta(seconds=20)
RENEW_EVERY = 5.0
PATIENCE = timedelta(seconds=30)
"""How long a start waits for another process's lease to end before it gives up."""
_LOOK_EVERY = 1.0
_ALREADY = (
    "another flipbook run is connected to Discord through this database for the same servers, so "
    "both would answer each command. Stop the other one, or divide the servers between them with "
    "--shards"
)


class GatewayTable:
    """Leases of shards; if two processes want the same shard, the first one has it."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @asynccontextmanager
    async def held(self, shards: Shards | None) -> AsyncIterator[None]:
        """Hold the lease of ``shards`` (``None``: all of them) while the block runs.

        If the process was stopped for longer than its lease and another one has taken the shards,
        the block is canceled.

        Raises:
            GatewayInUse: another process has some of the shards, at the beginning or later.
        """
        owner = secrets.token_hex(6)
        await self._take(owner, shards)
        is_lost = asyncio.Event()
        body = asyncio.current_task()
        try:
            async with in_background(self._keep(owner, shards, is_lost, body)):
                yield
        except asyncio.CancelledError:
            if is_lost.is_set():
                raise GatewayInUse(_ALREADY) from None
            raise
        finally:
            with suppress(StorageError):
                await self._database.write(lambda on: _release(on, owner))

    async def _take(self, owner: str, shards: Shards | None) -> None:
        until = self._clock.now() + PATIENCE
        is_logged = False
        while not await self._renewed(owner, shards):
            if self._clock.now() >= until:
                raise GatewayInUse(_ALREADY)
            if not is_logged:
                log.warning(
                    "another process is connected to Discord for the same servers: "
                    "waiting up to %d s for it to end",
                    PATIENCE.total_seconds(),
                )
                is_logged = True
            await self._clock.sleep(_LOOK_EVERY)

    async def _keep(
        self,
        owner: str,
        shards: Shards | None,
        is_lost: asyncio.Event,
        body: asyncio.Task[None] | None,
    ) -> None:
        while True:
            await self._clock.sleep(RENEW_EVERY)
            try:
                if await self._renewed(owner, shards):
                    continue
            except StorageError as error:
                # While the database is unreachable, no other process can take them either.
                log.warning("the gateway's lease could not be renewed: %s", error)
                continue
            log.error("another process has taken over the gateway, so this one ends")
            is_lost.set()
            if body is not None:
                body.cancel()
            return

    async def _renewed(self, owner: str, shards: Shards | None) -> bool:
        now = self._clock.now()
        return await self._database.write(lambda on: _renew(on, owner, shards, now))


async def _renew(
    connection: AsyncConnection, owner: str, shards: Shards | None, now: datetime
) -> bool:
    """Renew the lease, unless another process has one of the shards.

    All processes use the database server's clock, because the clocks of two machines differ.
    """
    await serialize_gateways(connection)
    now = await server_time(connection) or now
    await connection.execute(delete(gateways).where(gateways.c.lease_until <= now))
    others = await connection.execute(select(gateways).where(gateways.c.owner != owner))
    if any(_overlap(shards, other.shard_ids, other.shard_count) for other in others):
        return False
    row = {**_stored(shards), "lease_until": now + LEASE}
    changed = await connection.execute(
        update(gateways).where(gateways.c.owner == owner).values(row)
    )
    if changed.rowcount == 0:
        await connection.execute(insert(gateways).values(owner=owner, **row))
    return True


def _stored(shards: Shards | None) -> dict[str, Any]:
    if shards is None:
        return {"shard_ids": None, "shard_count": None}
    return {"shard_ids": frozenset(shards.ids), "shard_count": shards.count}


def _overlap(mine: Shards | None, ids: frozenset[int] | None, count: int | None) -> bool:
    """Whether a server can be in both; with different numbers of shards, any server can."""
    if mine is None or ids is None or mine.count != count:
        return True
    return not ids.isdisjoint(mine.ids)


async def _release(connection: AsyncConnection, owner: str) -> None:
    await connection.execute(delete(gateways).where(gateways.c.owner == owner))


class SecondCopyTable:
    """Remembers when a copy of the bot on another database was last noticed."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def note(self) -> None:
        """Record that one was noticed now."""
        now = self._clock.now()
        await self._database.write(
            lambda on: upsert(on, second_copies, {"id": 1}, {"seen_at": now})
        )


async def second_copy_seen_at(connection: AsyncConnection) -> datetime | None:
    """When a copy of the bot on another database was last noticed; ``None``: never."""
    seen_at: datetime | None = (await connection.execute(select(second_copies.c.seen_at))).scalar()
    return seen_at
