"""Decides whether a task is within all limits, and how its holds end.

Storage calls :func:`decide` in the transaction that reads the usage and writes the holds, so that
nothing can come in between.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from bot.domain.limits import DAY, UNLIMITED, Block, Limits, LimitSource, Window
from bot.domain.money import ZERO, Usd
from bot.domain.task import State

__all__ = [
    "DAY",
    "UNLIMITED",
    "AllowanceEnd",
    "Denial",
    "HoldsEnd",
    "Limits",
    "MoneyEnd",
    "Reason",
    "Spend",
    "Unclear",
    "Usage",
    "Window",
    "day_start",
    "decide",
    "holds_end",
    "month_start",
    "next_day",
    "next_month",
    "takes_bonus",
]


class Reason(StrEnum):
    """The limit that does not allow a task."""

    BLOCKED = "blocked"
    CONCURRENT = "concurrent"
    ALLOWANCE = "allowance"
    PERSON_DAY_VIDEOS = "person_day"
    PERSON_MONTH_BUDGET = "person_budget"
    """The server's budget for each person and month."""
    GUILD_DAY_BUDGET = "guild_day"
    """The server's budget for a day."""
    GUILD_MONTH_BUDGET = "guild_budget"
    """The server's budget for a month, its own or the operator's."""
    OPERATOR_MONTH_BUDGET = "operator_budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """The money spent from one budget."""

    settled: Usd = ZERO
    held: Usd = ZERO

    @property
    def counted(self) -> Usd:
        """Settled and held money together, so that a budget is never exceeded."""
        return self.settled + self.held

    def with_held(self, more: Usd) -> Self:
        """The spending with ``more`` held in addition."""
        return replace(self, held=self.held + more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The usage of a person, their server and everybody, at one moment."""

    used: int = 0
    """Videos of the window that count as used."""
    held: int = 0
    """Videos of the window that tasks in flight hold."""
    in_flight: int = 0
    """Tasks in progress, and unclear ones of the last hour."""
    unclear: int = 0
    """The unclear ones among ``in_flight``."""
    unclear_frees_at: datetime | None = None
    """When the first unclear one stops counting."""
    person_day_videos: int = 0
    """Videos used and held in all places in the last 24 hours."""
    guild_spend: Spend = Spend()
    operator_spend: Spend = Spend()
    person_spend: Spend = Spend()
    """The person's own spending in this place this month."""
    guild_day_spend: Spend = Spend()
    """The server's spending today; held money counts regardless of its day."""
    bonus: int = 0
    """Bonus videos that are not expired, used or held."""
    bonus_expires_at: datetime | None = None
    """When the first bonus videos expire, if any do."""
    frees_at: datetime | None = None
    """When the next video frees up by age alone: if none is left, when enough have left the window
    for one to fit again; otherwise when the oldest one leaves it."""
    person_day_frees_at: datetime | None = None

    def with_one_more(self, estimate: Usd) -> Self:
        """The usage with one more task at ``estimate`` held."""
        return replace(
            self,
            person_spend=self.person_spend.with_held(estimate),
            guild_spend=self.guild_spend.with_held(estimate),
            guild_day_spend=self.guild_day_spend.with_held(estimate),
            operator_spend=self.operator_spend.with_held(estimate),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """The unclear tasks of somebody, and the money they hold."""

    count: int = 0
    held: Usd = ZERO
    since: datetime | None = None
    """When the oldest of them was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """Why a task is not allowed, with the numbers for a text."""

    reason: Reason
    limit: int | Usd
    used: int | Usd
    held: int | Usd
    window: Window | None = None
    frees_at: datetime | None = None
    unclear: int = 0
    """How many of ``held`` are unclear; ``frees_at`` is when the first one stops counting."""
    block: Block | None = None
    """The block, if a moderator blocked the person."""


def decide(limits: Limits, use: Usage, estimate: Usd, now: datetime) -> Denial | None:
    """Return ``None`` if one more task at ``estimate`` fits every limit, or the first denial.

    The person's own limits come first, since they can do something about those.
    """
    day, month = next_day(now), next_month(now)
    return (
        _blocked(limits)
        or _allowance(limits, use)
        or _concurrent(limits, use)
        or _person_day_videos(limits, use)
        or _budget(
            Reason.PERSON_MONTH_BUDGET,
            limits.person_month_budget,
            use.person_spend,
            estimate,
            month,
        )
        or _budget(
            Reason.GUILD_DAY_BUDGET, limits.guild_day_budget, use.guild_day_spend, estimate, day
        )
        or _budget(
            Reason.GUILD_MONTH_BUDGET, limits.guild_month_budget, use.guild_spend, estimate, month
        )
        or _budget(
            Reason.OPERATOR_MONTH_BUDGET,
            limits.operator_month_budget,
            use.operator_spend,
            estimate,
            month,
        )
    )


def takes_bonus(limits: Limits, use: Usage) -> bool:
    """Whether one more task would use a bonus video, which it does once the limit is reached.

    A limit of 0 that a moderator set for this person rules out bonus videos; a 0 of a role or of
    the server does not.
    """
    blocked = limits.videos == 0 and limits.origin.source is LimitSource.PERSON
    return not _fits(limits, use) and use.bonus > 0 and not blocked


def _fits(limits: Limits, use: Usage) -> bool:
    return limits.videos == UNLIMITED or use.used + use.held < limits.videos


def _blocked(limits: Limits) -> Denial | None:
    if limits.block is None:
        return None
    return Denial(reason=Reason.BLOCKED, limit=0, used=0, held=0, block=limits.block)


def _allowance(limits: Limits, use: Usage) -> Denial | None:
    if _fits(limits, use) or takes_bonus(limits, use):
        return None
    reason = Reason.BLOCKED if limits.videos == 0 else Reason.ALLOWANCE
    return Denial(
        reason=reason,
        limit=limits.videos,
        used=use.used,
        held=use.held,
        window=limits.window,
        frees_at=use.frees_at,
    )


def _concurrent(limits: Limits, use: Usage) -> Denial | None:
    if use.in_flight < limits.concurrent:
        return None
    return Denial(
        reason=Reason.CONCURRENT,
        limit=limits.concurrent,
        used=0,
        held=use.in_flight,
        unclear=use.unclear,
        frees_at=use.unclear_frees_at,
    )


def _person_day_videos(limits: Limits, use: Usage) -> Denial | None:
    if use.person_day_videos < limits.person_day_videos:
        return None
    return Denial(
        reason=Reason.PERSON_DAY_VIDEOS,
        limit=limits.person_day_videos,
        used=use.person_day_videos,
        held=0,
        window=Window.DAY,
        frees_at=use.person_day_frees_at,
    )


def _budget(
    reason: Reason, budget: Usd | None, spend: Spend, estimate: Usd, anew: datetime
) -> Denial | None:
    if budget is None or spend.counted + estimate <= budget:
        return None
    return Denial(
        reason=reason,
        limit=budget,
        used=spend.settled,
        held=spend.held,
        frees_at=anew,
    )


class AllowanceEnd(StrEnum):
    """How the hold on a person's limit ends."""

    USED = "used"
    DAY_ONLY = "day_only"
    """Given back, but counted in the person's day over all places, because the video was charged
    or may have been."""
    RETURNED = "returned"


class MoneyEnd(StrEnum):
    """How the hold on money ends."""

    SETTLED = "settled"
    """Settled with the real cost, or with the estimate if that is not known."""
    RELEASED = "released"
    """Nothing can have been charged."""


@dataclass(frozen=True, slots=True)
class HoldsEnd:
    """What a state change does to the two holds; ``None`` leaves a hold unchanged."""

    allowance: AllowanceEnd | None = None
    money: MoneyEnd | None = None


def holds_end(
    to: State, *, may_be_charged: bool = False, cost: Usd | None = None, counts: bool = True
) -> HoldsEnd:
    """How the holds end when a task enters the state ``to``.

    The other arguments matter only for failures. With ``may_be_charged`` (a deadline passed, a
    job finished without a video) the money is settled, with ``cost`` or else with the estimate. A
    charged failure also counts towards the person's limit, unless the server decided otherwise
    (``counts``).

    An ``unknown`` task is given back to the person's limit for good, even if the operator finds
    out later that it was created: the person was told so, and may have tried again. The money
    counts in any case, and so does the video in the person's day over all places.
    """
    match to:
        case State.RENDERED:
            return HoldsEnd(AllowanceEnd.USED, MoneyEnd.SETTLED)
        case State.FAILED:
            money = MoneyEnd.SETTLED if may_be_charged else MoneyEnd.RELEASED
            return HoldsEnd(_after_failure(may_be_charged, cost, counts=counts), money)
        case State.CANCELLED:
            return HoldsEnd(AllowanceEnd.RETURNED, MoneyEnd.RELEASED)
        case State.UNKNOWN:
            return HoldsEnd(AllowanceEnd.RETURNED)
        case _:
            return HoldsEnd()


def _after_failure(may_be_charged: bool, cost: Usd | None, *, counts: bool) -> AllowanceEnd:
    if not may_be_charged or cost == ZERO:
        return AllowanceEnd.RETURNED
    return AllowanceEnd.USED if cost is not None and counts else AllowanceEnd.DAY_ONLY


def day_start(now: datetime) -> datetime:
    """The first moment of the calendar day of ``now`` (UTC)."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def next_day(now: datetime) -> datetime:
    """The first moment of the next calendar day (UTC)."""
    return day_start(now) + DAY


def month_start(now: datetime) -> datetime:
    """The first moment of the calendar month of ``now`` (UTC)."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(now: datetime) -> datetime:
    """The first moment of the next calendar month (UTC)."""
    return month_start(month_start(now) + timedelta(days=32))
