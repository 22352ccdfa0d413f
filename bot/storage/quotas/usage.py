"""Reads usage and holds against every limit in one statement."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.money import ZERO, Usd
from bot.domain.quotas.quota import DAY, Limits, Spend, Unclear, Usage
from bot.domain.task import IN_FLIGHT_STATES, UNCLEAR_COUNTS_FOR, State
from bot.storage.engine.types import one_of
from bot.storage.quotas import spend_totals
from bot.storage.tables import (
    AllowanceState,
    MoneyState,
    allowance_holds,
    grants,
    money_holds,
    tasks,
)


async def read_usage(
    connection: AsyncConnection,
    *,
    person_id: int,
    guild_id: int | None,
    limits: Limits,
    now: datetime,
) -> Usage:
    """Return usage and holds at ``now``, in this connection's snapshot."""
    values = _parameters(person_id, guild_id, limits, now)
    row = (await connection.execute(usage_query(), values)).one()
    first = row.first
    if (over := row.used + row.held - limits.videos) > 0 and limits.videos > 0:
        # After a limit was lowered, more than one video must leave the window before one fits.
        first = await connection.scalar(_leaving(), {**values, "over": over})
    return _usage(row, limits, first, in_guild=guild_id is not None)


def _parameters(
    person_id: int, guild_id: int | None, limits: Limits, now: datetime
) -> dict[str, Any]:
    """Return the parameters of :func:`usage_query`."""
    window_start, today = now - limits.window.length, now - DAY
    if limits.counts_from is not None:
        window_start = max(window_start, limits.counts_from)
    return {
        "person": person_id,
        "guild": guild_id,
        "guild_key": spend_totals.NO_GUILD if guild_id is None else guild_id,
        "now": now,
        "window_start": window_start,
        "day_start": today,
        "since": min(window_start, today),
        "unclear_since": now - UNCLEAR_COUNTS_FOR,
        "month": spend_totals.month_of(now),
        "day": spend_totals.day_of(now),
    }


def _usage(row: Row[Any], limits: Limits, first: datetime | None, *, in_guild: bool) -> Usage:
    return Usage(
        used=row.used,
        held=row.held,
        in_flight=row.in_flight,
        unclear=row.unclear,
        unclear_frees_at=row.unclear_first and row.unclear_first + UNCLEAR_COUNTS_FOR,
        person_day_videos=row.person_day_videos,
        guild_spend=_spend(row.settled_place, row.held_place) if in_guild else Spend(),
        guild_day_spend=_spend(row.settled_day, row.held_place) if in_guild else Spend(),
        operator_spend=_spend(row.settled_everything, row.held_everything),
        person_spend=_spend(row.settled_person, row.held_person),
        bonus=row.bonus or 0,
        bonus_expires_at=row.bonus_expires_at,
        frees_at=first and first + limits.window.length,
        person_day_frees_at=row.day_first and row.day_first + DAY,
    )


def _spend(settled: Usd | None, held: Usd | None) -> Spend:
    return Spend(settled=settled or ZERO, held=held or ZERO)


@cache
def usage_query() -> Select[Any]:
    """One row with all figures; its parameters are those of :func:`_parameters`.

    It is one statement, since each costs several thread switches, and built once, since building
    it takes longer than running it.
    """
    videos = _videos().subquery("videos")
    flight = _in_flight().subquery("flight")
    held, bonus = _held().subquery("held"), _bonus().subquery("bonus_left")
    # Every part has exactly one row, so the join has one, too.
    whole = videos.join(flight, true()).join(held, true()).join(bonus, true())
    return select(*videos.c, *flight.c, *held.c, *bonus.c, *_settled()).select_from(whole)


def _videos() -> Select[Any]:
    """One row over the person's holds in the window or the last day, whichever is longer."""
    hold = allowance_holds.c
    here, today = _in_window(), and_(_counts_today(), hold.made_at > bindparam("day_start"))
    return select(
        _count(and_(here, one_of(hold.state, AllowanceState.USED))).label("used"),
        _count(and_(here, one_of(hold.state, AllowanceState.HELD))).label("held"),
        _count(today).label("person_day_videos"),
        func.min(case((here, hold.made_at)), type_=hold.made_at.type).label("first"),
        func.min(case((today, hold.made_at)), type_=hold.made_at.type).label("day_first"),
    ).where(hold.person_id == bindparam("person"), hold.made_at > bindparam("since"))


@cache
def _leaving() -> Select[Any]:
    """Creation time of the video that must leave the window before another one fits."""
    hold = allowance_holds.c
    theirs = and_(hold.person_id == bindparam("person"), _in_window())
    return (
        select(hold.made_at).where(theirs).order_by(hold.made_at).offset(bindparam("over")).limit(1)
    )


