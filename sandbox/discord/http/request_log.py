"""An entry of the local Discord's request log, for tests and benchmarks."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One request and its answer."""

    method: str
    route: str
    """Template in Discord's OpenAPI description: ``/channels/{channel_id}/messages``."""
    path: str
    status: int
    """0 if the connection was cut."""
    started: float
    """Monotonic seconds."""
    seconds: float
    body: Any = None
    """The JSON of the request; for multipart forms, the ``payload_json``."""
    answer: Any = None
    """The JSON of the answer."""
    multipart: bool = False
    agent: str = ""
    """The ``User-Agent``."""
    injected: bool = False
    """Whether a test's fault answered, or changed the answer."""
