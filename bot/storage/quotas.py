"""The ledger: what is used, and the two holds of each task from their making to their end."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.money import ZERO, Usd
from bot.domain.quota import (
    DAY,
    AllowanceEnd,
    HoldsEnd,
    Limits,
    MoneyEnd,
    Spend,
    Use,
    month_start,
)
from bot.domain.task import IN_FLIGHT_STATES, Task
from bot.errors import StorageError
from bot.services.ports import NewTask
from bot.storage.tables import (
    AllowanceState,
    MoneyState,
    allowance_holds,
    money_holds,
    prices,
    tasks,
)

_ALLOWANCE_STATES = {
    AllowanceEnd.USED: AllowanceState.USED,
    AllowanceEnd.RETURNED: AllowanceState.RETURNED,
}
_MONEY_STATES = {
    MoneyEnd.SETTLED: MoneyState.SETTLED,
    MoneyEnd.RELEASED: MoneyState.RELEASED,
}


# --- reading ------------------------------------------------------------------------------


async def read_use(
    connection: AsyncConnection,
    *,
    person_id: int,
    guild_id: int | None,
    limits: Limits,
    now: datetime,
) -> Use:
    """What is used and held at ``now``, on this connection's view."""
    query = _use(person_id, guild_id, limits, now)
    row = (await connection.execute(query)).one()
    in_guild = guild_id is not None
    return Use(
        used=row.used,
        held=row.held,
        in_flight=row.in_flight,
        person_day=row.person_day,
        guild=_spend(row.settled_place, row.held_place) if in_guild else Spend(),
        operator=_spend(row.settled_everything, row.held_everything),
        person=_spend(row.settled_person, row.held_person),
        frees_at=row.first and row.first + limits.window.length,
        person_day_frees_at=row.day_first and row.day_first + DAY,
    )


def _spend(settled: Usd | None, held: Usd | None) -> Spend:
    return Spend(settled=settled or ZERO, held=held or ZERO)


def _use(person_id: int, guild_id: int | None, limits: Limits, now: datetime) -> Select[Any]:
    """One row with everything: each statement costs a reservation several thread switches."""
    parts = [
        _videos(person_id, guild_id, limits, now).subquery("videos"),
        _in_flight(person_id).subquery("flight"),
        _settled(person_id, guild_id, now).subquery("settled"),
        _held(person_id, guild_id).subquery("held"),
    ]
    # Every part is exactly one row, so that the product is one, too.
    whole = parts[0].join(parts[1], true()).join(parts[2], true()).join(parts[3], true())
    return select(*(column for part in parts for column in part.c)).select_from(whole)


def _videos(person_id: int, guild_id: int | None, limits: Limits, now: datetime) -> Select[Any]:
    """One row over the person's holds in the longer of the window and a day."""
    hold = allowance_holds.c
    window_start, day_start = now - limits.window.length, now - DAY
    counts = hold.state.in_([AllowanceState.HELD, AllowanceState.USED])
    here = and_(counts, hold.made_at > window_start, _same_place(hold.guild_id, guild_id))
    today = and_(counts, hold.made_at > day_start)
    return select(
        _count(and_(here, hold.state == AllowanceState.USED)).label("used"),
        _count(and_(here, hold.state == AllowanceState.HELD)).label("held"),
        _count(today).label("person_day"),
        func.min(case((here, hold.made_at)), type_=hold.made_at.type).label("first"),
        func.min(case((today, hold.made_at)), type_=hold.made_at.type).label("day_first"),
    ).where(hold.person_id == person_id, hold.made_at > min(window_start, day_start))


def _in_flight(person_id: int) -> Select[Any]:
    return select(func.count().label("in_flight")).where(
        tasks.c.person_id == person_id, tasks.c.state.in_(list(IN_FLIGHT_STATES))
    )


def _settled(person_id: int, guild_id: int | None, now: datetime) -> Select[Any]:
    """What the tasks of this calendar month cost."""
    hold = money_holds.c
    return _sums("settled", hold.settled, person_id, guild_id).where(
        hold.state == MoneyState.SETTLED, hold.made_at >= month_start(now)
    )


