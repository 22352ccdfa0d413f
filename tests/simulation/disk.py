"""The real store on real SQLite without threads: each call returns at once.

SQLite never waits here, as the work that `aiosqlite` does in a thread is done in the caller. A run
is therefore one thread and one event loop, nothing depends on timing, and a thousand runs take a
minute.
"""

import asyncio
import inspect
import selectors
import sqlite3
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from sqlalchemy import create_engine
from sqlalchemy.engine import Connection, CursorResult, ScalarResult

from bot.clock import Clock
from bot.domain.kept_frames import KeptFile
from bot.domain.submission import MadeFrame
from bot.domain.task import Frame
from bot.errors import StorageError
from bot.services.intake.first_frame_keeper import FirstFrameKeeper
from bot.storage import schema
from bot.storage.engine.database import Database, Work
from bot.storage.files.images import ImageStore
from bot.storage.tables import metadata
from tests.simulation.fake_world import Faults, SimulatedProcess

T = TypeVar("T")


class _Answered:
    """The part of `AsyncConnection` that stores use, on top of a plain connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.dialect = connection.dialect

    async def execute(self, *asked: Any) -> CursorResult[Any]:
        return self._connection.execute(*asked)

    async def scalar(self, *asked: Any) -> Any:
        return self._connection.scalar(*asked)

    async def scalars(self, *asked: Any) -> ScalarResult[Any]:
        return self._connection.scalars(*asked)


class ImmediateDatabase(Database):
    """A database in memory without threads, tasks or waiting.

    Stores send it the same SQL as always. The layers that it leaves out, `aiosqlite` and
    `bot.storage.engine.database`, have tests of their own.
    """

    def __init__(self) -> None:
        # The driver begins no transactions by itself, and SQLAlchemy sees a single one: its own
        # transactions would take a tenth of a run.
        engine = create_engine("sqlite://", connect_args={"isolation_level": None})
        self._kept = engine.connect()
        driver: Any = self._kept.connection.dbapi_connection
        self._driver: sqlite3.Connection = driver
        self._answered: Any = _Answered(self._kept)
        self._driver.execute("PRAGMA foreign_keys=ON")
        with self._begun():
            schema.upgrade(self._kept)

    async def write(self, work: Work[T]) -> T:
        with self._begun():
            return await work(self._answered)

    async def read(self, work: Work[T]) -> T:
        # Nobody else can write meanwhile.
        return await work(self._answered)

    def count(self, query: str) -> int:
        """Return the number that this query finds, without SQLAlchemy, which takes longer."""
        return int(self._driver.execute(query).fetchone()[0])

    @contextmanager
    def _begun(self) -> Iterator[None]:
        self._driver.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._driver.execute("ROLLBACK")
            raise
        self._driver.execute("COMMIT")

    async def close(self) -> None:
        self._kept.close()
        self._kept.engine.dispose()

    def empty(self) -> None:
        """Delete all rows."""
        with self._begun():
            for table in reversed(metadata.sorted_tables):
                self._kept.execute(table.delete())


@contextmanager
def database_at_once() -> Iterator[ImmediateDatabase]:
    """Open a database in memory with the current schema."""
    database = ImmediateDatabase()
    try:
        yield database
    finally:
        at_once(database.close())


class _NothingToWaitFor(selectors.SelectSelector):
    """A selector without its system call: no run has sockets, and its clock is virtual."""

    def select(self, timeout: float | None = None) -> list[Any]:
        assert timeout == 0, "every task is waiting, and nobody moves the clock"
        return []


class ReusedDatabase:
    """A database for many runs, each of which begins with it empty.

    The engine is kept because SQLAlchemy caches compiled statements in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loop = asyncio.Runner(
            loop_factory=lambda: asyncio.SelectorEventLoop(_NothingToWaitFor())
        )
        self._database = ImmediateDatabase()

    def run(self, work: Callable[[ImmediateDatabase], Coroutine[Any, Any, T]]) -> T:
        """Run this with an empty database."""
        self._database.empty()
        return self._loop.run(work(self._database))

    def close(self) -> None:
        """Close the database and the event loop."""
        self._loop.run(self._database.close())
        self._loop.close()


@contextmanager
def reused_database() -> Iterator[ReusedDatabase]:
    """Open a database for many runs; files are in memory if the machine has a place for that."""
    memory = Path("/dev/shm")  # noqa: S108  (made there by `tempfile`)
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        reused = ReusedDatabase(Path(folder))
        try:
            yield reused
        finally:
            reused.close()


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits, and return its result.

    Raises:
        AssertionError: The coroutine waits for something.
    """
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise AssertionError("the coroutine waits for something")


class FaultyStore:
    """A process's view of a store: each call may fail before or after it has its effect, and
    the process may die then.
    """

    def __init__(self, store: object, faults: Faults, process: SimulatedProcess) -> None:
        self._store = store
        self._faults = faults
        self._process = process

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if not inspect.iscoroutinefunction(method):
            return method

        async def call(*args: Any, **kwargs: Any) -> Any:
            await self._process.step(may_stop=True)
            fault = self._faults.draw("disk")
            if fault == "full":
                raise StorageError("disk full")
            done = at_once(method(*args, **kwargs))
            if fault == "answer lost":
                raise StorageError("the connection broke after the commit")
            await self._process.step(name, may_stop=True)
            return done

        setattr(self, name, call)
        return call


class FakeFrames(ImageStore):
    """An image store that has every first frame."""

    def __init__(self, picture: Path) -> None:
        self._picture = picture

    async def keep(self, made: MadeFrame) -> Frame:
        return made.frame

    async def find(self, digest: str) -> Path | None:
        return self._picture

    async def renew(self, digest: str) -> bool:
        return True

    async def remove(self, digest: str) -> None:
        pass

    async def remove_here(self, digest: str) -> None:
        pass

    async def remove_parts(self, older: timedelta) -> None:
        pass

    async def listed(self) -> Sequence[KeptFile]:
        return []

    async def listed_elsewhere(self) -> Sequence[KeptFile]:
        return []


async def _nobody(text: str) -> None:
    raise AssertionError(text)


def keeper(uses: Any, clock: Clock, picture: Path) -> FirstFrameKeeper:
    """Return a keeper of first frames that always exist, without a bound on their number."""
    return FirstFrameKeeper(
        images=FakeFrames(picture),
        uses=uses,
        clock=clock,
        keep=timedelta(days=30),
        most_bytes=10**15,
        tell_operator=_nobody,
    )
