"""Insert or update, with the syntax that SQLite and PostgreSQL share.

The statements are written as text: SQLAlchemy compiles its own ``ON CONFLICT`` anew at each
execution, which takes ten times as long as the execution.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection


async def upsert(
    connection: AsyncConnection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Insert the row of ``key`` with these values, or update them; other columns stay."""
    changed = upserting(table, tuple(key), tuple(values))
    await connection.execute(changed, {**key, **values})


async def insert_if_absent(
    connection: AsyncConnection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Insert the row of ``key`` with these values, unless it exists already."""
    new = _inserting(table, tuple(key), tuple(values), otherwise="NOTHING")
    await connection.execute(new, {**key, **values})


async def add_to(
    connection: AsyncConnection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    column: str,
) -> None:
    """Add the ``column`` of each row to the stored value of its key; missing rows are inserted."""
    total = f"UPDATE SET {column} = {table.name}.{column} + excluded.{column}"
    counted = _inserting(table, tuple(key), (column,), otherwise=total)
    await connection.execute(counted, [dict(row) for row in rows])


@cache
def upserting(
    table: Table, key: tuple[str, ...], names: tuple[str, ...], *, where: str = ""
) -> TextClause:
    """Return the statement of :func:`upsert` for these columns, which are its parameters.

    ``where``: the condition for an update; the new values are in ``excluded``.
    """
    changes = ", ".join(f"{name} = excluded.{name}" for name in names)
    condition = f" WHERE {where}" if where else ""
    return _inserting(table, key, names, otherwise=f"UPDATE SET {changes}{condition}")


@cache
def _inserting(
    table: Table, key: tuple[str, ...], names: tuple[str, ...], *, otherwise: str
) -> TextClause:
    columns = (*key, *names)
    values = ", ".join(f":{name}" for name in columns)
    statement = text(
        f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({values})"  # noqa: S608 (names)
        f" ON CONFLICT ({', '.join(key)}) DO {otherwise}"
    )
    return statement.bindparams(*(bindparam(name, type_=table.c[name].type) for name in columns))
