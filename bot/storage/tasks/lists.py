"""Tasks as they are listed and counted."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.task import State, Task
from bot.storage.tables import tasks
from bot.storage.tasks.rows import task_of


async def newest_first(
    connection: AsyncConnection,
    *,
    person_id: int | None,
    guild_id: int | None,
    states: Collection[State],
    limit: int,
    before: Task | None,
) -> Sequence[Task]:
    """Those of a person, of a server, in these states; ``before``: only what comes after it."""
    query = _newest_first(person_id, guild_id, states, before).limit(limit)
    return [task_of(row) for row in await connection.execute(query)]


async def oldest(connection: AsyncConnection, state: State) -> datetime | None:
    """Return when the oldest task in that state was made; ``None`` if there is none."""
    query = select(func.min(tasks.c.created_at)).where(tasks.c.state == state)
    found: datetime | None = await connection.scalar(query)
    return found


async def counts(connection: AsyncConnection) -> dict[State, int]:
    """Return the number of tasks in each state."""
    query = select(tasks.c.state, func.count()).group_by(tasks.c.state)
    found = {row[0]: row[1] for row in await connection.execute(query)}
    return {state: found.get(state, 0) for state in State}


def _newest_first(
    person_id: int | None,
    guild_id: int | None,
    states: Collection[State],
    before: Task | None,
) -> Select[Any]:
    query = select(tasks).order_by(tasks.c.created_at.desc(), tasks.c.id.desc())
    if person_id is not None:
        query = query.where(tasks.c.person_id == person_id)
    if guild_id is not None:
        query = query.where(tasks.c.guild_id == guild_id)
    if states:
        query = query.where(tasks.c.state.in_(list(states)))
    if before is None:
        return query
    # Two tasks can have the same time.
    sooner = tasks.c.created_at < before.created_at
    same = and_(tasks.c.created_at == before.created_at, tasks.c.id < before.id)
    return query.where(or_(sooner, same))