def _counts() -> ColumnElement[bool]:
    return one_of(allowance_holds.c.state, AllowanceState.HELD, AllowanceState.USED)


def _counts_today() -> ColumnElement[bool]:
    """Over all places, including failures that were charged but not counted by a server."""
    return or_(_counts(), one_of(allowance_holds.c.state, AllowanceState.DAY_ONLY))


def _in_window() -> ColumnElement[bool]:
    """Videos of the window's allowance, which excludes those taken from a bonus."""
    hold = allowance_holds.c
    return and_(
        _counts(),
        hold.made_at > bindparam("window_start"),
        hold.grant_id.is_(None),
        _here(hold.guild_id),
    )


def _bonus() -> Select[Any]:
    """One row: the number of granted videos left, and when the first of them expires."""
    left = grants_left().subquery("grants_left")
    return select(
        func.sum(left.c.left, type_=Integer()).label("bonus"),
        func.min(left.c.expires_at, type_=left.c.expires_at.type).label("bonus_expires_at"),
    ).where(left.c.left > literal_column("0"))


def grants_left() -> Select[Any]:
    """The person's unexpired grants here, each with the number of videos ``left``."""
    grant = grants.c
    taken = (
        select(func.count())
        .select_from(allowance_holds)
        .where(allowance_holds.c.grant_id == grant.id, _counts())
        .scalar_subquery()
    )
    return select(grant.id, grant.expires_at, (grant.videos - taken).label("left")).where(
        grant.guild_id == bindparam("guild_key"),
        grant.person_id == bindparam("person"),
        or_(grant.expires_at.is_(None), grant.expires_at > bindparam("now")),
    )


def _in_flight() -> Select[Any]:
    task = tasks.c
    is_unclear = one_of(task.state, State.UNKNOWN)
    counts = or_(
        one_of(task.state, *sorted(IN_FLIGHT_STATES)),
        and_(is_unclear, task.submitted_at > bindparam("unclear_since")),
    )
    return select(
        func.count().label("in_flight"),
        _count(is_unclear).label("unclear"),
        func.min(case((is_unclear, task.submitted_at)), type_=task.submitted_at.type).label(
            "unclear_first"
        ),
    ).where(task.person_id == bindparam("person"), counts)


async def read_unclear(
    connection: AsyncConnection, *, guild_id: int | None = None, person_id: int | None = None
) -> Unclear:
    """Return what unclear tasks hold: everywhere, in a server, or for a person there."""
    task = tasks.c
    query = select(
        func.count().label("count"),
        func.sum(task.estimate, type_=task.estimate.type).label("held"),
        func.min(task.submitted_at, type_=task.submitted_at.type).label("since"),
    ).where(task.state == State.UNKNOWN)
    if guild_id is not None:
        query = query.where(task.guild_id == guild_id)
    if person_id is not None:
        query = query.where(task.person_id == person_id)
    row = (await connection.execute(query)).one()
    # `row.count` would be the tuple's method.
    return Unclear(count=row[0], held=row.held or ZERO, since=row.since)


def _settled() -> Sequence[ColumnElement[Any]]:
    """Settled cost of this calendar month, and of today."""
    return (
        spend_totals.lookup("month", spend_totals.ALL, spend_totals.ALL).label(
            "settled_everything"
        ),
        spend_totals.lookup("month", "guild_key", spend_totals.ALL).label("settled_place"),
        spend_totals.lookup("month", "guild_key", "person").label("settled_person"),
        spend_totals.lookup("day", "guild_key", spend_totals.ALL).label("settled_day"),
    )


def _held() -> Select[Any]:
    """All money held, from any month, since it may be charged in this one."""
    hold = money_holds.c
    return _sums("held", hold.estimate).where(one_of(hold.state, MoneyState.HELD))


def _sums(name: str, amount: ColumnElement[Usd]) -> Select[Any]:
    """One row of sums: over everything, in this place, and this person's in this place."""
    here = _here(money_holds.c.guild_id)
    theirs = and_(here, money_holds.c.person_id == bindparam("person"))
    return select(
        func.sum(amount, type_=amount.type).label(f"{name}_everything"),
        func.sum(case((here, amount)), type_=amount.type).label(f"{name}_place"),
        func.sum(case((theirs, amount)), type_=amount.type).label(f"{name}_person"),
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, literal_column("1"))))


def _here(guild_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a row is in the given place; all direct messages are one place without a guild."""
    return guild_id.is_not_distinct_from(bindparam("guild", type_=guild_id.type))
