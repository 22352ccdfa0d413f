"""Reads a provider's JSON answers. A field that cannot be read counts as missing."""

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeGuard

ANSWER_BYTES_MAX = 64_000
MESSAGE_CHARS_MAX = 500
CODE_CHARS_MAX = 100
ID_CHARS_MAX = 256
URL_CHARS_MAX = 8_192


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An error in the provider's words; both fields are cleaned and truncated."""

    code: str | None = None
    message: str | None = None

    def __str__(self) -> str:
        return ": ".join(part for part in (self.code, self.message) if part)


class JsonAnswer:
    """The body of an answer, parsed once."""

    def __init__(self, body: bytes, *, secret: str = "") -> None:
        """``secret`` is replaced wherever the provider repeats it."""
        self._secret = secret
        self._text = body.decode("utf-8", "replace")
        self._value: object = _load(self._text)

    @property
    def is_object(self) -> bool:
        """Whether the body is a JSON object."""
        return isinstance(self._value, dict)

    def _field(self, name: str) -> Any:
        return self._value.get(name) if isinstance(self._value, dict) else None

    def _blotted(self, text: str) -> str:
        return text.replace(self._secret, "[key]") if self._secret else text

    def _words(self, value: object) -> str | None:
        text = value if isinstance(value, str) else ""
        return clean(self._blotted(text))[:MESSAGE_CHARS_MAX].strip() or None

    def _code(self, value: object) -> str | None:
        if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
            return None
        return clean(self._blotted(str(value)))[:CODE_CHARS_MAX].strip() or None

    def _kept(self) -> str:
        # PostgreSQL's text type does not accept NUL.
        text = self._blotted(self._text).replace("\x00", "")
        return text.encode()[:ANSWER_BYTES_MAX].decode("utf-8", "ignore")


def clean(text: str) -> str:
    """Put ``text`` on one line, without control characters, text directions and lone surrogates."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _load(text: str) -> object:
    """Decode JSON; ``None`` if it is invalid or nested too deeply."""
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None


def as_id(value: object) -> str | None:
    """Return a task's id; ``None`` if the value cannot be one.

    "." and ".." cannot: as the last part of a path, they would lead to another one.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= ID_CHARS_MAX or value in (".", ".."):
        return None
    return value if value.isprintable() and value.strip() == value else None


def as_decimal(value: object) -> Decimal | None:
    """Return a plausible number, exactly; ``None`` if the value is none."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        return None
    try:
        number = Decimal(value)
    except (InvalidOperation, ValueError):
        return None
    plausible = number.is_finite() and abs(number.adjusted()) < 30 and len(str(number)) <= 40
    return number if plausible else None


# `NaN` and `Infinity` are not JSON. Decimals are exact, since some of them are money. Created once:
# with many running tasks there are thousands of answers a second.
_DECODER = json.JSONDecoder(parse_float=as_decimal, parse_constant=lambda _: None)


def is_url(value: object) -> TypeGuard[str]:
    """Whether the value is a link that can be followed."""
    return (
        isinstance(value, str)
        and value.startswith(("https://", "http://"))
        and len(value) <= URL_CHARS_MAX
        and value.isprintable()
    )
