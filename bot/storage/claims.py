"""Which processes live, and who takes over the tasks of those that do not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
    insert,
    literal,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.task import OPEN_STATES, State, Task
from bot.storage.rows import task_of
from bot.storage.tables import AllowanceState, allowance_holds, processes, tasks

# What every `flipbook run` calls itself begins with this.
RUN_PREFIX = "run-"


async def register(connection: AsyncConnection, owner: str, lease_until: datetime) -> None:
    """Write down, or prolong, the lease of ``owner``."""
    changed = await connection.execute(
        update(processes).where(processes.c.owner == owner).values(lease_until=lease_until)
    )
    if changed.rowcount == 0:
        await connection.execute(insert(processes).values(owner=owner, lease_until=lease_until))


async def release(connection: AsyncConnection, owner: str) -> None:
    """End the lease of ``owner``, if it has one."""
    await connection.execute(delete(processes).where(processes.c.owner == owner))


async def claim(
    connection: AsyncConnection,
    owner: str,
    *,
    only_run: bool,
    now: datetime,
    most: int | None = None,
) -> Sequence[Task]:
    """Hand at most ``most`` open tasks of processes that are gone to ``owner``; oldest first.

    Somebody may have been inside the POST of a ``submitting`` one: it becomes ``unknown``, its
    allowance goes back, its money stays held.
    """
    gone = _gone(owner, only_run=only_run, now=now)
    unclear = await _take(
        connection,
        owner,
        and_(tasks.c.state == State.SUBMITTING, gone),
        now,
        most=most,
        state=State.UNKNOWN,
    )
    await _return_allowances(connection, now, unclear)
    others = list(OPEN_STATES - {State.SUBMITTING})
    left = None if most is None else most - len(unclear)
    wanted_again = and_(tasks.c.state == State.UNDELIVERED, tasks.c.owner.is_(None))
    free = or_(and_(tasks.c.state.in_(others), gone), wanted_again)
    # It never goes back: what somebody has to wait for is reckoned from it.
    changed = tasks.c.updated_at
    latest = case((changed > now, changed), else_=literal(now, changed.type))
    taken = await _take(connection, owner, free, latest, most=left)
    return sorted([*unclear, *taken], key=lambda task: (task.created_at, task.id))


async def untold(
    connection: AsyncConnection, owner: str, *, since: datetime, only_run: bool, now: datetime
) -> Sequence[Task]:
    """The tasks that ended without a video, of ``owner`` or taken over, nobody being told yet."""
    ended = (State.FAILED, State.UNKNOWN, State.UNDELIVERED)
    silent = and_(
        tasks.c.state.in_(ended), tasks.c.announced.is_(False), tasks.c.updated_at >= since
    )
    gone = _gone(owner, only_run=only_run, now=now)
    # Not touched: since when nobody has been told is what they are given up by.
    moment = tasks.c.updated_at
    taken = await _take(connection, owner, and_(silent, gone), moment, most=None)
    mine = await connection.execute(select(tasks).where(silent, tasks.c.owner == owner))
    known = {task.id for task in taken}
    return [*taken, *(task for task in map(task_of, mine) if task.id not in known)]


def _gone(owner: str, *, only_run: bool, now: datetime) -> ColumnElement[bool]:
    """The condition that a task's owner is gone; ``owner`` itself is not."""
    living = select(processes.c.owner).where(processes.c.lease_until > now)
    if only_run:
        living = living.where(not_(processes.c.owner.startswith(RUN_PREFIX, autoescape=True)))
    left = and_(tasks.c.owner != owner, tasks.c.owner.not_in(living))
    return or_(tasks.c.owner.is_(None), left)


async def _take(
    connection: AsyncConnection,
    owner: str,
    where: ColumnElement[bool],
    now: datetime | ColumnElement[datetime],
    *,
    most: int | None,
    **values: Any,
) -> list[Task]:
    # PostgreSQL: what another process is just claiming, it may have.
    free = select(tasks.c.id).where(where).order_by(tasks.c.created_at).limit(most)
    free = free.with_for_update(skip_locked=True)
    taken = await connection.execute(
        update(tasks)
        .where(tasks.c.id.in_(free))
        .values(owner=owner, epoch=tasks.c.epoch + 1, updated_at=now, **values)
        .returning(tasks)
    )
    return [task_of(row) for row in taken]


async def _return_allowances(
    connection: AsyncConnection, now: datetime, unclear: Sequence[Task]
) -> None:
    hold = allowance_holds.c
    for task in unclear:
        await connection.execute(
            update(allowance_holds)
            .where(hold.task_id == task.id, hold.state == AllowanceState.HELD)
            .values(state=AllowanceState.RETURNED, ended_at=now)
        )
