"""Operator's work on the whole database: upgrade, backup, check."""

import asyncio
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.provider.spending_pause import SpendingPause
from bot.errors import DatabaseUnusable, StorageError
from bot.storage import schema
from bot.storage.engine import gateways
from bot.storage.engine.database import Database, Work, open_database
from bot.storage.engine.engines import BUSY_SECONDS, sqlite_engines, sqlite_path
from bot.storage.engine.postgres import is_postgres, postgres_engines
from bot.storage.engine.postgres_address import dump_command, parse_address
from bot.storage.files.sync import sync
from bot.storage.maintenance.consistency import consistency_findings
from bot.storage.provider.pause import read_pause

T = TypeVar("T")


async def upgrade(url: str) -> tuple[str | None, str]:
    """Upgrade the database to this program's version; return the versions before and after.

    The version before is ``None`` for a new database.

    Raises:
        DatabaseTooNew, DatabaseUnusable: as for ``open_database``.
    """
    is_there = is_postgres(url) or sqlite_path(url).exists()
    before = await _stored_version(url) if is_there else None
    async with open_database(url):
        return before, schema.head()


async def backup(url: str, target: Path) -> int:
    """Write a snapshot of the database to ``target``, even while it is in use; return its bytes.

    Frames and videos are files outside the database, and not part of the backup.

    Raises:
        StorageError: ``target`` exists already, or cannot be written.
        DatabaseUnusable: the database is missing or damaged.
    """
    copy = partial(_dump, url) if is_postgres(url) else partial(_copy, _existing(url))
    return await asyncio.to_thread(_backup, copy, target)


async def check(url: str) -> list[str]:
    """Return a line for each problem of the database; nothing is changed.

    Raises:
        DatabaseTooNew, DatabaseUnusable: the database cannot be read.
    """
    found = [] if is_postgres(url) else await asyncio.to_thread(_damages, _existing(url))
    if found:
        # Damaged pages make every further check meaningless.
        return found
    version = await _stored_version(url)
    if version != schema.head():
        return [f"version {version}, this program has {schema.head()}: run flipbook db upgrade"]
    return await looked(url, consistency_findings)


async def second_copy_seen_at(url: str) -> datetime | None:
    """Return when a copy of the bot on another database was last noticed; nothing is changed.

    ``None``: never, or the database is missing or has another version.

    Raises:
        DatabaseTooNew, DatabaseUnusable: the database cannot be read.
    """
    if not await _is_current(url):
        return None
    return await looked(url, gateways.second_copy_seen_at)


async def pause(url: str) -> SpendingPause:
    """The operator's pause; nothing is changed.

    There is none where the database is not there yet, or not at this program's version.

    Raises:
        DatabaseTooNew, DatabaseUnusable: it cannot be looked at.
    """
    return await looked(url, read_pause) if await _is_current(url) else SpendingPause()


async def _is_current(url: str) -> bool:
    """Whether there is a database at this program's version."""
    if not is_postgres(url) and not sqlite_path(url).is_file():
        return False
    return await _stored_version(url) == schema.head()


def _existing(url: str) -> Path:
    path = sqlite_path(url)
    if not path.is_file():
        raise DatabaseUnusable(f"there is no database at {path}")
    return path


async def _stored_version(url: str) -> str | None:
    async def work(connection: AsyncConnection) -> str | None:
        return await connection.run_sync(schema.stored_version)

    return await looked(url, work)


async def looked(url: str, work: Work[T]) -> T:
    """Run ``work`` on an existing database of any version, read-only."""
    is_sqlite = not is_postgres(url)
    database = Database(sqlite_engines(_existing(url)) if is_sqlite else postgres_engines(url))
    try:
        return await database.read(work)
    finally:
        await database.close()


def _damages(path: Path) -> list[str]:
    """Return the damage that SQLite itself finds, in at most a hundred lines."""
    try:
        with closing(_connect(path)) as connection:
            lines = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(100)")]
            if lines != ["ok"]:
                return [f"damaged: {line}" for line in lines]
            broken = connection.execute("PRAGMA foreign_key_check").fetchmany(100)
    except sqlite3.OperationalError as error:
        raise DatabaseUnusable(f"the database cannot be read: {error}") from error
    except sqlite3.DatabaseError as error:
        # The damage is so great that the check itself fails.
        return [f"damaged: {error}"]
    return [f"{row[0]} row {row[1]}: its {row[2]} row is missing" for row in broken]


def _connect(path: Path) -> sqlite3.Connection:
    # `rw`: reading must not create the file, but a WAL file can only be read if its index can be
    # written.
    uri = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def _backup(copy: Callable[[Path], None], target: Path) -> int:
    part = target.with_name(f"{target.name}.part")
    try:
        # Reserve the name first, so that no file is ever overwritten.
        with target.open("xb"):
            pass
    except FileExistsError as error:
        raise StorageError(f"{target} exists already and is not overwritten") from error
    except OSError as error:
        raise StorageError(f"{target} cannot be written: {error.strerror}") from error
    try:
        part.unlink(missing_ok=True)
        copy(part)
        part.replace(target)
        sync(target.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
        raise
    return target.stat().st_size


def _copy(path: Path, target: Path) -> None:
    try:
        with closing(_connect(path)) as connection:
            # One read transaction, so writers go on, and none of their transactions is copied in
            # half.
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.DatabaseError as error:
        raise DatabaseUnusable(f"the database cannot be copied: {error}") from error
    sync(target)


def _dump(url: str, target: Path) -> None:
    """Dump PostgreSQL's snapshot in the format of ``pg_restore``."""
    command, environment = dump_command(parse_address(url), str(target))
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own address, no shell
            command, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise StorageError(
            "pg_dump is not installed here; it comes with PostgreSQL's client programs"
        ) from error
    if done.returncode:
        raise StorageError(f"pg_dump: {done.stderr.strip()}")
    sync(target)
