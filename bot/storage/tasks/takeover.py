"""Takes over the tasks of processes that are gone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Integer,
    Select,
    Update,
    and_,
    bindparam,
    case,
    delete,
    false,
    func,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from bot.domain.task import ARRIVES_WITHIN, OPEN_STATES, State, Task
from bot.storage.engine.types import one_of
from bot.storage.tables import AllowanceState, allowance_holds, processes, tasks
from bot.storage.tasks import late_edits
from bot.storage.tasks.rows import task_of

# A killed process may have ended a task shortly before its last change, while an earlier edit was
# on its way to the message. Edits arrive within 30 s; a longer time only costs a few checks.
_ENDED_LATELY = timedelta(minutes=2)


async def held_by(
    connection: AsyncConnection, owner: str, states: Collection[State]
) -> Sequence[str]:
    """Return the ids of the owner's tasks in these states."""
    parameters = {"me": owner}
    return list(await connection.scalars(_held(tuple(states)), parameters))


async def claim(
    connection: AsyncConnection,
    owner: str,
    *,
    ended: Sequence[str],
    now: datetime,
    most: int | None = None,
) -> Sequence[Task]:
    """Give at most ``most`` open tasks of processes that are gone to ``owner``, oldest first.

    A process is gone if its lease is one of ``ended``, or if it has none.

    A ``submitting`` task may have been in the middle of its POST: it becomes ``unknown``, its
    allowance is returned, and its money stays held.
    """
    others = [one for one in ended if one != owner]
    taken = await _claim_open(connection, owner, ended=others, now=now, most=most)
    for one in others:
        await _forget(connection, one, now)
    return taken


async def _claim_open(
    connection: AsyncConnection,
    owner: str,
    *,
    ended: Sequence[str],
    now: datetime,
    most: int | None,
) -> Sequence[Task]:
    room = _ANY_NUMBER if most is None else most
    statements = _statements(any_ended=bool(ended))
    parameters = {"me": owner, "moment": now, **_these(ended)}
    waiting = await _waiting(connection, statements.open_ones, parameters | {"most": room})
    if not waiting:
        return []
    unclear = await _taken(connection, statements.taking_unclear, parameters | {"most": room})
    await _return_allowances(connection, now, unclear)
    room -= len(unclear)
    others = await _taken(connection, statements.taking_open, parameters | {"most": room})
    taken = sorted([*unclear, *others], key=lambda task: (task.created_at, task.id))
    await _look_again(connection, [task for task in taken if waiting.get(task.id)], now)
    return taken


async def _forget(connection: AsyncConnection, owner: str, now: datetime) -> None:
    """Delete the lease of a process whose open tasks have all been taken over.

    When it was killed, an edit of a task that it had ended may have been on its way, and arrive
    after the result. So the messages of those tasks are checked as well.
    """
    deleted = await connection.execute(_WITHOUT_TASKS, {"gone": owner})
    if not deleted.rowcount:
        return
    last = await connection.scalar(_LAST_OF, {"gone": owner})
    if last is not None:
        since = {"gone": owner, "since": last - _ENDED_LATELY}
        ids = list(await connection.scalars(_ENDED_BY, since))
        await late_edits.write_down(connection, ids, now=now, after=ARRIVES_WITHIN)


async def untold(
    connection: AsyncConnection,
    owner: str,
    *,
    since: datetime,
    ended: Sequence[str],
    now: datetime,
) -> Sequence[Task]:
    """Return tasks of ``owner``, or taken over now, that ended without a video or a notice."""
    others = [one for one in ended if one != owner]
    statements = _statements(any_ended=bool(others))
    span = {"since": since, "moment": now}
    parameters = {"me": owner, **span, "most": _ANY_NUMBER, **_these(others)}
    waiting = await _waiting(connection, statements.untold_ones, parameters)
    if not waiting:
        return []
    taken = await _taken(connection, statements.taking_untold, parameters)
    await _look_again(connection, [task for task in taken if waiting.get(task.id)], now)
    mine = await _taken(connection, _MY_UNTOLD, {"me": owner, **span})
    known = {task.id for task in taken}
    return [*taken, *(task for task in mine if task.id not in known)]


# --- the statements -------------------------------------------------------------------------

# Every process runs these every few seconds, mostly for nothing. Building a statement takes longer
# than running it, so they are built once, with named parameters.
_ME = bindparam("me", type_=tasks.c.owner.type)
_NOW = bindparam("moment", type_=tasks.c.updated_at.type)
_SINCE = bindparam("since", type_=tasks.c.updated_at.type)
_MOST = bindparam("most", type_=Integer)
_ANY_NUMBER = 2**31 - 1


@cache
def _held(states: tuple[State, ...]) -> Select[Any]:
    return select(tasks.c.id).where(one_of(tasks.c.state, *states), tasks.c.owner == _ME)


def _these(ended: Sequence[str]) -> Mapping[str, Any]:
    """Return the parameter for the processes whose leases have ended, if there are any."""
    return {"ended": ended} if ended else {}


def _gone(*, any_ended: bool) -> ColumnElement[bool]:
    """The condition that a task's owner is gone; the process that asks is not."""
    is_gone: ColumnElement[bool] = tasks.c.owner.not_in(select(processes.c.owner))
    if any_ended:
        # SQLAlchemy renders this list at each execution, and nearly always, it would be empty.
        ended = bindparam("ended", expanding=True, type_=tasks.c.owner.type)
        is_gone = or_(tasks.c.owner.in_(ended), is_gone)
    return or_(tasks.c.owner.is_(None), and_(tasks.c.owner != _ME, is_gone))


