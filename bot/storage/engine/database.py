"""An open database. Its transactions run to their end, whatever happens to their callers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.concurrency import BackgroundTasks
from bot.errors import DatabaseUnusable, StorageError
from bot.storage import schema
from bot.storage.engine import postgres
from bot.storage.engine.engines import (
    BUSY_SECONDS,
    Engines,
    check_sqlite_pages,
    empty_wal,
    sqlite_engines,
    sqlite_path,
    try_sqlite_file,
)
from bot.storage.engine.lock import exclusive_lock
from bot.storage.engine.postgres_address import check_pooling, parse_address

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]
"""Code that runs within one transaction. It must not begin another one. It may run twice: if two
transactions collide, one is rolled back and repeated."""

_TIMES = 5


class Database:
    """Transactions on an open database; :func:`open_database` makes one.

    A transaction that has begun runs to its end even if its caller is canceled, so that none is
    left half open and no lock stays taken. The caller still sees the cancellation at once.
    """

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        # SQLite has one writer; a second BEGIN IMMEDIATE would only block in the driver.
        self._turn = asyncio.Lock() if engines.one_writer else None
        self._jobs = BackgroundTasks()
        self._closed = False

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction, and commit it.

        With SQLite, nothing else writes meanwhile. With PostgreSQL, others do, so ``work`` itself
        must lock what may not change between its reads and writes.

        An exception from ``work`` rolls everything back and reaches the caller.

        Raises:
            StorageError: the database is closed or damaged, the disk is full, or another process
                has held a lock for too long.
        """
        if self._turn is not None:
            await self._turn.acquire()
        return await self._finish(self._written(work))

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` on a snapshot of the database, beside the writer; it cannot write.

        Raises:
            StorageError: the database is damaged or closed.
        """
        return await self._finish(self._transact(self._engines.reader, work))

    async def is_writable(self) -> bool:
        """Whether the database can be written now; with SQLite, this waits for other writers."""
        try:
            await self.write(_nothing)
        except StorageError:
            return False
        return True

    async def apart(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction that may hold a lock for long without blocking others.

        It is canceled with its caller. SQLite does not need such locks: there it is a read-only
        transaction.

        Raises:
            StorageError: as for ``read``.
        """
        return await self._transact(self._engines.reader, work)

    async def compact(self) -> None:
        """Remove overwritten data from SQLite's write-ahead log, unless a reader needs it."""
        url = self._engines.writer.url
        if self._engines.one_writer and url.database:
            await asyncio.to_thread(empty_wal, Path(url.database))

    async def close(self) -> None:
        """Wait for the transactions that have begun, then close all connections."""
        self._closed = True
        await self._jobs.wait()
        await self._engines.dispose()

    async def _written(self, work: Work[T]) -> T:
        try:
            return await self._transact(self._engines.writer, work)
        finally:
            if self._turn is not None:
                self._turn.release()

    async def _transact(self, engine: AsyncEngine, work: Work[T]) -> T:
        if self._closed:
            raise StorageError("the database is closed")
        for left in reversed(range(_TIMES)):
            is_committing = False
            try:
                async with engine.begin() as connection:
                    result = await work(connection)
                    is_committing = True
                return result
            except DBAPIError as error:
                if not (left and postgres.can_try_again(error, is_committing=is_committing)):
                    raise _in_words(error) from error
            except PoolTimeout as error:
                raise StorageError("too many readers are waiting for the database") from error
            except OSError as error:
                raise StorageError(f"the database does not answer: {error}") from error
        raise StorageError("the transaction collided with others too often")

    async def _finish(self, transaction: Coroutine[Any, Any, T]) -> T:
        return await asyncio.shield(self._jobs.start(transaction))


async def _nothing(connection: AsyncConnection) -> None:
    """Do nothing; beginning a write is the test."""
    await connection.execute(text("SELECT 1"))


def _in_words(error: DBAPIError) -> StorageError:
    message = str(error.orig)
    if "locked" in message or "busy" in message:
        return StorageError("another program has locked the database for too long")
    return DatabaseUnusable(f"the database cannot be used: {message}")


def open_database(
    url: str, *, exclusive: bool = False, busy_seconds: float = BUSY_SECONDS
) -> AbstractAsyncContextManager[Database]:
    """Open a database at this program's version, and close it at the end.

    The folder of an SQLite database is created if it is missing.

    Args:
        url: such as ``sqlite:///data/flipbook.db`` or ``postgresql://flipbook@db/flipbook``.
        exclusive: take the lock of ``flipbook run``. PostgreSQL has none, so it allows several.
        busy_seconds: how long a transaction waits for another process's file lock.

    Raises:
        DatabaseInUse: ``exclusive``, and another process has the lock.
        DatabaseTooNew: a newer version wrote the database.
        DatabaseUnusable: it cannot be opened or written, is another program's, or is damaged.
    """
    if postgres.is_postgres(url):
        return _open_postgres(url)
    return _open_sqlite(sqlite_path(url), exclusive=exclusive, busy_seconds=busy_seconds)


@asynccontextmanager
async def _open_postgres(url: str) -> AsyncIterator[Database]:
    engines = postgres.postgres_engines(url)
    try:
        await check_pooling(parse_address(url))
    except OSError as error:
        raise StorageError(f"the database does not answer: {error}") from error
    async with _opened(engines) as database:
        yield database


@asynccontextmanager
async def _open_sqlite(
    path: Path, *, exclusive: bool, busy_seconds: float
) -> AsyncIterator[Database]:
    await asyncio.to_thread(try_sqlite_file, path, busy_seconds=busy_seconds)
    engines = sqlite_engines(path, busy_seconds=busy_seconds)
    with exclusive_lock(path) if exclusive else nullcontext():
        if exclusive:
            await asyncio.to_thread(check_sqlite_pages, path)
        async with _opened(engines) as database:
            yield database


@asynccontextmanager
async def _opened(engines: Engines) -> AsyncIterator[Database]:
    database = Database(engines)
    try:
        await database.write(upgrade)
        yield database
    finally:
        await asyncio.shield(database.close())


async def upgrade(connection: AsyncConnection) -> tuple[str | None, str]:
    """Upgrade the database to this program's version; return the versions before and after."""
    await postgres.serialize_upgrade(connection)
    return await connection.run_sync(schema.upgrade)
