"""Finds the task of a result, and its rerolls in progress."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.task import OPEN_STATES, EntryPoint, Task
from bot.errors import AlreadyAgain
from bot.storage.tables import tasks
from bot.storage.tasks.rows import task_of


async def check_none_on_its_way(
    connection: AsyncConnection, *, parent_id: str | None, person_id: int, entry_point: EntryPoint
) -> None:
    """Allow one reroll at a time for each person, result and kind of reroll.

    The check that counts holds the write lock, like the quota's. A unique index would not do,
    because an `unknown` task may come back beside a later one.

    Raises:
        AlreadyAgain: such a reroll is in progress.
    """
    if parent_id is None:
        return
    query = select(tasks.c.id).where(
        tasks.c.parent_id == parent_id,
        tasks.c.person_id == person_id,
        tasks.c.door == entry_point,
        tasks.c.state.in_(list(OPEN_STATES)),
    )
    found = await connection.scalar(query.limit(1))
    if found is not None:
        raise AlreadyAgain(f"task {found} is the same reroll of {parent_id}")


async def of_result(connection: AsyncConnection, message_id: int) -> Task | None:
    """Return the task whose result this message is."""
    query = select(tasks).where(tasks.c.result_message_id == message_id)
    row = (await connection.execute(query)).first()
    return None if row is None else task_of(row)


async def take_away(connection: AsyncConnection, task_id: str) -> None:
    """Forget the message of a task's result."""
    gone = {"result_channel_id": None, "result_message_id": None}
    await connection.execute(update(tasks).where(tasks.c.id == task_id).values(**gone))
