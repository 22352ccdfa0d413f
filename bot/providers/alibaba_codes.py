"""Maps codes and messages of Alibaba Model Studio, and of gateways to it, to failure reasons.

Sources: Model Studio's page "Error codes", and the error pages and clients of the gateway.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from bot.domain.provider.failure_reason import FailureReason

# Codes are compared in lower case and without separators: `data_inspection_failed` equals
# `DataInspectionFailed`.
_CONTENT_CODES = (
    "datainspection",
    "sensitive",
    "moderation",
    "ipinfringement",
    "customroleblocked",
    "customruleblocked",
    "faqruleblocked",
    "contentpolicy",
)
# The picture could not be fetched for inspection, so nothing was found in it.
_NOT_INSPECTED = "invalidparameterdatainspection"
_BALANCE_CODES = (
    "arrearage",
    "billoverdue",
    "balance",
    "insufficientcredit",
    "insufficientfunds",
    "insufficientquota",
    "paymentrequired",
)
_MODEL_CODES = ("accessdenied", "modelaccessdenied", "modelnotfound", "freetieronly")
_SERVICE_CODES = ("internalerror", "modelservicefailed", "rewritefailed")

_CONTENT_WORDS = (
    "inappropriate",
    "content policy",
    "content violation",
    "policy violation",
    "moderation",
    "green net",
    "infringement",
    "faq rule",
    "敏感",
    "违规",
    "不当内容",
)
_SENSITIVE = re.compile(r"(?<!case)(?<!case[ -])sensitive")
_BALANCE_WORDS = (
    "insufficient balance",
    "balance is insufficient",
    "balance insufficient",
    "balance not enough",
    "balance is not enough",
    "not enough balance",
    "insufficient_balance",
    "insufficient credit",
    "insufficient funds",
    "arrearage",
    "overdue payment",
    "payment is overdue",
    "bill is overdue",
    "account is in good standing",
    "余额不足",
    "欠费",
)
_KEY_WORDS = ("api key", "apikey", "api-key", "api_key")
_MODEL_WORDS = (
    "model access denied",
    "access to model denied",
    "free tier",
)
# At most the model's name may stand in between: "the model failed: the image was not found" does
# not match.
_NO_MODEL = re.compile(
    r"\bmodel:?( \S+)? ((does )?not exist|(is |was )?not found|can ?not be found)"
)
_BUSY_WORDS = (
    "throttl",
    "rate limit",
    "too many requests",
    "allocated quota exceeded",
    "queue is full",
)
_SERVICE_WORDS = (
    "internal error",
    "internal timeout error",
    "failed to rewrite",
    "failed to request model service",
)
# Messages that come instead of the code `InvalidParameter.DataInspection`.
_PARAMETER_WORDS = ("unable to download the media", "failed to download the input file")
_BY_WORDS = (
    # Checked before the key, because a rate limit may mention the key.
    (FailureReason.BUSY, _BUSY_WORDS),
    (FailureReason.KEY, _KEY_WORDS),
    (FailureReason.PARAMETER, _PARAMETER_WORDS),
    (FailureReason.SERVICE, _SERVICE_WORDS),
)
_PARTS = {
    FailureReason.CONTENT_VIDEO: re.compile(r"\b(outputs?|generated (video|content))\b"),
    FailureReason.CONTENT_PICTURE: re.compile(
        r"\b(image|images|img|picture|photo|img_url)\b|图片|图像"
    ),
    FailureReason.CONTENT_WORDS: re.compile(
        r"\b(text|prompts?|words?|negative_prompt)\b|文本|提示词"
    ),
}


Numbers = Mapping[str, FailureReason]
_NO_NUMBERS: Numbers = MappingProxyType({})


def failure_reason(
    code: str | None, message: str | None, *, written: str = "", numbers: Numbers = _NO_NUMBERS
) -> FailureReason | None:
    """Return the reason of a refusal or failure; ``None`` if neither code nor message is known.

    Args:
        code: the provider's code.
        message: the provider's message.
        written: the prompts of the person who asked. A provider may repeat them in its message, so
            phrases in them are ignored: "insufficient balance" in a prompt must not trip the
            breaker.
        numbers: what a gateway's own numeric codes mean, without leading zeros.
    """
    # A message of a single word is a code: `{"error": "insufficient_balance"}`.
    folded = _folded(code or (message if message and " " not in message else None))
    text = _Text(message, written)
    number = numbers.get(folded.lstrip("0"))
    definite = _definite(folded, number)
    if definite is FailureReason.CONTENT or (definite is None and text.is_of_content):
        return text.part(code)
    return definite or _by_code(folded, number, text) or _by_words(text)


def _definite(folded: str, number: FailureReason | None) -> FailureReason | None:
    """Return the reason for a code that is unambiguous, whatever the message says."""
    if "apikey" in folded:
        return FailureReason.KEY
    if number is not None and number is not FailureReason.SERVICE:
        return number
    if folded.startswith("throttling"):
        return FailureReason.BUSY
    if any(known in folded for known in _BALANCE_CODES):
        return FailureReason.BALANCE
    if any(folded.startswith(known) or folded.endswith(known) for known in _MODEL_CODES):
        return FailureReason.MODEL
    if folded.startswith(_NOT_INSPECTED):
        return FailureReason.PARAMETER
    if any(known in folded for known in _CONTENT_CODES):
        return FailureReason.CONTENT
    return None


def _by_code(folded: str, number: FailureReason | None, text: "_Text") -> FailureReason | None:
    if folded.startswith("invalid"):
        return FailureReason.PARAMETER
    is_service = number is FailureReason.SERVICE or folded.startswith(_SERVICE_CODES)
    if is_service and not text.has(_BALANCE_WORDS):
        return FailureReason.SERVICE
    return None


def _by_words(text: "_Text") -> FailureReason | None:
    if text.has(_BALANCE_WORDS):
        return FailureReason.BALANCE
    if text.is_of_model:
        return FailureReason.MODEL
    return next((means for means, words in _BY_WORDS if text.has(words)), None)


class _Text:
    """A message, without the person's own words that it may repeat."""

    def __init__(self, message: str | None, written: str) -> None:
        self._text = (message or "").casefold()
        self._written = written.casefold()

    def has(self, phrases: tuple[str, ...]) -> bool:
        """Whether the message has one of these phrases, and not just from the prompts."""
        return any(one in self._text and one not in self._written for one in phrases)

    @property
    def is_of_content(self) -> bool:
        if self.has(_CONTENT_WORDS):
            return True
        return bool(_SENSITIVE.search(self._text)) and "sensitive" not in self._written

    @property
    def is_of_model(self) -> bool:
        missing = _NO_MODEL.search(self._text)
        if missing is not None and missing[0] not in self._written:
            return True
        return self.has(_MODEL_WORDS)

    def part(self, code: str | None) -> FailureReason:
        """Which part was refused (picture, words or video), if that is clear."""
        # `InputImageSensitiveContentDetected` as separate words.
        apart = re.sub(r"(?<=[a-z])(?=[A-Z])|[._]", " ", code or "").casefold()
        named = [
            part
            for part, words in _PARTS.items()
            if words.search(apart)
            or any(one[0] not in self._written for one in words.finditer(self._text))
        ]
        is_either = "input" in self._text and FailureReason.CONTENT_VIDEO in named
        return named[0] if len(named) == 1 and not is_either else FailureReason.CONTENT


def _folded(code: str | None) -> str:
    return re.sub(r"[\s._-]", "", code or "").casefold()
