"""Tasks whose message may show less than the task has come to, until somebody has looked at it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.task import OPEN_STATES, State, Task
from bot.storage.engine.types import one_of
from bot.storage.engine.upsert import insert_of
from bot.storage.tables import late_edits, tasks
from bot.storage.tasks.rows import task_of

LOOKED_AT_FOR = timedelta(minutes=2)
"""Whoever has taken one has it for so long. Two that put the same right do it twice, no more."""
GIVE_UP_AFTER = timedelta(hours=24)
"""Discord has been away for hours, never for a day."""
_DUE = 100
"""Looked at once."""

# Asked every few seconds, or at each edit: building a statement takes longer than running it, so
# these are built once, and what changes is given by name.
_ID = bindparam("task_id", type_=tasks.c.id.type)
_NOW = bindparam("now", type_=late_edits.c.due_at.type)
_LATEST = bindparam("latest", type_=late_edits.c.due_at.type)
_OLDEST = bindparam("oldest", type_=late_edits.c.made_at.type)
_MOST = bindparam("most", type_=Integer)

_MOMENT = select(tasks.c.state, tasks.c.epoch).where(tasks.c.id == _ID)
# Nearly always there is none at all.
_ANY = select(late_edits.c.task_id).limit(1)
_GIVEN_UP = delete(late_edits).where(late_edits.c.made_at < _OLDEST)
_DUE_NOW = (
    select(late_edits.c.task_id)
    .join(tasks, tasks.c.id == late_edits.c.task_id)
    # Nothing is put off for longer: where it seems so, the clock was set back since.
    .where(or_(late_edits.c.due_at <= _NOW, late_edits.c.due_at > _LATEST))
    .where(one_of(tasks.c.state, *(state for state in State if state not in OPEN_STATES)))
    .limit(_MOST)
    # PostgreSQL: what another process is just taking, it may have.
    .with_for_update(skip_locked=True, of=late_edits)
)
_TAKEN = (
    update(late_edits)
    .where(late_edits.c.task_id.in_(_DUE_NOW))
    .values(due_at=_LATEST)
    .returning(late_edits.c.task_id)
)

_CROSSED_OUT = delete(late_edits).where(late_edits.c.task_id == _ID)


async def moment(connection: AsyncConnection, task_id: str) -> tuple[State, int] | None:
    """State and epoch of a task."""
    found = (await connection.execute(_MOMENT, {"task_id": task_id})).one_or_none()
    return None if found is None else (found.state, found.epoch)


async def write_down(
    connection: AsyncConnection, task_ids: Sequence[str], *, now: datetime, after: timedelta
) -> None:
    """Have their messages looked at then; of two moments the later one counts."""
    if task_ids:
        written = _written_down(connection.dialect.name)
        due = {"made_at": now, "due_at": now + after}
        await connection.execute(written, [{"task_id": task_id, **due} for task_id in task_ids])


@cache
def _written_down(dialect: str) -> Any:
    new = insert_of(dialect)(late_edits)
    new_values = {"made_at": new.excluded.made_at, "due_at": new.excluded.due_at}
    # What was made later than now was made before the clock was set back: its moment says nothing.
    is_later = or_(
        late_edits.c.due_at < new.excluded.due_at, late_edits.c.made_at > new.excluded.made_at
    )
    return new.on_conflict_do_update(index_elements=["task_id"], set_=new_values, where=is_later)


async def take(connection: AsyncConnection, *, now: datetime, most: int) -> Sequence[Task]:
    """Tasks that have ended and are to be looked at, for whoever asks first."""
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
    """Its message is right, or gone."""
    await connection.execute(_CROSSED_OUT, {"task_id": task_id})
