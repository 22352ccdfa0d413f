"""One database, opened: transactions that finish whatever happens to their caller."""

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
"""What happens within one transaction. It must not begin another one, and may run twice: where
two transactions got into each other's way, nothing of the one that gave in was written."""

_TIMES = 5


class Database:
    """Transactions on an open database; :func:`open_database` makes one.

    A transaction that has begun goes on to its end even when its caller is cancelled: half of
    it is never left open, and no lock stays taken. The caller is told at once all the same.
    """

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        # SQLite has one writer: a second BEGIN IMMEDIATE would only wait in the driver.
        self._turn = asyncio.Lock() if engines.one_writer else None
        self._jobs = BackgroundTasks()
        self._closed = False

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction, and commit it.

        With SQLite nothing else writes beside it. With PostgreSQL others do: what must not
        change between reading and writing is locked by ``work`` itself.

        An exception of ``work`` rolls everything back and goes on to the caller.

        Raises:
            StorageError: locked by another process for too long, disk full, damaged, closed.
        """
        if self._turn is not None:
            await self._turn.acquire()
        return await self._finish(self._written(work))

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` on one view of the database, beside the writer; it cannot write.

        Raises:
            StorageError: damaged, or closed.
        """
        return await self._finish(self._transact(self._engines.reader, work))

    async def is_writable(self) -> bool:
        """Whether a change could be written now; SQLite's other writers are waited for."""
        try:
            await self.write(_nothing)
        except StorageError:
            return False
        return True

    async def apart(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction that holds a lock for longer, and keeps nobody waiting.

        It ends with its caller. With SQLite, where it is not needed, it is no transaction at all
        that others would see.

        Raises:
            StorageError: as ``read``.
        """
        return await self._transact(self._engines.reader, work)

    async def compact(self) -> None:
        """Leave nothing of what was overwritten in SQLite's write-ahead log, if nobody reads it."""
        url = self._engines.writer.url
        if self._engines.one_writer and url.database:
            await asyncio.to_thread(empty_wal, Path(url.database))

    async def close(self) -> None:
        """Wait for the transactions that have begun, then close every connection."""
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
                raise StorageError("too many readers wait for the database") from error
            except OSError as error:
                raise StorageError(f"the database does not answer: {error}") from error
        raise StorageError("other transactions were in the way too often")

    async def _finish(self, transaction: Coroutine[Any, Any, T]) -> T:
        return await asyncio.shield(self._jobs.start(transaction))


async def _nothing(connection: AsyncConnection) -> None:
    """Having begun to write is all."""
    await connection.execute(text("SELECT 1"))


def _in_words(error: DBAPIError) -> StorageError:
    message = str(error.orig)
    if "locked" in message or "busy" in message:
        return StorageError("another program has locked the database for too long")
    return DatabaseUnusable(f"the database cannot be used: {message}")


def open_database(
    url: str, *, exclusive: bool = False, busy_seconds: float = BUSY_SECONDS
) -> AbstractAsyncContextManager[Database]:
    """A database at the version of this program, closed at the end; SQLite's folder is made.

    Args:
        url: such as ``sqlite:///data/flipbook.db`` or ``postgresql://flipbook@db/flipbook``.
        exclusive: take the lock of ``flipbook run``; PostgreSQL has none, and any number of runs.
        busy_seconds: how long a transaction waits for another process's file lock.

    Raises:
        DatabaseInUse: ``exclusive``, and another process has the lock.
        DatabaseTooNew: written by a newer version.
        DatabaseUnusable: cannot be opened or written, or is no database of this program; with
            ``exclusive`` also where a page is damaged.
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
    """Bring the database to this program's version; the versions before and after."""
    await postgres.serialise_upgrade(connection)
    return await connection.run_sync(schema.upgrade)
