"""Budgets that fill up, and the warnings about them: at 50, 80 and 100 %, once in each period."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.money import Usd
from bot.domain.quota import Limits, Spend, Use, day_start, month_start

LEVELS = (50, 80, 100)


class Budget(StrEnum):
    """Which one."""

    PERSON_MONTH = "person_month"
    GUILD_DAY = "guild_day"
    GUILD_MONTH = "guild_month"
    OPERATOR_MONTH = "operator_month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A budget has reached a share of what it allows."""

    budget: Budget
    percent: int
    """One of ``LEVELS``. 100 also where the next video would not fit any more."""
    limit: Usd
    counted: Usd
    """Settled and held, at that moment."""
    period_start: datetime
    guild_id: int | None
    """The server that it is about; ``None`` for the operator's over everything."""
    person_id: int | None
    """The person that it is about, where it is theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetWarning:
    """A level that nobody has been told about yet."""

    id: int
    level: Level
    at: datetime


def percent_reached(limit: Usd, counted: Usd) -> int:
    """The highest of ``LEVELS`` that is reached, else 0; a budget of nothing is always full."""
    reached = (one for one in LEVELS if counted.micros * 100 >= limit.micros * one)
    return max(reached, default=0)


def levels(
    limits: Limits, use: Use, *, guild_id: int | None, person_id: int, now: datetime
) -> Iterator[Level]:
    """The level of each budget that has reached one."""
    month, today = month_start(now), day_start(now)
    budgets: tuple[tuple[Budget, Usd | None, Spend, datetime, int | None, int | None], ...] = (
        (Budget.PERSON_MONTH, limits.person_month, use.person, month, guild_id, person_id),
        (Budget.GUILD_DAY, limits.guild_day, use.guild_day, today, guild_id, None),
        (Budget.GUILD_MONTH, limits.guild_month, use.guild, month, guild_id, None),
        (Budget.OPERATOR_MONTH, limits.operator_month, use.operator, month, None, None),
    )
    for budget, limit, spend, start, guild, person in budgets:
        percent = 0 if limit is None else percent_reached(limit, spend.counted)
        if limit is not None and percent:
            yield Level(
                budget=budget,
                percent=percent,
                limit=limit,
                counted=spend.counted,
                period_start=start,
                guild_id=guild,
                person_id=person,
            )
