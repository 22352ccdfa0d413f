"""Records of the provider's requests, for tests and for the page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.vtrix.pictures import Still
from sandbox.vtrix.rules import Asked, Envelope

_LOGGED_CHARS = 2000
_BASE64 = re.compile(r"[A-Za-z0-9+/]{80,}={0,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """An accepted create call."""

    id: str
    """Id of the created task."""
    at: datetime
    envelope: Envelope
    request: Mapping[str, Any]
    """``model``, ``input`` and ``parameters`` as sent, without the envelope, and with the picture
    replaced by its type, size and SHA-256. Two requests are the same if these are equal."""
    still: Still
    seed: int
    """The seed of the request, or a random one."""
    prompt: str
    """As the model sees it: truncated if it is too long."""
    negative_prompt: str


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


def canonical(asked: Asked, still: Still) -> dict[str, Any]:
    """Return a create call without its envelope, with the picture as a digest."""
    return {
        "model": asked.model,
        "input": {**asked.input, "img_url": str(still)},
        "parameters": dict(asked.parameters),
    }


def shorten(body: bytes) -> str:
    """Return the beginning of a body as text, without base64."""
    text = body[:_LOGGED_CHARS].decode(errors="replace")
    return _BASE64.sub("…", text)
