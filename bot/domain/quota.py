"""Who may spend how much: limits and use → allow, or deny with a reason.

The one place of the rule. Storage reads the use and writes the holds in the same transaction
that asks :func:`decide`, so that nothing can come in between.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.money import ZERO, Usd
from bot.domain.task import State

UNLIMITED = -1
DAY = timedelta(days=1)


class Window(StrEnum):
    """The rolling window of an allowance."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def length(self) -> timedelta:
        """A month is 30 days here: a rolling window has no calendar."""
        return _LENGTHS[self]


_LENGTHS = {
    Window.HOUR: timedelta(hours=1),
    Window.DAY: DAY,
    Window.WEEK: timedelta(weeks=1),
    Window.MONTH: timedelta(days=30),
}


class Reason(StrEnum):
    """Which limit said no."""

    BLOCKED = "blocked"
    CONCURRENT = "concurrent"
    ALLOWANCE = "allowance"
    PERSON_DAY = "person_day"
    GUILD_BUDGET = "guild_budget"
    OPERATOR_BUDGET = "operator_budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What applies to one person in one place, now."""

    videos: int
    """In ``window``; 0 blocks, -1 is unlimited."""
    window: Window
    concurrent: int
    person_day: int
    """Over all servers and direct messages, in 24 hours: the operator's."""
    guild_month: Usd | None
    """Per server and calendar month (UTC): the operator's; ``None`` in direct messages."""
    operator_month: Usd | None
    """Over everything, per calendar month (UTC); ``None`` is no budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """Money against one budget."""

    settled: Usd = ZERO
    held: Usd = ZERO

    @property
    def counted(self) -> Usd:
        """Both: a budget fails closed."""
        return self.settled + self.held


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What one person, their server and everybody have used, at one moment."""

    used: int = 0
    """Allowance used up in the window by finished videos."""
    held: int = 0
    """Allowance held by tasks in flight, made within the window."""
    in_flight: int = 0
    person_day: int = 0
    """Used and held over all places in the last 24 hours."""
    guild: Spend = Spend()
    operator: Spend = Spend()
    person: Spend = Spend()
    """The person's own in this place this month, for `/quota`; no limit of this issue uses it."""
    frees_at: datetime | None = None
    """When the oldest entry of the window leaves it."""
    person_day_frees_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """Why not, with the numbers to say it in words."""

    reason: Reason
    limit: int | Usd
    used: int | Usd
    held: int | Usd
    window: Window | None = None
    frees_at: datetime | None = None


def decide(limits: Limits, use: Use, estimate: Usd, now: datetime) -> Denial | None:
    """``None`` where one more task at ``estimate`` fits every limit, else the first it does not.

    The person's own limits are asked first: they can do something about those.
    """
    return (
        _allowance(limits, use)
        or _concurrent(limits, use)
        or _person_day(limits, use)
        or _budget(Reason.GUILD_BUDGET, limits.guild_month, use.guild, estimate, now)
        or _budget(Reason.OPERATOR_BUDGET, limits.operator_month, use.operator, estimate, now)
    )


def _allowance(limits: Limits, use: Use) -> Denial | None:
    if limits.videos == UNLIMITED or use.used + use.held < limits.videos:
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


def _concurrent(limits: Limits, use: Use) -> Denial | None:
    if use.in_flight < limits.concurrent:
        return None
    return Denial(reason=Reason.CONCURRENT, limit=limits.concurrent, used=0, held=use.in_flight)


def _person_day(limits: Limits, use: Use) -> Denial | None:
    if use.person_day < limits.person_day:
        return None
    return Denial(
        reason=Reason.PERSON_DAY,
        limit=limits.person_day,
        used=use.person_day,
        held=0,
        window=Window.DAY,
        frees_at=use.person_day_frees_at,
    )


def _budget(
    reason: Reason, budget: Usd | None, spend: Spend, estimate: Usd, now: datetime
) -> Denial | None:
    if budget is None or spend.counted + estimate <= budget:
        return None
    return Denial(
        reason=reason,
        limit=budget,
        used=spend.settled,
        held=spend.held,
        frees_at=next_month(now),
    )


def month_start(now: datetime) -> datetime:
    """The first moment of the calendar month of ``now`` (UTC)."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(now: datetime) -> datetime:
    """The first moment of the next calendar month (UTC)."""
    return month_start(month_start(now) + timedelta(days=32))


class AllowanceEnd(StrEnum):
    """How an allowance hold ends."""

    USED = "used"
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


def holds_end(to: State, *, may_be_charged: bool = False) -> HoldsEnd:
    """How the holds end when a task enters ``to``.

    ``may_be_charged`` matters for a failure only: the provider may have charged for it (a
    deadline passed, a finished task without a video), so its money is settled, with the cost
    if there is one and else with the estimate.
    """
    match to:
        case State.RENDERED:
            return HoldsEnd(AllowanceEnd.USED, MoneyEnd.SETTLED)
        case State.FAILED:
            money = MoneyEnd.SETTLED if may_be_charged else MoneyEnd.RELEASED
            return HoldsEnd(AllowanceEnd.RETURNED, money)
        case State.CANCELLED:
            return HoldsEnd(AllowanceEnd.RETURNED, MoneyEnd.RELEASED)
        case State.UNKNOWN:
            return HoldsEnd(AllowanceEnd.RETURNED)
        case _:
            return HoldsEnd()
