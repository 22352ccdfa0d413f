"""Outcomes that could not be delivered, kept until the person uses a command again."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.task import State, Task
from bot.storage.tables import NOTICE_PENDING, tasks
from bot.storage.tasks.rows import task_of


async def of_person(connection: AsyncConnection, person_id: int) -> Sequence[Task]:
    """Return a person's pending notices, oldest first, except for tasks delivered since then."""
    theirs = select(tasks).where(tasks.c.person_id == person_id, NOTICE_PENDING)
    query = theirs.where(tasks.c.state != State.DELIVERED).order_by(tasks.c.created_at)
    return [task_of(row) for row in await connection.execute(query)]


async def forget(connection: AsyncConnection, person_id: int) -> None:
    """Clear a person's notices after they were delivered."""
    theirs = update(tasks).where(tasks.c.person_id == person_id, NOTICE_PENDING)
    await connection.execute(theirs.values({"unsaid": False}))