def _silent() -> ColumnElement[bool]:
    """The condition that a task ended recently, without a video and without a notice."""
    return and_(
        one_of(tasks.c.state, State.FAILED, State.CANCELLED, State.UNKNOWN, State.UNDELIVERED),
        tasks.c.announced.is_(False),
        tasks.c.updated_at >= _SINCE,
        # A video that is being sent again has not ended yet.
        not_(_is_asked_for()),
    )


def _is_asked_for() -> ColumnElement[bool]:
    """The condition that a video is to be sent again, or is being sent again."""
    is_later = func.coalesce(tasks.c.not_before > _NOW, false())
    return and_(one_of(tasks.c.state, State.UNDELIVERED), is_later)


def _open(gone: ColumnElement[bool], *states: State) -> ColumnElement[bool]:
    """Condition that a task in one of these states has no owner, or is to be delivered again."""
    left = and_(one_of(tasks.c.state, *states), gone)
    # If no worker was there for long, its time is over, and it has no owner yet.
    without_owner = and_(one_of(tasks.c.state, State.UNDELIVERED), tasks.c.owner.is_(None))
    return or_(left, without_owner, and_(_is_asked_for(), gone))


def _ones(where: ColumnElement[bool]) -> Select[Any]:
    """Select ids in the order in which tasks are taken, and whether the owner was killed.

    A process that ends in order has no lease any more, and leaves no edit on its way to Discord.
    """
    was_killed = tasks.c.owner.in_(select(processes.c.owner))
    return (
        select(tasks.c.id, was_killed)
        .where(where)
        .order_by(not_(one_of(tasks.c.state, State.SUBMITTING)), tasks.c.created_at)
        .limit(_MOST)
    )


def _taking(where: ColumnElement[bool], **values: Any) -> Update:
    # PostgreSQL: skip rows that another process is just claiming.
    free = select(tasks.c.id).where(where).order_by(tasks.c.created_at).limit(_MOST)
    free = free.with_for_update(skip_locked=True)
    changed = update(tasks).where(tasks.c.id.in_(free))
    return changed.values(owner=_ME, epoch=tasks.c.epoch + 1, **values)


def _taking_open(gone: ColumnElement[bool]) -> ReturningUpdate[Any]:
    where = _open(gone, *(OPEN_STATES - {State.SUBMITTING}))
    # It never goes back, because waiting times are counted from it.
    latest = case((tasks.c.updated_at > _NOW, tasks.c.updated_at), else_=_NOW)
    return _taking(where, updated_at=latest).returning(tasks)


@dataclass(frozen=True, slots=True)
class _Statements:
    """The statements that ask which processes are gone."""

    open_ones: Select[Any]
    untold_ones: Select[Any]
    taking_unclear: ReturningUpdate[Any]
    taking_open: ReturningUpdate[Any]
    taking_untold: ReturningUpdate[Any]


@cache
def _statements(*, any_ended: bool) -> _Statements:
    """``any_ended``: whether there are processes whose leases have ended."""
    gone = _gone(any_ended=any_ended)
    submitting = and_(one_of(tasks.c.state, State.SUBMITTING), gone)
    unclear = _taking(submitting, updated_at=_NOW, state=State.UNKNOWN)
    # Its time stays unchanged, because notices are given up after a time that counts from it.
    untold = _taking(and_(_silent(), gone), updated_at=tasks.c.updated_at)
    return _Statements(
        open_ones=_ones(_open(gone, *OPEN_STATES)),
        untold_ones=_ones(and_(_silent(), or_(tasks.c.owner == _ME, gone))),
        taking_unclear=unclear.returning(tasks),
        taking_open=_taking_open(gone),
        taking_untold=untold.returning(tasks),
    )


_GONE = bindparam("gone", type_=processes.c.owner.type)
_IS_OPEN = one_of(tasks.c.state, *OPEN_STATES)
_WITHOUT_TASKS = delete(processes).where(
    processes.c.owner == _GONE,
    _GONE.not_in(select(tasks.c.owner).where(_IS_OPEN, tasks.c.owner.is_not(None))),
)
_LAST_OF = select(func.max(tasks.c.updated_at, type_=tasks.c.updated_at.type)).where(
    tasks.c.owner == _GONE
)
_ENDED_BY = select(tasks.c.id).where(
    tasks.c.owner == _GONE, not_(_IS_OPEN), tasks.c.updated_at >= _SINCE
)
_MY_UNTOLD = select(tasks).where(_silent(), tasks.c.owner == _ME)


async def _taken(
    connection: AsyncConnection, statement: Executable, parameters: Mapping[str, Any]
) -> list[Task]:
    return [task_of(row) for row in await connection.execute(statement, parameters)]


async def _waiting(
    connection: AsyncConnection, statement: Executable, parameters: Mapping[str, Any]
) -> Mapping[str, bool]:
    """Return the ids to take, and whether each owner was killed; nearly always, there are none."""
    return {row[0]: bool(row[1]) for row in await connection.execute(statement, parameters)}


async def _look_again(
    connection: AsyncConnection, of_killed: Sequence[Task], now: datetime
) -> None:
    """Have messages of killed owners checked: an edit may arrive after what is shown next."""
    ids = [task.id for task in of_killed]
    await late_edits.write_down(connection, ids, now=now, after=ARRIVES_WITHIN)


_HOLD = allowance_holds.c
_RETURNED = (
    update(allowance_holds)
    .where(_HOLD.task_id == bindparam("its_task"), _HOLD.state == AllowanceState.HELD)
    .values(state=AllowanceState.RETURNED)
)


async def _return_allowances(
    connection: AsyncConnection, now: datetime, unclear: Sequence[Task]
) -> None:
    for task in unclear:
        await connection.execute(_RETURNED, {"its_task": task.id, "ended_at": now})
