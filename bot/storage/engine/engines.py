"""The two engines of an SQLite file: one connection that writes, and a few that read.

Everything that only SQLite needs is here. Another database needs another function that returns
:class:`Engines`.
"""

import sqlite3
import stat
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import DatabaseDamaged, DatabaseUnusable

BUSY_SECONDS = 5.0
_READERS = 4

# FULL: a commit survives a power loss once it is confirmed; money is stored here. The WAL file is
# truncated to 64 MB after a burst.
_WRITER_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    # What people delete does not stay in free pages.
    "secure_delete=ON",
    "journal_size_limit=67108864",
)
_READER_PRAGMAS = ("query_only=ON",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """The engines for transactions that write and for those that only read."""

    writer: AsyncEngine
    reader: AsyncEngine
    one_writer: bool
    """Whether write transactions must run one after another."""

    async def dispose(self) -> None:
        """Close every connection."""
        await self.reader.dispose()
        await self.writer.dispose()


def sqlite_path(url: str) -> Path:
    """Return the file of ``sqlite:///relative.db`` or ``sqlite:////absolute.db``.

    Raises:
        DatabaseUnusable: the URL is not SQLite's, names no file, or has parameters.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseUnusable("the database's address cannot be parsed") from error
    if parsed.get_backend_name() != "sqlite":
        raise DatabaseUnusable(f"{parsed.get_backend_name()}: only sqlite:///… is supported")
    if not parsed.database or parsed.database.startswith((":memory:", "file:")) or parsed.query:
        raise DatabaseUnusable("the database must be a file, such as sqlite:///data/flipbook.db")
    return Path(parsed.database)


def try_sqlite_file(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
    """Open the file at ``path`` once, blocking; it is created if it is missing.

    This check comes before the engines: when opening fails, aiosqlite leaves a thread behind,
    which then fails on an event loop that ends soon after.

    Raises:
        DatabaseUnusable: the file cannot be opened, or is not a database.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnusable(f"{path.parent} cannot be created: {error.strerror}") from error
    _close_to_others(path)
    try:
        with closing(sqlite3.connect(path, timeout=busy_seconds)) as connection:
            _use_wal(connection, busy_seconds)
            connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError as error:
        raise DatabaseUnusable(f"{path} cannot be used: {error}") from error
    except sqlite3.DatabaseError as error:
        raise _damaged(path, error) from error


def _close_to_others(path: Path) -> None:
    """Revoke other users' access, which an earlier version left open; keep the group's access."""
    for one in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        # The file may be missing, or belong to another user.
        with suppress(OSError):
            mode = stat.S_IMODE(one.stat().st_mode)
            if mode & 0o007:
                one.chmod(mode & ~0o007)


def check_sqlite_pages(path: Path) -> None:
    """Check that every page can be read, blocking: about 0.7 s for a gigabyte.

    Raises:
        DatabaseUnusable: a page is damaged, and any write could make it worse.
    """
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
            result = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.OperationalError as error:
        raise DatabaseUnusable(f"{path} cannot be used: {error}") from error
    except sqlite3.DatabaseError as error:
        raise _damaged(path, error) from error
    if result != "ok":
        raise _damaged(path, result.splitlines()[-1])


def _damaged(path: Path, what: object) -> DatabaseDamaged:
    return DatabaseDamaged(
        f"{path} cannot be used, it is damaged: {what}. Nothing was started. Keep this file, and "
        "put a copy that `flipbook db backup` made in its place; `flipbook db check` lists damage"
    )


def _use_wal(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Switch to the write-ahead log; the file stores this, so later connections find it set.

    SQLite's own busy timeout does not cover the switch: of two first starts at the same moment,
    one would fail at once.
    """
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.02)
        else:
            return


def empty_wal(path: Path) -> None:
    """Write the log into the database file and truncate it if no reader needs it, blocking."""
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def sqlite_engines(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Engines:
    """Return engines on the file at ``path``; nothing is opened yet.

    A write transaction waits up to ``busy_seconds`` for another process's.
    """
    return Engines(
        writer=_engine(path, 1, "BEGIN IMMEDIATE", _WRITER_PRAGMAS, busy_seconds),
        reader=_engine(path, _READERS, "BEGIN", _READER_PRAGMAS, busy_seconds),
        one_writer=True,
    )


def _engine(
    path: Path, size: int, begin: str, pragmas: tuple[str, ...], busy_seconds: float
) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        pool_size=size,
        max_overflow=0,
        # Every transaction ends with its block, so no rollback is needed on return to the pool.
        pool_reset_on_return=None,
        # No implicit BEGIN by the driver: it would be deferred, and come only before a write.
        connect_args={"isolation_level": None, "timeout": busy_seconds},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, record: object) -> None:
        _prepare(connection, pragmas)

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _prepare(connection: DBAPIConnection, pragmas: tuple[str, ...]) -> None:
    try:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
    except BaseException:
        # The pool does not know this connection yet, so nothing else would close it.
        connection.close()
        raise
