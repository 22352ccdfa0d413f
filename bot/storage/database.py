"""One database, opened: transactions that finish whatever happens to their caller."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, nullcontext
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import DatabaseUnusable, StorageError
from bot.storage import schema
from bot.storage.engines import BUSY_SECONDS, Engines, sqlite_engines, sqlite_path, try_sqlite_file
from bot.storage.lock import exclusive_lock

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]
"""What happens within one transaction. It must not begin another one."""


class Database:
    """Transactions on an open database; :func:`open_database` makes one.

    A transaction that has begun goes on to its end even when its caller is cancelled: half of
    it is never left open, and no lock stays taken. The caller is told at once all the same.
    """

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        # One writer at a time: a second BEGIN IMMEDIATE would only wait in the driver.
        self._turn = asyncio.Lock()
        self._jobs: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction that nothing else can write beside, and commit it.

        An exception of ``work`` rolls everything back and goes on to the caller.

        Raises:
            StorageError: locked by another process for too long, disk full, damaged, closed.
        """
        await self._turn.acquire()
        return await self._finish(self._written(work))

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` on one view of the database, beside the writer; it cannot write.

        Raises:
            StorageError: damaged, or closed.
        """
        return await self._finish(self._transact(self._engines.reader, work))

    async def close(self) -> None:
        """Wait for the transactions that have begun, then close every connection."""
        self._closed = True
        await asyncio.gather(*self._jobs, return_exceptions=True)
        await self._engines.dispose()

    async def _written(self, work: Work[T]) -> T:
        try:
            return await self._transact(self._engines.writer, work)
        finally:
            self._turn.release()

    async def _transact(self, engine: AsyncEngine, work: Work[T]) -> T:
        if self._closed:
            raise StorageError("the database is closed")
        try:
            async with engine.begin() as connection:
                return await work(connection)
        except DBAPIError as error:
            raise _in_words(error) from error
        except PoolTimeout as error:
            raise StorageError("too many readers wait for the database") from error

    async def _finish(self, transaction: Coroutine[Any, Any, T]) -> T:
        job = asyncio.create_task(transaction)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)
        return await asyncio.shield(job)


def _in_words(error: DBAPIError) -> StorageError:
    said = str(error.orig)
    if "locked" in said or "busy" in said:
        return StorageError("another program has locked the database for too long")
    return DatabaseUnusable(f"the database cannot be used: {said}")


@asynccontextmanager
async def open_database(
    url: str, *, exclusive: bool = False, busy_seconds: float = BUSY_SECONDS
) -> AsyncIterator[Database]:
    """A database at the version of this program, closed at the end; its folder is made.

    Args:
        url: such as ``sqlite:///data/flipbook.db``.
        exclusive: take the lock of ``flipbook run``.
        busy_seconds: how long a transaction waits for another process's.

    Raises:
        DatabaseInUse: ``exclusive``, and another process has the lock.
        DatabaseTooNew: written by a newer version.
        DatabaseUnusable: cannot be opened or written, or is no database of this program.
    """
    path = sqlite_path(url)
    await asyncio.to_thread(try_sqlite_file, path, busy_seconds=busy_seconds)
    with exclusive_lock(path) if exclusive else nullcontext():
        database = Database(sqlite_engines(path, busy_seconds=busy_seconds))
        try:
            await database.write(upgrade)
            yield database
        finally:
            await asyncio.shield(database.close())


async def upgrade(connection: AsyncConnection) -> tuple[str | None, str]:
    """Bring the database to this program's version; the versions before and after."""
    return await connection.run_sync(schema.upgrade)
