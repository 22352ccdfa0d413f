"""A job at the provider: its progress at any moment, and its cost."""

import math
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from sandbox.providers import records

Words = Literal["pending", "running", "completed", "failed"]
# Fraction of its time that a job waits before it runs.
_WAITING_PART = 0.1


@dataclass(frozen=True, slots=True)
class Phase:
    """State of a job at a moment."""

    word: Words
    progress: float
    """0.0 to 1.0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(records.Job):
    """One accepted create call. ``started`` and ``lasts`` are monotonic seconds."""

    id: str = field(default_factory=lambda: f"task-{secrets.token_hex(8)}")
    started: float
    lasts: float
    """How long it takes, with the speed included; infinite: it never ends."""
    discount: Decimal
    cost_factor: Decimal
    """What the price is multiplied with."""
    remote_id: str = field(default_factory=lambda: f"job-{secrets.token_hex(6)}")

    @property
    def cost(self) -> Decimal:
        """USD for its video."""
        return self.asked.cost * self.cost_factor

    @property
    def ends(self) -> float:
        """When it ends, in monotonic seconds."""
        return self.started + self.lasts

    @property
    def ended_at(self) -> datetime:
        """When it ends, as a time of day; one that never ends has ended at once."""
        lasts = self.lasts if math.isfinite(self.lasts) else 0.0
        return self.created_at + timedelta(seconds=lasts)

    def phase(self, now: float) -> Phase:
        """Return its state at that monotonic moment."""
        if now >= self.ends:
            return Phase("completed", 1.0) if self.failure is None else Phase("failed", 1.0)
        part = (now - self.started) / self.lasts if math.isfinite(self.lasts) else 0.5
        if part < _WAITING_PART:
            return Phase("pending", 0.0)
        return Phase("running", round((part - _WAITING_PART) / (1 - _WAITING_PART), 2))
