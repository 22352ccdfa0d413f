"""Records of the accepted create calls, for tests and for the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.providers.pictures import Still
from sandbox.vtrix.rules import Asked, Envelope


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


def canonical(asked: Asked, still: Still) -> dict[str, Any]:
    """Return a create call without its envelope, with the picture as a digest."""
    return {
        "model": asked.model,
        "input": {**asked.input, "img_url": str(still)},
        "parameters": dict(asked.parameters),
    }
