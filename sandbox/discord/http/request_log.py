"""One entry of the local Discord's log of requests, for tests and benchmarks."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One request and its answer."""

    method: str
    route: str
    """The template in Discord's OpenAPI description: ``/channels/{channel_id}/messages``."""
    path: str
    status: int
    """0 where the connection was cut."""
    started: float
    """By the monotonic clock."""
    seconds: float
    body: Any = None
    """The JSON that came in; of multipart forms the ``payload_json``."""
    answer: Any = None
    """The JSON that went out."""
    multipart: bool = False
    agent: str = ""
    """What its ``User-Agent`` says."""
