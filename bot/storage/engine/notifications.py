"""Notifications between the processes of a PostgreSQL database; with SQLite there is only one."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.concurrency import BackgroundTasks, first_of, in_background
from bot.errors import StorageError
from bot.storage.engine.database import Database
from bot.storage.engine.postgres import is_postgres, serialize_logins
from bot.storage.engine.postgres_address import connect, parse_address

log = logging.getLogger(__name__)

_CHANNEL = "flipbook_work"
_CONNECT_AGAIN_SECONDS = 5.0
# Discord allows one IDENTIFY in 5 s for each of its buckets; the rest is for network delays.
_IDENTIFY_SECONDS = 5.5


async def tell_workers(connection: AsyncConnection) -> None:
    """Notify workers, once this transaction commits, that there is a task without an owner."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"NOTIFY {_CHANNEL}"))


@asynccontextmanager
async def listening(url: str, wake: Callable[[], None]) -> AsyncIterator[None]:
    """Call ``wake`` whenever there is a task without an owner, while the block runs.

    A notification is lost if the connection breaks, so listeners must also check regularly.
    """
    if not is_postgres(url):
        yield
        return
    async with in_background(_listen(url, wake)):
        yield


async def _listen(url: str, wake: Callable[[], None]) -> None:
    import asyncpg

    address = parse_address(url)
    while True:
        try:
            connection = await connect(address)
        except (OSError, StorageError) as error:
            log.info("notifications of new work are interrupted: %s", error)
            await asyncio.sleep(_CONNECT_AGAIN_SECONDS)
            continue
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _, lost=lost: lost.set())
        try:
            await connection.add_listener(_CHANNEL, lambda *_: wake())
            # Notifications before this moment were missed.
            wake()
            await lost.wait()
        finally:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError):
                await connection.close(timeout=2)


class IdentifyTurns:
    """Limits all processes of a bot together to one IDENTIFY in 5 s, as Discord requires."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held = BackgroundTasks()

    async def take(self, bucket: int) -> None:
        """Wait for a turn in ``bucket`` (shard number modulo Discord's `max_concurrency`)."""
        mine = asyncio.Event()

        async def hold(connection: AsyncConnection) -> None:
            await serialize_logins(connection, bucket)
            mine.set()
            await asyncio.sleep(_IDENTIFY_SECONDS)

        turn = self._held.start(self._database.apart(hold))
        turn.add_done_callback(_say_early)
        await first_of(mine.wait(), asyncio.wait([turn]))
        if turn.done():
            turn.result()


def _say_early(turn: asyncio.Task[None]) -> None:
    # An error before the turn reached its waiter; after it, others may log in too soon.
    if not turn.cancelled() and (error := turn.exception()) is not None:
        log.info("a turn to log in to Discord ended early: %s", error)
