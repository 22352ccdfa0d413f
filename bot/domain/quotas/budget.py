"""Warnings about budgets, at 50, 80 and 100%, once in each period."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from bot.domain.money import Usd
from bot.domain.quotas.quota import (
    Denial,
    Limits,
    Reason,
    Spend,
    Usage,
    budgets,
    day_start,
    month_start,
)

LEVELS = (50, 80, 100)


class Budget(StrEnum):
    """The kinds of budgets."""

    PERSON_MONTH = "person_month"
    GUILD_DAY = "guild_day"
    GUILD_MONTH = "guild_month"
    OPERATOR_MONTH = "operator_month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A budget that has reached a level."""

    budget: Budget
    percent: int
    """One of ``LEVELS``. It is also 100 if the next video does not fit."""
    limit: Usd
    counted: Usd
    """Settled and held money at that moment."""
    period_start: datetime
    guild_id: int | None
    """The server of the budget; ``None`` for the operator's overall budget."""
    person_id: int | None
    """The person of the budget, if it is a person's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetWarning:
    """A level that nobody has been told about yet."""

    id: int
    level: Level
    at: datetime


def percent_reached(limit: Usd, counted: Usd) -> int:
    """The highest of ``LEVELS`` that is reached, or 0; a budget of $0 is always full."""
    reached = (one for one in LEVELS if counted.micros * 100 >= limit.micros * one)
    return max(reached, default=0)


def levels(
    limits: Limits, use: Usage, *, guild_id: int | None, person_id: int, now: datetime
) -> Iterator[Level]:
    """The levels of the budgets that have reached one."""
    for reason, limit, spend in budgets(limits, use):
        if percent := percent_reached(limit, spend.counted):
            about = _about(_OF_REASON[reason], guild_id=guild_id, person_id=person_id, now=now)
            yield Level(percent=percent, limit=limit, counted=spend.counted, **about)


def full(denial: Denial, *, guild_id: int | None, person_id: int, now: datetime) -> Iterator[Level]:
    """The level 100 of the budget that refused a video, if a budget did."""
    budget = _OF_REASON.get(denial.reason)
    if budget is None or not isinstance(denial.limit, Usd):
        return
    spend = Spend(settled=_usd(denial.used), held=_usd(denial.held))
    about = _about(budget, guild_id=guild_id, person_id=person_id, now=now)
    yield Level(percent=100, limit=denial.limit, counted=spend.counted, **about)


_OF_REASON = {
    Reason.PERSON_MONTH_BUDGET: Budget.PERSON_MONTH,
    Reason.GUILD_DAY_BUDGET: Budget.GUILD_DAY,
    Reason.GUILD_MONTH_BUDGET: Budget.GUILD_MONTH,
    Reason.OPERATOR_MONTH_BUDGET: Budget.OPERATOR_MONTH,
}


def _usd(amount: int | Usd) -> Usd:
    return amount if isinstance(amount, Usd) else Usd(amount)


class _About(TypedDict):
    budget: Budget
    period_start: datetime
    guild_id: int | None
    person_id: int | None


def _about(budget: Budget, *, guild_id: int | None, person_id: int, now: datetime) -> _About:
    """The server, person and period of a budget."""
    return {
        "budget": budget,
        "period_start": day_start(now) if budget is Budget.GUILD_DAY else month_start(now),
        "guild_id": None if budget is Budget.OPERATOR_MONTH else guild_id,
        "person_id": person_id if budget is Budget.PERSON_MONTH else None,
    }
