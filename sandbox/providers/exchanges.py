"""The log of a provider's requests, for tests and for the page."""

import re
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

_LOGGED_CHARS = 2000
_BASE64 = re.compile(r"[A-Za-z0-9+/]{80,}={0,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, without keys and pictures."""

    at: datetime
    operation: str
    method: str
    path: str
    asked: object
    """JSON as sent, or the beginning of another text; ``None`` without a body."""
    status: int | None
    """``None`` if the connection was reset."""
    answered: str
    seconds: float


def shorten(body: bytes) -> str:
    """Return the beginning of a body as text, without base64."""
    text = body[:_LOGGED_CHARS].decode(errors="replace")
    return _BASE64.sub("…", text)


def as_text(answer: web.StreamResponse) -> str:
    """Return an answer for the log: JSON unchanged, files as their length."""
    if not isinstance(answer, web.Response) or not isinstance(answer.body, bytes):
        return ""
    if answer.content_type.startswith("video/"):
        return f"{len(answer.body)} bytes of {answer.content_type}"
    return shorten(answer.body)
