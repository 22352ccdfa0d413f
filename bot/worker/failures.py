"""Maps reasons for refusals and failures to what is stored of a task and what it closes."""

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
"""Of tasks that the provider does not take from this operator at all."""

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
    # In a task that was taken, it is not this operator's key.
    FailureReason.KEY: FailureKind.GENERATION,
}
CLOSED_BY = {
    FailureReason.BALANCE: Closure.BALANCE_EMPTY,
    FailureReason.MODEL: Closure.MODEL_REFUSED,
}
"""What a failed task says of all the others."""


def rejected_kind(reason: FailureReason | None) -> FailureKind:
    """Of a request that was not taken."""
    return FailureKind.REJECTED if reason is None else _OF_REASON[reason]


def failed_kind(reason: FailureReason | None) -> FailureKind:
    """Of a task that was taken, and failed."""
    return FailureKind.GENERATION if reason is None else _OF_REASON[reason]
