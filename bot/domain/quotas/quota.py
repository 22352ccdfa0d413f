"""Decides whether a task is within all limits.

Storage calls :func:`decide` in the transaction that reads the usage and writes the holds, so that
nothing can come in between.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from bot.domain.models.model import VideoKind
from bot.domain.money import ZERO, Usd
from bot.domain.quotas.limits import DAY, UNLIMITED, Block, Limits, LimitSource, Window

__all__ = [
    "BUDGETS",
    "DAY",
    "UNLIMITED",
    "Denial",
    "Limits",
    "Offer",
    "Reason",
    "Spend",
    "Unclear",
    "Usage",
    "Window",
    "budgets",
    "day_start",
    "decide",
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


BUDGETS = frozenset(
    {
        Reason.PERSON_MONTH_BUDGET,
        Reason.GUILD_DAY_BUDGET,
        Reason.GUILD_MONTH_BUDGET,
        Reason.OPERATOR_MONTH_BUDGET,
    }
)
"""Those that are limits of money."""


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


@dataclass(frozen=True, slots=True)
class Offer:
    """A kind of video, and what one will probably cost."""

    kind: VideoKind
    estimate: Usd


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
    room: Usd | None = None
    """What the tightest budget leaves; ``None`` where there is no budget."""
    asked: Offer | None = None
    """The video that does not fit into that room, where ``reason`` is a budget."""
    fits: tuple[Offer, ...] = ()
    """The videos that do fit."""
    names_kinds: bool = False
    """Whether videos differ in more than their resolution, so that models and lengths are named."""

    @property
    def left(self) -> Usd:
        """What is left of the budget that said no."""
        amounts = [one if isinstance(one, Usd) else ZERO for one in (self.used, self.held)]
        limit = self.limit if isinstance(self.limit, Usd) else ZERO
        return max(limit - amounts[0] - amounts[1], ZERO)


def decide(limits: Limits, use: Usage, estimate: Usd, now: datetime) -> Denial | None:
    """Return ``None`` if one more task at ``estimate`` fits every limit, or the first denial.

    The person's own limits come first, since they can do something about those.
    """
    denial = (
        _blocked(limits)
        or _allowance(limits, use)
        or _concurrent(limits, use)
        or _person_day_videos(limits, use)
        or _budgets(limits, use, estimate, now)
    )
    return denial and replace(denial, room=budget_room(limits, use))


def budget_room(limits: Limits, use: Usage) -> Usd | None:
    """What the tightest budget leaves, never below zero; ``None`` where there is no budget."""
    left = [max(limit - spend.counted, ZERO) for _, limit, spend in budgets(limits, use)]
    return min(left, default=None)


def budgets(limits: Limits, use: Usage) -> Iterator[tuple[Reason, Usd, Spend]]:
    """Each budget there is, with what was spent of it, in the order in which they are asked."""
    for reason, limit, spend in (
        (Reason.PERSON_MONTH_BUDGET, limits.person_month_budget, use.person_spend),
        (Reason.GUILD_DAY_BUDGET, limits.guild_day_budget, use.guild_day_spend),
        (Reason.GUILD_MONTH_BUDGET, limits.guild_month_budget, use.guild_spend),
        (Reason.OPERATOR_MONTH_BUDGET, limits.operator_month_budget, use.operator_spend),
    ):
        if limit is not None:
            yield reason, limit, spend


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


def _budgets(limits: Limits, use: Usage, estimate: Usd, now: datetime) -> Denial | None:
    for reason, budget, spend in budgets(limits, use):
        if spend.counted + estimate <= budget:
            continue
        is_daily = reason is Reason.GUILD_DAY_BUDGET
        return Denial(
            reason=reason,
            limit=budget,
            used=spend.settled,
            held=spend.held,
            frees_at=next_day(now) if is_daily else next_month(now),
        )
    return None


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
