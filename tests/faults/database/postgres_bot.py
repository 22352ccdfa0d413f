"""A bot that runs on PostgreSQL, with the same queries as `BotProcess` offers for SQLite."""

import asyncio
import itertools
import re
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import asyncpg

from bot.storage.engine.engines import Engines
from bot.storage.engine.postgres import postgres_engines
from tests.flows.harness import BotProcess
from tests.postgres import Cluster

T = TypeVar("T")
_GONE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)


class PostgresBot(BotProcess):
    """A `BotProcess` with a PostgreSQL database of its own."""

    def use(self, cluster: Cluster, database: str) -> None:
        """Choose the database, before the bot is started."""
        self._url = cluster.url(database)
        self.settings["DATABASE_URL"] = self._url
        self._reader = Reader(self._url)

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Query the database; returns no rows while it is away."""
        return self._reader.rows(query, *values)

    def engines(self) -> Engines:
        """Open engines on the database, which the caller disposes of."""
        return postgres_engines(self._url)

    async def close(self) -> None:
        """Clean up after a test, whatever state the bot is in."""
        await super().close()
        self._reader.close()


class Reader:
    """A database connection for synchronous callers, which a thread serves."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._connection: asyncpg.Connection | None = None

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Run a query with ``?`` for each value; returns no rows while the database is away."""
        number = itertools.count(1)
        numbered = re.sub(r"\?", lambda _: f"${next(number)}", query)
        return self._do(self._rows(numbered, values))

    def close(self) -> None:
        """Close the connection, and end the thread."""
        self._do(self._disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _rows(self, query: str, values: tuple[object, ...]) -> list[dict[str, Any]]:
        try:
            if self._connection is None or self._connection.is_closed():
                self._connection = await asyncpg.connect(self._url, timeout=5)
            return [dict(row) for row in await self._connection.fetch(query, *values)]
        except _GONE:
            return []

    async def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
