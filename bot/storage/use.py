"""What is used and held against every limit, in one statement."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.money import ZERO, Usd
from bot.domain.quota import DAY, Limits, Spend, Use, month_start
from bot.domain.task import IN_FLIGHT_STATES
from bot.storage.tables import AllowanceState, MoneyState, allowance_holds, money_holds, tasks


async def read_use(
    connection: AsyncConnection,
    *,
    person_id: int,
    guild_id: int | None,
    limits: Limits,
    now: datetime,
) -> Use:
    """What is used and held at ``now``, on this connection's view."""
    window_start, day_start = now - limits.window.length, now - DAY
    values = {
        "person": person_id,
        "guild": guild_id,
        "window_start": window_start,
        "day_start": day_start,
        "since": min(window_start, day_start),
        "month": month_start(now),
    }
    row = (await connection.execute(use_query(), values)).one()
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


@cache
def use_query() -> Select[Any]:
    """One row with everything; its parameters are those of :func:`read_use`.

    One statement, since each costs a reservation several thread switches, and built once, since
    building it takes longer than running it.
    """
    videos = _videos().subquery("videos")
    flight = _in_flight().subquery("flight")
    settled, held = _settled().subquery("settled"), _held().subquery("held")
    # Every part is exactly one row, so that the product is one, too.
    whole = videos.join(flight, true()).join(settled, true()).join(held, true())
    return select(*videos.c, *flight.c, *settled.c, *held.c).select_from(whole)


def _videos() -> Select[Any]:
    """One row over the person's holds in the longer of the window and a day."""
    hold = allowance_holds.c
    counts = hold.state.in_([AllowanceState.HELD, AllowanceState.USED])
    here = and_(counts, hold.made_at > bindparam("window_start"), _here(hold.guild_id))
    today = and_(counts, hold.made_at > bindparam("day_start"))
    return select(
        _count(and_(here, hold.state == AllowanceState.USED)).label("used"),
        _count(and_(here, hold.state == AllowanceState.HELD)).label("held"),
        _count(today).label("person_day"),
        func.min(case((here, hold.made_at)), type_=hold.made_at.type).label("first"),
        func.min(case((today, hold.made_at)), type_=hold.made_at.type).label("day_first"),
    ).where(hold.person_id == bindparam("person"), hold.made_at > bindparam("since"))


def _in_flight() -> Select[Any]:
    return select(func.count().label("in_flight")).where(
        tasks.c.person_id == bindparam("person"), tasks.c.state.in_(list(IN_FLIGHT_STATES))
    )


def _settled() -> Select[Any]:
    """What the tasks of this calendar month cost."""
    hold = money_holds.c
    return _sums("settled", hold.settled).where(
        hold.state == MoneyState.SETTLED, hold.made_at >= bindparam("month")
    )


def _held() -> Select[Any]:
    """Everything held, of whatever month: it may be charged in this one."""
    hold = money_holds.c
    return _sums("held", hold.estimate).where(hold.state == MoneyState.HELD)


def _sums(name: str, amount: ColumnElement[Usd]) -> Select[Any]:
    """One row: over everything, in this place, and this person's in this place."""
    here = _here(money_holds.c.guild_id)
    theirs = and_(here, money_holds.c.person_id == bindparam("person"))
    return select(
        func.sum(amount, type_=amount.type).label(f"{name}_everything"),
        func.sum(case((here, amount)), type_=amount.type).label(f"{name}_place"),
        func.sum(case((theirs, amount)), type_=amount.type).label(f"{name}_person"),
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _here(guild_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """In the place that is asked about; all direct messages are one place, without a guild."""
    return guild_id.is_not_distinct_from(bindparam("guild", type_=guild_id.type))
