"""How the two holds of a task end, the one on the person's limit and the one on the money."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.money import ZERO, Usd
from bot.domain.task import State


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
