"""The engine of a PostgreSQL database. Everything that only PostgreSQL needs is here."""

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
# Per process: what one event loop can keep busy. A cluster takes 100 connections by default.
_CONNECTIONS = 5
_MORE_AT_TIMES = 5
CONNECTIONS = _CONNECTIONS + _MORE_AT_TIMES + 1
"""The most that one process takes, the one that listens for new work included."""
# Keys of advisory locks; any numbers that nobody else uses in this database.
_UPGRADE_LOCK = 0x666C_6970_0001
_RESERVE_LOCK = 0x666C_6970_0002
_STANDING_LOCK = 0x666C_6970_0003
_GATEWAY_LOCK = 0x666C_6970_0004
_LOGIN_LOCK = 0x666C_6970_1000
_TRY_AGAIN = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: nothing was written, and the same work can be done again."""
_SERVER_TIME = text("SELECT clock_timestamp()")


def is_postgres(url: str) -> bool:
    """Whether an address is one of PostgreSQL's."""
    return urlsplit(url).scheme.partition("+")[0] in SCHEMES


def postgres_engines(url: str) -> Engines:
    """Engines on ``url``; nothing is opened yet.

    Raises:
        DatabaseUnusable: the address cannot be read, or the driver is not installed.
    """
    where = parse_address(url)
    try:
        import asyncpg  # noqa: F401 - said here, where there are words for it
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
    # Asking the server each time whether it is still there (`pool_pre_ping`) is three questions
    # more for every transaction; the driver knows when a connection was closed.
    event.listen(engine.sync_engine, "checkout", _is_open)
    # The same connections: a reader sees one moment, and cannot write.
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Engines(writer=engine, reader=reader, one_writer=False)


def _is_open(connection: Any, record: object, proxy: object) -> None:
    """
    Raises:
        InvalidatePoolError: the server has closed it meanwhile, and so the others that were there.
    """
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError


async def serialise_upgrade(connection: AsyncConnection) -> None:
    """Of several processes that start at once, one migrates and the others wait."""
    await _lock(connection, _UPGRADE_LOCK)


async def serialise_reservations(connection: AsyncConnection) -> None:
    """One reservation at a time, over all processes, until this transaction ends.

    What is counted for one must not change before it is written; SQLite has one writer anyway.
    """
    await _lock(connection, _RESERVE_LOCK)


async def serialise_standing(connection: AsyncConnection) -> None:
    """One change of what is known of the provider at a time, until this transaction ends."""
    await _lock(connection, _STANDING_LOCK)


async def serialise_gateways(connection: AsyncConnection) -> None:
    """One change of who has which shards at a time, until this transaction ends."""
    await _lock(connection, _GATEWAY_LOCK)


async def serialise_logins(connection: AsyncConnection, bucket: int) -> None:
    """One login at a time in each of Discord's buckets, until this transaction ends."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
    await _lock(connection, _LOGIN_LOCK + bucket)


async def server_time(connection: AsyncConnection) -> datetime | None:
    """The server's clock, the one that all processes share; ``None`` on another database."""
    if connection.dialect.name != "postgresql":
        return None
    moment: datetime = (await connection.execute(_SERVER_TIME)).scalar_one()
    return moment


async def _lock(connection: AsyncConnection, key: int) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def can_try_again(error: DBAPIError, *, is_committing: bool) -> bool:
    """Whether nothing was written: undone for the sake of another one, or the server gone before.

    ``is_committing``: all was done but for the commit, whose answer alone may have been lost.
    """
    was_undone = getattr(error.orig, "sqlstate", None) in _TRY_AGAIN
    return was_undone or (error.connection_invalidated and not is_committing)
