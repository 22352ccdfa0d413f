"""A job at the provider: how far it is at any moment, and what it costs."""

import math
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sandbox.vtrix.pictures import Still

Words = Literal["pending", "running", "completed", "failed"]
# How much of its time a job waits before it runs.
_WAITING_PART = 0.1


@dataclass(frozen=True, slots=True)
class Phase:
    """Where a job stands."""

    word: Words
    progress: float
    """0.0 to 1.0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One accepted create call. Times of the clock's ``monotonic`` are in seconds."""

    model: str
    still: Still
    seed: int
    resolution: str
    watermark: bool
    created_at: datetime
    started: float
    seconds: float
    """How long it takes on that clock, the speed counted in; infinite: it never ends."""
    cost: Decimal
    """USD, the discount taken off."""
    discount: Decimal
    failure: tuple[str, str] | None = None
    """Code and message of what it will end with instead of a video."""
    id: str = field(default_factory=lambda: f"task-{secrets.token_hex(8)}")
    remote_id: str = field(default_factory=lambda: f"job-{secrets.token_hex(6)}")

    @property
    def ends(self) -> float:
        """When it ends, by the clock's ``monotonic``."""
        return self.started + self.seconds

    def phase(self, now: float) -> Phase:
        """Where it stands at that moment of ``monotonic``."""
        if now >= self.ends:
            return Phase("completed", 1.0) if self.failure is None else Phase("failed", 1.0)
        part = (now - self.started) / self.seconds if math.isfinite(self.seconds) else 0.5
        if part < _WAITING_PART:
            return Phase("pending", 0.0)
        return Phase("running", round((part - _WAITING_PART) / (1 - _WAITING_PART), 2))
