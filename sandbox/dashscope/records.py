"""Records of the accepted create calls, for tests and for the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.dashscope.rules import Asked
from sandbox.providers.pictures import Still


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """An accepted create call."""

    id: str
    """Id of the created task."""
    at: datetime
    request: Mapping[str, Any]
    """``model``, ``input`` and ``parameters`` as sent, with the picture replaced by its type, size
    and SHA-256. Two requests are the same if these are equal."""
    still: Still
    model: str
    prompt: str
    """As the model sees it: truncated if it is too long."""
    negative_prompt: str
    seed: int
    """The seed of the request, or a random one."""
    resolution: str
    seconds: int
    sound: bool


def canonical(asked: Asked, still: Still) -> dict[str, Any]:
    """Return a create call with the picture as a digest."""
    return {
        "model": asked.model.id,
        "input": {**asked.input, "img_url": str(still)},
        "parameters": dict(asked.parameters),
    }
