"""Tasks whose message may show less than the task has come to, until somebody has looked at it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.task import OPEN_STATES, State, Task
from bot.storage.rows import task_of
from bot.storage.tables import late_edits, tasks
from bot.storage.upsert import insert_if_absent

LOOKED_AT_FOR = timedelta(minutes=2)
"""Whoever has taken one has it for so long. Two that put the same right do it twice, no more."""
GIVE_UP_AFTER = timedelta(hours=24)
"""Discord has been away for hours, never for a day."""
_DUE = 100
"""Looked at once."""


async def moment(connection: AsyncConnection, task_id: str) -> tuple[State, int] | None:
    """State and epoch of a task."""
    query = select(tasks.c.state, tasks.c.epoch).where(tasks.c.id == task_id)
    found = (await connection.execute(query)).one_or_none()
    return None if found is None else (found.state, found.epoch)


async def write_down(
    connection: AsyncConnection, task_id: str, *, now: datetime, after: timedelta
) -> None:
    """Have its message looked at then; of two moments the later one counts."""
    due_at = now + after
    key = {"task_id": task_id}
    await insert_if_absent(connection, late_edits, key, {"made_at": now, "due_at": due_at})
    mine = late_edits.c.task_id == task_id
    later = update(late_edits).where(mine, late_edits.c.due_at < due_at)
    await connection.execute(later.values(made_at=now, due_at=due_at))


async def take(connection: AsyncConnection, *, now: datetime, most: int) -> Sequence[Task]:
    """Tasks that have ended and are to be looked at, for whoever asks first."""
    await connection.execute(delete(late_edits).where(late_edits.c.made_at < now - GIVE_UP_AFTER))
    ended = [state for state in State if state not in OPEN_STATES]
    due = (
        select(late_edits.c.task_id)
        .join(tasks, tasks.c.id == late_edits.c.task_id)
        # Nothing is put off for longer: where it seems so, the clock was set back since.
        .where(or_(late_edits.c.due_at <= now, late_edits.c.due_at > now + LOOKED_AT_FOR))
        .where(tasks.c.state.in_(ended))
        .limit(min(most, _DUE))
        # PostgreSQL: what another process is just taking, it may have.
        .with_for_update(skip_locked=True, of=late_edits)
    )
    mine = update(late_edits).where(late_edits.c.task_id.in_(due))
    taken = mine.values(due_at=now + LOOKED_AT_FOR).returning(late_edits.c.task_id)
    ids = list(await connection.scalars(taken))
    if not ids:
        return []
    found = await connection.execute(select(tasks).where(tasks.c.id.in_(ids)))
    return [task_of(row) for row in found]


async def cross_out(connection: AsyncConnection, task_id: str) -> None:
    """Its message is right, or gone."""
    await connection.execute(delete(late_edits).where(late_edits.c.task_id == task_id))
