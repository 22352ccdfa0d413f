"""The real store on real SQLite, answering at once: no thread, and no real time between two steps.

SQLite itself never waits here: what `aiosqlite` does in a thread is done where it is asked for. So
a run is one thread and one event loop, nothing happens by chance, and a thousand take a minute.
"""

import asyncio
import inspect
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
from bot.domain.submission import MadeFrame
from bot.domain.task import Frame, KeptFile
from bot.errors import StorageError
from bot.services.frame_keeper import FirstFrameKeeper
from bot.storage import schema
from bot.storage.engine.database import Database, Work
from bot.storage.files.images import ImageStore
from bot.storage.tables import metadata
from tests.simulation.fake_world import Faults, SimulatedProcess

T = TypeVar("T")


class _Answered:
    """What stores ask of an `AsyncConnection`, answered by a plain one at once."""

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
    """A database in memory: no thread, no task and no real time between question and answer.

    It is SQLite with everything that the stores say to it; what is between them otherwise,
    `aiosqlite` and `bot.storage.engine.database`, has tests of its own.
    """

    def __init__(self) -> None:
        # The driver begins nothing by itself, and for SQLAlchemy it is all one transaction: what
        # it does for each would be a tenth of a run.
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
        """Take everything out of it."""
        with self._begun():
            for table in reversed(metadata.sorted_tables):
                self._kept.execute(table.delete())


@contextmanager
def database_at_once() -> Iterator[ImmediateDatabase]:
    """A database at this program's version that answers at once, for a test of its own."""
    database = ImmediateDatabase()
    try:
        yield database
    finally:
        at_once(database.close())


class ReusedDatabase:
    """One database for many runs: each begins with it empty.

    Its engine stays, since what SQLAlchemy has compiled for a statement stays with it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loop = asyncio.Runner()
        self._database = ImmediateDatabase()

    def run(self, work: Callable[[Database], Coroutine[Any, Any, T]]) -> T:
        """Do this with an empty database."""
        self._database.empty()
        return self._loop.run(work(self._database))

    def close(self) -> None:
        """Of no more use."""
        self._loop.run(self._database.close())
        self._loop.close()


@contextmanager
def reused_database() -> Iterator[ReusedDatabase]:
    """Files in memory where the machine has such a place: disks that fail are tested elsewhere."""
    memory = Path("/dev/shm")  # noqa: S108  (made there by `tempfile`)
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        reused = ReusedDatabase(Path(folder))
        try:
            yield reused
        finally:
            reused.close()


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """What waits for nothing, done here and now.

    Raises:
        AssertionError: it does wait.
    """
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise AssertionError("this was to be done at once, and waits for something")


class FaultyStore:
    """A store of one process: each call can fail before it, and the process die around it."""

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
            if self._faults.draw("disk") is not None:
                raise StorageError("disk full")
            done = at_once(method(*args, **kwargs))
            await self._process.step(name, may_stop=True)
            return done

        setattr(self, name, call)
        return call


class FakeFrames(ImageStore):
    """First frames that are there."""

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
    """Of first frames that are always there, with room for any number of them."""
    return FirstFrameKeeper(
        images=FakeFrames(picture),
        uses=uses,
        clock=clock,
        keep=timedelta(days=30),
        most_bytes=10**15,
        tell_operator=_nobody,
    )
