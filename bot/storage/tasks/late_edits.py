"""Ended tasks whose message an edit may have overwritten late, until the message is checked."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, delete, func, not_, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.task import OPEN_STATES, State, Task
from bot.storage.engine.types import one_of
from bot.storage.engine.upsert import upserting
from bot.storage.tables import late_edits, tasks
from bot.storage.tasks.rows import task_of

LOOKED_AT_FOR = timedelta(minutes=2)
"""A process that takes a task keeps others from it this long; a second check does no harm."""
GIVE_UP_AFTER = timedelta(hours=24)
"""Outages of Discord have lasted hours, never a day."""
_DUE = 100
"""Maximum taken at once."""

# Used every few seconds, or at each edit. Building a statement takes longer than running it, so
# these are built once, with named parameters.
_ID = bindparam("task_id", type_=tasks.c.id.type)
_NOW = bindparam("now", type_=late_edits.c.due_at.type)
_LATEST = bindparam("latest", type_=late_edits.c.due_at.type)
_OLDEST = bindparam("oldest", type_=late_edits.c.made_at.type)
_MOST = bindparam("most", type_=Integer)

_MOMENT = select(tasks.c.state, tasks.c.epoch).where(tasks.c.id == _ID)
# Nearly always, there are no rows at all.
_ANY = select(late_edits.c.task_id).limit(1)
_GIVEN_UP = delete(late_edits).where(late_edits.c.made_at < _OLDEST)
_DUE_NOW = (
    select(late_edits.c.task_id)
    .join(tasks, tasks.c.id == late_edits.c.task_id)
    # Nothing is postponed for longer; if it seems so, the clock was set back since.
    .where(or_(late_edits.c.due_at <= _NOW, late_edits.c.due_at > _LATEST))
    .where(one_of(tasks.c.state, *(state for state in State if state not in OPEN_STATES)))
    # A video that is being sent again has not ended yet.
    .where(
        or_(
            not_(one_of(tasks.c.state, State.UNDELIVERED)),
            func.coalesce(tasks.c.not_before <= _NOW, true()),
        )
    )
    .limit(_MOST)
    # PostgreSQL: skip rows that another process is just taking.
    .with_for_update(skip_locked=True, of=late_edits)
)
_TAKEN = (
    update(late_edits)
    .where(late_edits.c.task_id.in_(_DUE_NOW))
    .values(due_at=_LATEST)
    .returning(late_edits.c.task_id)
)

_WRITTEN_DOWN = upserting(
    late_edits,
    ("task_id",),
    ("made_at", "due_at"),
    # A row made later than now was made before the clock was set back, so its time means nothing.
    where="late_edits.due_at < excluded.due_at OR late_edits.made_at > excluded.made_at",
)
_CROSSED_OUT = delete(late_edits).where(late_edits.c.task_id == _ID)


async def moment(connection: AsyncConnection, task_id: str) -> tuple[State, int] | None:
    """Return state and epoch of a task."""
    found = (await connection.execute(_MOMENT, {"task_id": task_id})).one_or_none()
    return None if found is None else (found.state, found.epoch)


async def write_down(
    connection: AsyncConnection, task_ids: Sequence[str], *, now: datetime, after: timedelta
) -> None:
    """Have the messages of these tasks checked after this time; the later of two times counts."""
    if task_ids:
        due = {"made_at": now, "due_at": now + after}
        await connection.execute(
            _WRITTEN_DOWN, [{"task_id": task_id, **due} for task_id in task_ids]
        )


async def take(connection: AsyncConnection, *, now: datetime, most: int) -> Sequence[Task]:
    """Return ended tasks whose messages are due for a check, and keep other processes from them."""
    if await connection.scalar(_ANY) is None:
        return []
    await connection.execute(_GIVEN_UP, {"oldest": now - GIVE_UP_AFTER})
    due = {"now": now, "latest": now + LOOKED_AT_FOR, "most": min(most, _DUE)}
    ids = list(await connection.scalars(_TAKEN, due))
    if not ids:
        return []
    found = await connection.execute(select(tasks).where(tasks.c.id.in_(ids)))
    return [task_of(row) for row in found]


async def cross_out(connection: AsyncConnection, task_id: str) -> None:
    """Delete the entry of a task whose message is right, or gone."""
    await connection.execute(_CROSSED_OUT, {"task_id": task_id})
