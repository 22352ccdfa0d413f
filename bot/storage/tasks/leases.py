"""Which processes live, and who takes over the tasks of those that do not."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Integer,
    Update,
    and_,
    bindparam,
    case,
    delete,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from bot.domain.task import OPEN_STATES, State, Task
from bot.storage.tables import AllowanceState, allowance_holds, processes, tasks
from bot.storage.tasks.rows import task_of

# What every `flipbook run` calls itself begins with this.
RUN_PREFIX = "run-"


async def register(connection: AsyncConnection, owner: str, lease_until: datetime) -> None:
    """Write down, or prolong, the lease of ``owner``."""
    parameters = {"me": owner, "until": lease_until}
    changed = await connection.execute(_PROLONGED, parameters)
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
    parameters = {"me": owner, "moment": now}
    room = _ANY_NUMBER if most is None else most
    unclear = await _taken(connection, _taking_unclear(only_run), parameters | {"most": room})
    await _return_allowances(connection, now, unclear)
    room -= len(unclear)
    others = await _taken(connection, _taking_open(only_run), parameters | {"most": room})
    return sorted([*unclear, *others], key=lambda task: (task.created_at, task.id))


async def untold(
    connection: AsyncConnection, owner: str, *, since: datetime, only_run: bool, now: datetime
) -> Sequence[Task]:
    """The tasks that ended without a video, of ``owner`` or taken over, nobody being told yet."""
    parameters = {"me": owner, "moment": now, "since": since}
    taken = await _taken(connection, _taking_untold(only_run), parameters | {"most": _ANY_NUMBER})
    mine = await _taken(connection, _MY_UNTOLD, {"me": owner, "since": since})
    known = {task.id for task in taken}
    return [*taken, *(task for task in mine if task.id not in known)]


# --- the statements -------------------------------------------------------------------------

# Every process asks every few seconds, mostly for nothing: building a statement anew takes longer
# than running it. So they are built once, and what changes is given by name.
_ME = bindparam("me", type_=tasks.c.owner.type)
_NOW = bindparam("moment", type_=tasks.c.updated_at.type)
_SINCE = bindparam("since", type_=tasks.c.updated_at.type)
_UNTIL = bindparam("until", type_=processes.c.lease_until.type)
_MOST = bindparam("most", type_=Integer)
_ANY_NUMBER = 2**31 - 1

_PROLONGED = update(processes).where(processes.c.owner == _ME).values(lease_until=_UNTIL)


def _gone(*, only_run: bool) -> ColumnElement[bool]:
    """The condition that a task's owner is gone; whoever asks is not."""
    living = select(processes.c.owner).where(processes.c.lease_until > _NOW)
    if only_run:
        living = living.where(not_(processes.c.owner.startswith(RUN_PREFIX, autoescape=True)))
    left = and_(tasks.c.owner != _ME, tasks.c.owner.not_in(living))
    return or_(tasks.c.owner.is_(None), left)


def _silent() -> ColumnElement[bool]:
    """The condition that a task ended without a video, lately, and nobody was told."""
    ended = (State.FAILED, State.UNKNOWN, State.UNDELIVERED)
    return and_(
        tasks.c.state.in_(ended), tasks.c.announced.is_(False), tasks.c.updated_at >= _SINCE
    )


def _taking(where: ColumnElement[bool], **values: Any) -> Update:
    # PostgreSQL: what another process is just claiming, it may have.
    free = select(tasks.c.id).where(where).order_by(tasks.c.created_at).limit(_MOST)
    free = free.with_for_update(skip_locked=True)
    changed = update(tasks).where(tasks.c.id.in_(free))
    return changed.values(owner=_ME, epoch=tasks.c.epoch + 1, **values)


@cache
def _taking_unclear(only_run: bool) -> ReturningUpdate[Any]:
    where = and_(tasks.c.state == State.SUBMITTING, _gone(only_run=only_run))
    return _taking(where, updated_at=_NOW, state=State.UNKNOWN).returning(tasks)


@cache
def _taking_open(only_run: bool) -> ReturningUpdate[Any]:
    others = list(OPEN_STATES - {State.SUBMITTING})
    wanted_again = and_(tasks.c.state == State.UNDELIVERED, tasks.c.owner.is_(None))
    where = or_(and_(tasks.c.state.in_(others), _gone(only_run=only_run)), wanted_again)
    # It never goes back: what somebody has to wait for is reckoned from it.
    latest = case((tasks.c.updated_at > _NOW, tasks.c.updated_at), else_=_NOW)
    return _taking(where, updated_at=latest).returning(tasks)


@cache
def _taking_untold(only_run: bool) -> ReturningUpdate[Any]:
    # Its time is not touched: since when nobody has been told is what it is given up by.
    where = and_(_silent(), _gone(only_run=only_run))
    return _taking(where, updated_at=tasks.c.updated_at).returning(tasks)


_MY_UNTOLD = select(tasks).where(_silent(), tasks.c.owner == _ME)


async def _taken(
    connection: AsyncConnection, statement: Executable, parameters: Mapping[str, Any]
) -> list[Task]:
    return [task_of(row) for row in await connection.execute(statement, parameters)]


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
