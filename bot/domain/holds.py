"""How the two holds of a task end: one video of an allowance, and its money."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.money import ZERO, Usd
from bot.domain.task import State


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
