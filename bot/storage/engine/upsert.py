"""Insert or update: what SQLite and PostgreSQL say in the same words, from modules of their own."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def upsert(
    connection: AsyncConnection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """The row of ``key`` with these values, whether it is there or not; other columns stay."""
    new = _insert(connection)(table).values({**key, **values})
    changed = new.on_conflict_do_update(index_elements=list(key), set_=dict(values))
    await connection.execute(changed)


async def insert_if_absent(
    connection: AsyncConnection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Insert the row of ``key`` with these values; a row that is there already stays as it is."""
    new = _insert(connection)(table).values({**key, **values})
    await connection.execute(new.on_conflict_do_nothing(index_elements=list(key)))


async def add_to(
    connection: AsyncConnection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    column: str,
) -> None:
    """Count the ``column`` of each row onto what its key has, in one statement."""
    new = _insert(connection)(table).values([dict(row) for row in rows])
    total = table.c[column] + new.excluded[column]
    await connection.execute(
        new.on_conflict_do_update(index_elements=list(key), set_={column: total})
    )


def _insert(connection: AsyncConnection) -> Any:
    is_postgres = connection.dialect.name == "postgresql"
    return postgresql.insert if is_postgres else sqlite.insert
