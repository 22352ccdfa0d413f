"""Maps reasons of refusals and failures to failure kinds and to closures of the breaker."""

from bot.domain.provider.failure_reason import FailureReason
from bot.domain.task import FailureKind
from bot.errors import Closure

OF_CLOSURE = {
    Closure.KEY_REFUSED: FailureKind.KEY_REFUSED,
    Closure.BALANCE_EMPTY: FailureKind.BALANCE_EMPTY,
    Closure.MODEL_REFUSED: FailureKind.MODEL_REFUSED,
    Closure.ACCOUNT_REFUSED: FailureKind.ACCOUNT_REFUSED,
    Closure.UNCLEAR: FailureKind.NO_ANSWERS,
}
"""Failure kinds of tasks that were refused because the circuit breaker is tripped."""

_OF_REASON = {
    FailureReason.CONTENT: FailureKind.MODERATED,
    FailureReason.CONTENT_PICTURE: FailureKind.MODERATED_PICTURE,
    FailureReason.CONTENT_WORDS: FailureKind.MODERATED_WORDS,
    FailureReason.CONTENT_VIDEO: FailureKind.MODERATED_VIDEO,
    FailureReason.PARAMETER: FailureKind.REJECTED,
    FailureReason.SERVICE: FailureKind.GENERATION,
    FailureReason.BUSY: FailureKind.BUSY,
    FailureReason.BALANCE: FailureKind.BALANCE_EMPTY,
    FailureReason.MODEL: FailureKind.MODEL_REFUSED,
    # The task had been accepted, so the cause is not this operator's key.
    FailureReason.KEY: FailureKind.GENERATION,
}
CLOSED_BY = {
    FailureReason.BALANCE: Closure.BALANCE_EMPTY,
    FailureReason.MODEL: Closure.MODEL_REFUSED,
}
"""Closures that follow from a failed task, because all other tasks would fail as well."""


def rejected_kind(reason: FailureReason | None) -> FailureKind:
    """Failure kind of a request that the provider refused."""
    return FailureKind.REJECTED if reason is None else _OF_REASON[reason]


def failed_kind(reason: FailureReason | None) -> FailureKind:
    """Failure kind of a task that the provider accepted and that failed later."""
    return FailureKind.GENERATION if reason is None else _OF_REASON[reason]
