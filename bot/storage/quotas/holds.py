"""The two holds of each task, on allowance and money, from their creation to their end."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.money import Usd
from bot.domain.quotas.holds import (
    AllowanceEnd,
    HoldsEnd,
    MoneyEnd,
)
from bot.domain.submission import NewTask
from bot.domain.task import Task
from bot.errors import StorageError
from bot.storage.quotas import spend_totals
from bot.storage.tables import (
    AllowanceState,
    MoneyState,
    allowance_holds,
    money_holds,
)

_ALLOWANCE_STATES = {
    AllowanceEnd.USED: AllowanceState.USED,
    AllowanceEnd.DAY_ONLY: AllowanceState.DAY_ONLY,
    AllowanceEnd.RETURNED: AllowanceState.RETURNED,
}
_MONEY_STATES = {
    MoneyEnd.SETTLED: MoneyState.SETTLED,
    MoneyEnd.RELEASED: MoneyState.RELEASED,
}


# Every task needs these. Building a statement takes longer than running it, so they are built
# once. They set the columns that are given as parameters.
_ALLOWANCE_MADE = insert(allowance_holds)
_MONEY_MADE = insert(money_holds)
_ALLOWANCE_ENDED = update(allowance_holds).where(
    allowance_holds.c.task_id == bindparam("its_task"),
    allowance_holds.c.state == bindparam("held"),
)
_MONEY_ENDED = (
    update(money_holds)
    .where(money_holds.c.task_id == bindparam("its_task"), money_holds.c.state == bindparam("held"))
    .returning(money_holds.c.made_at, money_holds.c.guild_id, money_holds.c.person_id)
)

# --- the two holds ------------------------------------------------------------------------


async def make_holds(
    connection: AsyncConnection, new: NewTask, now: datetime, *, grant_id: int | None = None
) -> None:
    """Hold one video and the estimated cost for a task that is already inserted.

    ``grant_id``: the video is taken from that bonus instead of the window's allowance.
    """
    shared = {
        "task_id": new.id,
        "person_id": new.person.id,
        "guild_id": new.place.guild_id,
        "made_at": now,
    }
    allowance = {**shared, "state": AllowanceState.HELD, "grant_id": grant_id}
    await connection.execute(_ALLOWANCE_MADE, allowance)
    money = {**shared, "state": MoneyState.HELD, "estimate": new.estimate}
    await connection.execute(_MONEY_MADE, money)


async def end_holds(
    connection: AsyncConnection, task: Task, ends: HoldsEnd, *, cost: Usd | None, now: datetime
) -> bool:
    """End the holds of ``task`` as ``ends`` says; ``cost`` is what was charged, if known.

    Returns:
        Whether the video counts as used in the person's allowance.

    Raises:
        StorageError: a hold has ended already. Only the allowance of a task that was `unknown`
            may have ended: it stays returned, and a later charge counts for the person's day only.
    """
    is_used = False
    if ends.allowance is not None:
        is_used = await _end_allowance(connection, task, _ALLOWANCE_STATES[ends.allowance], now)
    if ends.money is not None:
        await _end_money(connection, task, _MONEY_STATES[ends.money], cost, now)
    return is_used


async def _end_allowance(
    connection: AsyncConnection, task: Task, to: AllowanceState, now: datetime
) -> bool:
    hold = allowance_holds.c
    values = {"its_task": task.id, "held": AllowanceState.HELD, "state": to, "ended_at": now}
    ended = await connection.execute(_ALLOWANCE_ENDED, values)
    if ended.rowcount:
        return to is AllowanceState.USED
    found = await connection.scalar(select(hold.state).where(hold.task_id == task.id))
    if found is not AllowanceState.RETURNED:
        raise StorageError(f"task {task.id}: its allowance hold is {found}, not held")
    if to is not AllowanceState.RETURNED:
        this = update(allowance_holds).where(hold.task_id == task.id)
        await connection.execute(this.values(state=AllowanceState.DAY_ONLY))
    return False


async def _end_money(
    connection: AsyncConnection, task: Task, to: MoneyState, cost: Usd | None, now: datetime
) -> None:
    charged = task.estimate if cost is None else cost
    settled = charged if to is MoneyState.SETTLED else None
    values = {"its_task": task.id, "held": MoneyState.HELD, "state": to, "ended_at": now}
    ended = await connection.execute(_MONEY_ENDED, values | {"settled": settled})
    made = ended.one_or_none()
    if made is None:
        raise StorageError(f"task {task.id}: its money hold has ended already")
    if settled is not None:
        await spend_totals.add(connection, spend_totals.keys(*made), settled)
