"""The real store on real SQLite, answering at once: no thread, and no real time between two steps.

SQLite itself never waits here: what `aiosqlite` does in a thread is done where it is asked for. So
a run is one thread and one event loop, nothing happens by chance, and a thousand take a minute.
"""

import asyncio
import inspect
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from unittest.mock import patch

import aiosqlite.core
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import Clock
from bot.domain.task import Frame
from bot.errors import StorageError
from bot.services.frame_keeper import FrameKeeper
from bot.services.ports import KeptFile, MadeFrame
from bot.storage.database import Database, Work, open_database
from bot.storage.engines import sqlite_engines
from bot.storage.tables import metadata
from tests.simulation.outside import Faults, Life

T = TypeVar("T")


class _Now:
    """Instead of the queue to a thread: done as soon as it is put in."""

    def put_nowait(self, order: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, work = order
        try:
            result = work()
        except Exception as error:
            if future is None:
                raise
            future.set_exception(error)
        else:
            if future is not None:
                future.set_result(result)


class _NoThread:
    """Instead of the thread."""

    daemon = True

    def __init__(self, **_: Any) -> None:
        """Nothing is to be done in it."""

    def start(self) -> None:
        """It is not needed."""


@contextmanager
def without_threads() -> Iterator[None]:
    """As long as this is entered, SQLite answers at once."""
    with (
        patch.object(aiosqlite.core, "SimpleQueue", _Now),
        patch.object(aiosqlite.core, "Thread", _NoThread),
    ):
        yield


class AtOnce(Database):
    """A database whose transactions are no tasks of their own."""

    async def _finish(self, transaction: Coroutine[Any, Any, T]) -> T:
        return await transaction

    async def _transact(self, engine: AsyncEngine, work: Work[T]) -> T:
        # SQLAlchemy's own block closes the connection in a task, too.
        connection = await engine.connect()
        try:
            async with connection.begin():
                return await work(connection)
        finally:
            await connection.close()


@asynccontextmanager
async def opened_at_once(path: Path) -> AsyncIterator[Database]:
    """A database at this program's version that answers at once, for a test of its own."""
    async with open_database(f"sqlite:///{path}"):
        """It is at this program's version now."""
    with without_threads():
        database = AtOnce(sqlite_engines(path))
        try:
            yield database
        finally:
            await database.close()


class Drawer:
    """One database file for many runs: each begins with it empty.

    Its engines stay, since what SQLAlchemy has compiled for a statement stays with them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = path = folder / "flipbook.db"
        self._loop = asyncio.Runner()
        self._database = AtOnce(sqlite_engines(path))
        self._loop.run(self._made())

    async def _made(self) -> None:
        async with open_database(f"sqlite:///{self._path}"):
            """It is at this program's version now."""

    def run(self, work: Callable[[Database], Coroutine[Any, Any, T]]) -> T:
        """Do this with an empty database."""
        with closing(sqlite3.connect(self._path)) as file:
            for table in reversed(metadata.sorted_tables):
                file.execute(str(table.delete()))
            file.commit()
        with without_threads():
            return self._loop.run(work(self._database))

    def close(self) -> None:
        """Of no more use."""
        self._loop.run(self._database.close())
        self._loop.close()


@contextmanager
def drawer_in_memory() -> Iterator[Drawer]:
    """In memory where the machine has such a place: disks that fail are tested elsewhere."""
    memory = Path("/dev/shm")  # noqa: S108  (made there by `tempfile`)
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        drawer = Drawer(Path(folder))
        try:
            yield drawer
        finally:
            drawer.close()


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


class Disk:
    """A store of one process: each call can fail before it, and the process die around it."""

    def __init__(self, store: object, faults: Faults, life: Life) -> None:
        self._store = store
        self._faults = faults
        self._life = life

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if not inspect.iscoroutinefunction(method):
            return method

        async def call(*args: Any, **kwargs: Any) -> Any:
            await self._life.step(may_stop=True)
            if self._faults.draw("disk") is not None:
                raise StorageError("disk full")
            done = at_once(method(*args, **kwargs))
            await self._life.step(name, may_stop=True)
            return done

        return call


class Frames:
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


def keeper(uses: Any, clock: Clock, picture: Path) -> FrameKeeper:
    """Of first frames that are always there, with room for any number of them."""
    return FrameKeeper(
        images=Frames(picture),
        uses=uses,
        clock=clock,
        keep=timedelta(days=30),
        most_bytes=10**15,
        tell_operator=_nobody,
    )
