"""How the two holds of a task end: one video of an allowance, and its money."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.task import State


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

    The allowance of an ``unknown`` goes back for good, also where the operator finds out later
    that it was created: its person was told so, and may have used it for another try since. The
    money counts in any case.
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
