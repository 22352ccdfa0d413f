"""Who may spend how much: limits and use → allow, or deny with a reason; how holds end.

The one place of the rule. Storage reads the use and writes the holds in the same transaction
that asks :func:`decide`, so that nothing can come in between.
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
    """Which limit said no."""

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
    """Money against one budget."""

    settled: Usd = ZERO
    held: Usd = ZERO

    @property
    def counted(self) -> Usd:
        """Both: a budget fails closed."""
        return self.settled + self.held

    def with_held(self, more: Usd) -> Self:
        """The same budget with this much more held."""
        return replace(self, held=self.held + more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one person, their server and everybody have used, at one moment."""

    used: int = 0
    """Allowance used up in the window by finished videos."""
    held: int = 0
    """Allowance held by tasks in flight, made within the window."""
    in_flight: int = 0
    """In the making, and unclear ones of the last hour."""
    unclear: int = 0
    """Those of ``in_flight`` that are unclear."""
    unclear_frees_at: datetime | None = None
    """When the first of those does not count any more."""
    person_day_videos: int = 0
    """Used and held over all places in the last 24 hours."""
    guild_spend: Spend = Spend()
    operator_spend: Spend = Spend()
    person_spend: Spend = Spend()
    """The person's own in this place this month."""
    guild_day_spend: Spend = Spend()
    """The server's today; what is held counts whenever it was made."""
    bonus: int = 0
    """Granted, not expired, and neither used nor held."""
    bonus_expires_at: datetime | None = None
    """When the first of it expires, if any does."""
    frees_at: datetime | None = None
    """When the next video becomes possible by age alone: with nothing left, the moment when so
    many have left the window that one fits again; else when the oldest leaves it."""
    person_day_frees_at: datetime | None = None

    def with_one_more(self, estimate: Usd) -> Self:
        """The money as it counts with one more task at ``estimate``."""
        return replace(
            self,
            person_spend=self.person_spend.with_held(estimate),
            guild_spend=self.guild_spend.with_held(estimate),
            guild_day_spend=self.guild_day_spend.with_held(estimate),
            operator_spend=self.operator_spend.with_held(estimate),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """What tasks hold of which nobody knows whether the provider took them."""

    count: int = 0
    held: Usd = ZERO
    since: datetime | None = None
    """When the oldest of them was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """Why not, with the numbers to say it in words."""

    reason: Reason
    limit: int | Usd
    used: int | Usd
    held: int | Usd
    window: Window | None = None
    frees_at: datetime | None = None
    unclear: int = 0
    """How many of ``held`` are unclear; ``frees_at`` is when the first of them is over."""
    block: Block | None = None
    """Who blocked them and why, where a moderator did."""


def decide(limits: Limits, use: Usage, estimate: Usd, now: datetime) -> Denial | None:
    """``None`` where one more task at ``estimate`` fits every limit, else the first it does not.

    The person's own limits are asked first: they can do something about those.
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
    """Whether one more task would be taken from the bonus: only once the allowance is used up.

    A limit of 0 that a moderator set for this very person blocks, whatever was granted before;
    a 0 of a role or of the server leaves people what they were granted.
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
    """How an allowance hold ends."""

    USED = "used"
    DAY_ONLY = "day_only"
    """Given back, but counted in the person's day over all places: it was, or may have been,
    charged for."""
    RETURNED = "returned"


class MoneyEnd(StrEnum):
    """How a money hold ends."""

    SETTLED = "settled"
    """With the real cost; where it is not known, the estimate stays counted."""
    RELEASED = "released"
    """Nothing can have been charged."""


@dataclass(frozen=True, slots=True)
class HoldsEnd:
    """What one state change does to the two holds; ``None`` leaves a hold as it is."""

    allowance: AllowanceEnd | None = None
    money: MoneyEnd | None = None


def holds_end(
    to: State, *, may_be_charged: bool = False, cost: Usd | None = None, counts: bool = True
) -> HoldsEnd:
    """How the holds end when a task enters ``to``.

    All but ``to`` matters for a failure only. ``may_be_charged``: the provider may have charged
    for it (a deadline passed, a finished task without a video), so its money is settled, with
    the ``cost`` if there is one and else with the estimate. What was charged is used of the
    allowance as well, unless its server says otherwise (``counts``).

    The allowance of an ``unknown`` goes back for good, also where the operator finds out later
    that it was created: its person was told so, and may have used it for another try since. The
    money counts in any case, and so does the video in the person's day over all places.
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
