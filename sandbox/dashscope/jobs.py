"""A task at the provider, and its status at any moment."""

import math
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sandbox.dashscope.rules import Asked
from sandbox.providers import records

Word = Literal["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELED"]
ENDED: frozenset[Word] = frozenset({"SUCCEEDED", "FAILED", "CANCELED"})
TIMEOUT_SECONDS = 3 * 3600.0
_TIMEOUT = ("InternalError.Timeout", "An internal timeout error has occurred during execution.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(records.Job):
    """One accepted create call. ``created``, ``begins`` and ``ends`` are monotonic seconds."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    asked: Asked
    created: float
    begins: float
    """When it runs; infinite: it waits until it is begun."""
    ends: float
    """When it ends; infinite: only by the service's own timeout."""
    canceled: float | None = None

    def word(self, now: float) -> Word:
        """Return its status at that monotonic moment."""
        if self.canceled is not None:
            return "CANCELED"
        if now >= self.end:
            return "SUCCEEDED" if self.problem is None else "FAILED"
        return "PENDING" if now < self.begins else "RUNNING"

    @property
    def end(self) -> float:
        """When it ends: the service gives up on a task three hours after its submission."""
        return self.canceled if self.canceled is not None else min(self.ends, self._given_up)

    @property
    def problem(self) -> tuple[str, str] | None:
        """Code and message with which it ends."""
        return _TIMEOUT if self.ends > self._given_up else self.failure

    def at(self, moment: float) -> datetime:
        """Return that monotonic moment as a time of day."""
        passed = moment - self.created if math.isfinite(moment) else 0.0
        return self.created_at + timedelta(seconds=passed)

    @property
    def _given_up(self) -> float:
        return self.created + TIMEOUT_SECONDS
