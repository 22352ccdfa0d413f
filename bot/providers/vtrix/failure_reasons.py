"""Maps the gateway's codes to failure reasons: the codes of the model's maker, and its own."""

from bot.domain.provider.failure_reason import FailureReason
from bot.providers import alibaba_codes

_BALANCE = ("402", *(str(number) for number in range(40201, 40209)))
# 2014001 is 002014001 as a number. Another model's page lists it as a failed generation.
_SERVICE = ("190000", "2014001")
_NUMBERS = {
    **dict.fromkeys(_BALANCE, FailureReason.BALANCE),
    **dict.fromkeys(_SERVICE, FailureReason.SERVICE),
    "1002": FailureReason.BUSY,
}


def failure_reason(
    code: str | None, message: str | None, *, written: str = ""
) -> FailureReason | None:
    """Return the reason of a refusal or failure, as ``bot.providers.alibaba_codes`` does."""
    return alibaba_codes.failure_reason(code, message, written=written, numbers=_NUMBERS)
