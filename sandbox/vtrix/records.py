"""What the provider remembers of its callers, for tests and for people who look on."""

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
    """A create call that was accepted."""

    id: str
    """Of the task it made."""
    at: datetime
    envelope: Envelope
    request: Mapping[str, Any]
    """``model``, ``input``, ``parameters`` as they came, the envelope gone and the picture
    replaced by its type, size and SHA-256: two requests are the same when these are equal."""
    still: Still
    seed: int
    """The one asked for, else the one drawn."""
    prompt: str
    """As the model sees it: cut where it is too long."""
    negative_prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, keys and pictures left out."""

    at: datetime
    operation: str
    method: str
    path: str
    asked: object
    """JSON as it came, else the beginning of the text; ``None`` where there was no body."""
    status: int | None
    """``None``: the connection was reset."""
    answered: str
    seconds: float


def canonical(asked: Asked, still: Still) -> dict[str, Any]:
    """A create call without its envelope, the picture as a digest."""
    return {
        "model": asked.model,
        "input": {**asked.input, "img_url": str(still)},
        "parameters": dict(asked.parameters),
    }


def shorten(body: bytes) -> str:
    """The beginning of a body as text, with base64 left out."""
    text = body[:_LOGGED_CHARS].decode(errors="replace")
    return _BASE64.sub("…", text)