def _held(person_id: int, guild_id: int | None) -> Select[Any]:
    """Everything held, of whatever month: it may be charged in this one."""
    hold = money_holds.c
    return _sums("held", hold.estimate, person_id, guild_id).where(hold.state == MoneyState.HELD)


def _sums(
    name: str, amount: ColumnElement[Usd], person_id: int, guild_id: int | None
) -> Select[Any]:
    """One row: over everything, in this place, and this person's in this place."""
    hold = money_holds.c
    here = _same_place(hold.guild_id, guild_id)
    theirs = and_(here, hold.person_id == person_id)
    return select(
        func.sum(amount, type_=amount.type).label(f"{name}_everything"),
        func.sum(case((here, amount)), type_=amount.type).label(f"{name}_place"),
        func.sum(case((theirs, amount)), type_=amount.type).label(f"{name}_person"),
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _same_place(column: ColumnElement[Any], guild_id: int | None) -> ColumnElement[bool]:
    """All direct messages are one place, without a guild."""
    return column.is_(None) if guild_id is None else column == guild_id


# --- the two holds ------------------------------------------------------------------------


async def make_holds(connection: AsyncConnection, new: NewTask, now: datetime) -> None:
    """One video and the estimate, for a task that is inserted already."""
    shared = {
        "task_id": new.id,
        "person_id": new.person.id,
        "guild_id": new.place.guild_id,
        "made_at": now,
    }
    await connection.execute(insert(allowance_holds).values(**shared, state=AllowanceState.HELD))
    await connection.execute(
        insert(money_holds).values(**shared, state=MoneyState.HELD, estimate=new.estimate)
    )


async def end_holds(
    connection: AsyncConnection, task: Task, ends: HoldsEnd, *, cost: Usd | None, now: datetime
) -> None:
    """End the holds of ``task`` as ``ends`` says; ``cost`` is what was charged, if known.

    Raises:
        StorageError: a hold has ended already. Only the allowance of a task that was `unknown`
            may have: it was given back then, and stays so.
    """
    if ends.allowance is not None:
        await _end_allowance(connection, task, _ALLOWANCE_STATES[ends.allowance], now)
    if ends.money is not None:
        await _end_money(connection, task, _MONEY_STATES[ends.money], cost, now)


async def _end_allowance(
    connection: AsyncConnection, task: Task, to: AllowanceState, now: datetime
) -> None:
    hold = allowance_holds.c
    ended = await connection.execute(
        update(allowance_holds)
        .where(hold.task_id == task.id, hold.state == AllowanceState.HELD)
        .values(state=to, ended_at=now)
    )
    if ended.rowcount == 0:
        found = await connection.scalar(select(hold.state).where(hold.task_id == task.id))
        if found is not AllowanceState.RETURNED:
            raise StorageError(f"task {task.id}: its allowance hold is {found}, not held")


async def _end_money(
    connection: AsyncConnection, task: Task, to: MoneyState, cost: Usd | None, now: datetime
) -> None:
    settled = task.estimate if cost is None else cost
    ended = await connection.execute(
        update(money_holds)
        .where(money_holds.c.task_id == task.id, money_holds.c.state == MoneyState.HELD)
        .values(state=to, ended_at=now, settled=settled if to is MoneyState.SETTLED else None)
    )
    if ended.rowcount == 0:
        raise StorageError(f"task {task.id}: its money hold has ended already")


# --- prices -------------------------------------------------------------------------------


async def last_price(connection: AsyncConnection, model: str, resolution: str) -> Usd | None:
    """What the last video of that kind cost; ``None`` before the first."""
    query = select(prices.c.cost).where(prices.c.model == model, prices.c.resolution == resolution)
    price: Usd | None = await connection.scalar(query)
    return price


async def record_price(
    connection: AsyncConnection, task: Task, cost: Usd | None, now: datetime
) -> None:
    """Remember ``cost`` as the price of such a video.

    Nothing or zero is no price: as an estimate it would open every budget.
    """
    if not cost or cost <= ZERO:
        return
    key = {"model": task.request.model, "resolution": task.options.resolution}
    changed = await connection.execute(
        update(prices).filter_by(**key).values(cost=cost, settled_at=now)
    )
    if changed.rowcount == 0:
        await connection.execute(insert(prices).values(**key, cost=cost, settled_at=now))
