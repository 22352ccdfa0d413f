"""Insert or update, with the syntax that SQLite and PostgreSQL share."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def upsert(
    connection: AsyncConnection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Insert the row of ``key`` with these values, or update them; other columns stay."""
    changed = _upserted(connection.dialect.name, table, tuple(key), tuple(values))
    await connection.execute(changed, {**key, **values})


@cache
def _upserted(dialect: str, table: Table, key: Sequence[str], names: Sequence[str]) -> Any:
    """Cached, because building the statement takes longer than running it."""
    new = insert_of(dialect)(table)
    new_values = {name: new.excluded[name] for name in names}
    return new.on_conflict_do_update(index_elements=list(key), set_=new_values)


async def insert_if_absent(
    connection: AsyncConnection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Insert the row of ``key`` with these values, unless it exists already."""
    new = insert_of(connection.dialect.name)(table).values({**key, **values})
    await connection.execute(new.on_conflict_do_nothing(index_elements=list(key)))


async def add_to(
    connection: AsyncConnection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    column: str,
) -> None:
    """Add the ``column`` of each row to the stored value of its key; missing rows are inserted."""
    counted = _added(connection.dialect.name, table, tuple(key), column)
    await connection.execute(counted, [dict(row) for row in rows])


@cache
def _added(dialect: str, table: Table, key: Sequence[str], column: str) -> Any:
    """Cached for the same reason."""
    new = insert_of(dialect)(table)
    total = table.c[column] + new.excluded[column]
    return new.on_conflict_do_update(index_elements=list(key), set_={column: total})


def insert_of(dialect: str) -> Any:
    """Return the dialect's insert function."""
    return postgresql.insert if dialect == "postgresql" else sqlite.insert
