"""What an operator does with the database as a whole: upgrade it, copy it, check it."""

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

from bot.errors import DatabaseUnusable, StorageError
from bot.storage import schema
from bot.storage.engine import gateways
from bot.storage.engine.database import Database, Work, open_database
from bot.storage.engine.engines import BUSY_SECONDS, sqlite_engines, sqlite_path
from bot.storage.engine.postgres import is_postgres, postgres_engines
from bot.storage.engine.postgres_address import dump_command, parse_address
from bot.storage.files.sync import sync
from bot.storage.maintenance.consistency import consistency_findings

T = TypeVar("T")


async def upgrade(url: str) -> tuple[str | None, str]:
    """Bring the database to this program's version; the versions before and after.

    ``None`` as the version before is a new database.

    Raises:
        DatabaseTooNew, DatabaseUnusable: as ``open_database``.
    """
    is_there = is_postgres(url) or sqlite_path(url).exists()
    before = await _stored_version(url) if is_there else None
    async with open_database(url):
        return before, schema.head()


async def backup(url: str, target: Path) -> int:
    """Copy the database as it is at one moment, also while it is in use; the copy's bytes.

    Frames and videos are files beside the database and not part of the copy.

    Raises:
        StorageError: there is something at ``target`` already, or it cannot be written.
        DatabaseUnusable: the database is missing or damaged.
    """
    copy = partial(_dump, url) if is_postgres(url) else partial(_copy, _existing(url))
    return await asyncio.to_thread(_backup, copy, target)


async def check(url: str) -> list[str]:
    """What is wrong with the database, a line each; nothing is changed.

    Raises:
        DatabaseTooNew, DatabaseUnusable: it cannot be looked at.
    """
    found = [] if is_postgres(url) else await asyncio.to_thread(_damages, _existing(url))
    if found:
        # What is read from damaged pages says nothing about the ledger.
        return found
    version = await _stored_version(url)
    if version != schema.head():
        return [f"version {version}, this program has {schema.head()}: run flipbook db upgrade"]
    return await looked(url, consistency_findings)


async def second_copy_seen_at(url: str) -> datetime | None:
    """When a copy of the bot on another database was noticed last; nothing is changed.

    ``None``: never, or the database is not there yet, or not at this program's version.

    Raises:
        DatabaseTooNew, DatabaseUnusable: it cannot be looked at.
    """
    if not is_postgres(url) and not sqlite_path(url).is_file():
        return None
    if await _stored_version(url) != schema.head():
        return None
    return await looked(url, gateways.second_copy_seen_at)


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
    """Read an existing database as it is, of whatever version."""
    is_sqlite = not is_postgres(url)
    database = Database(sqlite_engines(_existing(url)) if is_sqlite else postgres_engines(url))
    try:
        return await database.read(work)
    finally:
        await database.close()


def _damages(path: Path) -> list[str]:
    """What SQLite itself finds: at most a hundred lines."""
    try:
        with closing(_connect(path)) as connection:
            lines = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(100)")]
            if lines != ["ok"]:
                return [f"damaged: {line}" for line in lines]
            broken = connection.execute("PRAGMA foreign_key_check").fetchmany(100)
    except sqlite3.OperationalError as error:
        raise DatabaseUnusable(f"the database cannot be read: {error}") from error
    except sqlite3.DatabaseError as error:
        # So damaged that the check itself cannot go on.
        return [f"damaged: {error}"]
    return [f"{row[0]} row {row[1]}: its {row[2]} row is missing" for row in broken]


def _connect(path: Path) -> sqlite3.Connection:
    # `rw`: never made by looking at it. Reading a WAL file needs to write its index.
    uri = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def _backup(copy: Callable[[Path], None], target: Path) -> int:
    part = target.with_name(f"{target.name}.part")
    try:
        # Takes the name first, so that nothing is ever written over.
        with target.open("xb"):
            pass
    except FileExistsError as error:
        raise StorageError(f"{target} exists already; nothing is written over") from error
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
            # One read transaction: writers go on beside it, and none of theirs comes in half.
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.DatabaseError as error:
        raise DatabaseUnusable(f"the database cannot be copied: {error}") from error
    sync(target)


def _dump(url: str, target: Path) -> None:
    """PostgreSQL's own consistent copy, for its own ``pg_restore``."""
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
