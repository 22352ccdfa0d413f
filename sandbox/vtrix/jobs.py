"""A job at the provider: its progress at any moment, and its cost."""

import math
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sandbox.providers.pictures import Still
from sandbox.providers.renderer import VideoSpec

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
class Job:
    """One accepted create call. ``started`` and ``seconds`` are monotonic seconds."""

    model: str
    still: Still
    seed: int
    resolution: str
    watermark: bool
    created_at: datetime
    started: float
    seconds: float
    """How long it takes, with the speed included; infinite: it never ends."""
    cost: Decimal
    """USD, after the discount."""
    discount: Decimal
    failure: tuple[str, str] | None = None
    """Code and message if it will fail instead of delivering a video."""
    id: str = field(default_factory=lambda: f"task-{secrets.token_hex(8)}")
    remote_id: str = field(default_factory=lambda: f"job-{secrets.token_hex(6)}")

    @property
    def video(self) -> VideoSpec:
        """What its video is made from."""
        return VideoSpec(
            digest=self.still.digest,
            seed=self.seed,
            resolution=self.resolution,
            watermark=self.watermark,
        )

    @property
    def ends(self) -> float:
        """When it ends, in monotonic seconds."""
        return self.started + self.seconds

    def phase(self, now: float) -> Phase:
        """Return its state at that monotonic moment."""
        if now >= self.ends:
            return Phase("completed", 1.0) if self.failure is None else Phase("failed", 1.0)
        part = (now - self.started) / self.seconds if math.isfinite(self.seconds) else 0.5
        if part < _WAITING_PART:
            return Phase("pending", 0.0)
        return Phase("running", round((part - _WAITING_PART) / (1 - _WAITING_PART), 2))
