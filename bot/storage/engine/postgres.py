"""The engine of a PostgreSQL database, and everything else that only PostgreSQL needs."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.errors import DatabaseUnusable
from bot.storage.engine.engines import Engines
from bot.storage.engine.postgres_address import connect, parse_address

SCHEMES = ("postgresql", "postgres")
# Per process: as many as one event loop can keep busy. A server allows 100 connections by default.
_CONNECTIONS = 5
_MORE_AT_TIMES = 5
CONNECTIONS = _CONNECTIONS + _MORE_AT_TIMES + 1
"""Maximum connections of a process, including the one that listens for new work."""
# Keys of advisory locks: numbers that nothing else uses in this database.
_UPGRADE_LOCK = 0x666C_6970_0001
_RESERVE_LOCK = 0x666C_6970_0002
_STANDING_LOCK = 0x666C_6970_0003
_GATEWAY_LOCK = 0x666C_6970_0004
_SUBMISSION_LOCK = 0x666C_6970_0005
_LOGIN_LOCK = 0x666C_6970_1000
_TRY_AGAIN = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: nothing was written, and the work can be repeated."""
_SERVER_TIME = text("SELECT clock_timestamp()")


def is_postgres(url: str) -> bool:
    """Whether a URL is PostgreSQL's."""
    return urlsplit(url).scheme.partition("+")[0] in SCHEMES


def postgres_engines(url: str) -> Engines:
    """Return engines on ``url``; nothing is opened yet.

    Raises:
        DatabaseUnusable: the URL cannot be parsed, or the driver is not installed.
    """
    where = parse_address(url)
    try:
        import asyncpg  # noqa: F401 - imported here, where its absence can be explained
    except ModuleNotFoundError as error:
        raise DatabaseUnusable(
            "PostgreSQL needs asyncpg, which is not installed: pip install 'flipbook[postgres]'"
        ) from error
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: connect(where),
        pool_size=_CONNECTIONS,
        max_overflow=_MORE_AT_TIMES,
    )
    # `pool_pre_ping` would cost three round trips more in every transaction; the driver knows when
    # a connection was closed.
    event.listen(engine.sync_engine, "checkout", _is_open)
    # The reader shares the connections, but its transactions see a snapshot and cannot write.
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Engines(writer=engine, reader=reader, one_writer=False)


def _is_open(connection: Any, record: object, proxy: object) -> None:
    """Check a pooled connection.

    Raises:
        InvalidatePoolError: the server has closed it, and so probably all others of the pool.
    """
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError


async def serialize_upgrade(connection: AsyncConnection) -> None:
    """Let one of several starting processes migrate while the others wait."""
    await _lock(connection, _UPGRADE_LOCK)


async def serialize_reservations(connection: AsyncConnection) -> None:
    """Allow one reservation at a time, over all processes, until this transaction ends.

    What a reservation counts must not change before it is written. SQLite has one writer anyway.
    """
    await _lock(connection, _RESERVE_LOCK)


async def serialize_standing(connection: AsyncConnection) -> None:
    """Allow one change of the provider's status at a time, until this transaction ends."""
    await _lock(connection, _STANDING_LOCK)


async def serialize_submissions(connection: AsyncConnection) -> None:
    """Allow one count of a provider's tasks at a time, until this transaction ends."""
    await _lock(connection, _SUBMISSION_LOCK)


async def serialize_gateways(connection: AsyncConnection) -> None:
    """Allow one change of the shards' leases at a time, until this transaction ends."""
    await _lock(connection, _GATEWAY_LOCK)


async def serialize_logins(connection: AsyncConnection, bucket: int) -> None:
    """Allow one login at a time in each of Discord's buckets, until this transaction ends."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
    await _lock(connection, _LOGIN_LOCK + bucket)


async def server_time(connection: AsyncConnection) -> datetime | None:
    """Time of the server's clock, which all processes share; ``None`` on another database."""
    if connection.dialect.name != "postgresql":
        return None
    moment: datetime = (await connection.execute(_SERVER_TIME)).scalar_one()
    return moment


async def _lock(connection: AsyncConnection, key: int) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def can_try_again(error: DBAPIError, *, is_committing: bool) -> bool:
    """Whether nothing was written: the server rolled it back, or was gone before the commit.

    ``is_committing``: only the commit was left, so it may have succeeded without an answer.
    """
    was_undone = getattr(error.orig, "sqlstate", None) in _TRY_AGAIN
    return was_undone or (error.connection_invalidated and not is_committing)
