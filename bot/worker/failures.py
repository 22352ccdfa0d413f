"""Why a task failed, by what the provider said."""

from bot.domain.meanings import Meaning
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

_OF_MEANING = {
    Meaning.CONTENT: FailureKind.MODERATED,
    Meaning.CONTENT_PICTURE: FailureKind.MODERATED_PICTURE,
    Meaning.CONTENT_WORDS: FailureKind.MODERATED_WORDS,
    Meaning.CONTENT_VIDEO: FailureKind.MODERATED_VIDEO,
    Meaning.PARAMETER: FailureKind.REJECTED,
    Meaning.SERVICE: FailureKind.GENERATION,
    Meaning.BUSY: FailureKind.BUSY,
    Meaning.BALANCE: FailureKind.BALANCE_EMPTY,
    Meaning.MODEL: FailureKind.MODEL_REFUSED,
    # In a task that was taken, it is not this operator's key.
    Meaning.KEY: FailureKind.GENERATION,
}
CLOSED_BY = {
    Meaning.BALANCE: Closure.BALANCE_EMPTY,
    Meaning.MODEL: Closure.MODEL_REFUSED,
}
"""What a failed task says of all the others."""


def rejected_kind(meaning: Meaning | None) -> FailureKind:
    """Of a request that was not taken."""
    return FailureKind.REJECTED if meaning is None else _OF_MEANING[meaning]


def failed_kind(meaning: Meaning | None) -> FailureKind:
    """Of a task that was taken, and failed."""
    return FailureKind.GENERATION if meaning is None else _OF_MEANING[meaning]
