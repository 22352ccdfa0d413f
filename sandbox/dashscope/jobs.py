"""A task at the provider, and its status at any moment."""

import math
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from sandbox.dashscope.models import ModelRules
from sandbox.providers.pictures import Still
from sandbox.providers.renderer import VideoSpec

Word = Literal["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELED"]
ENDED: frozenset[Word] = frozenset({"SUCCEEDED", "FAILED", "CANCELED"})
TIMEOUT_SECONDS = 3 * 3600.0
_TIMEOUT = ("InternalError.Timeout", "An internal timeout error has occurred during execution.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One accepted create call. ``created``, ``begins`` and ``ends`` are monotonic seconds."""

    model: ModelRules
    still: Still
    prompt: str
    rewritten: bool
    """Whether the answer has the prompt as the service has rewritten it."""
    seed: int
    resolution: str
    seconds: int
    sound: bool
    watermark: bool
    created_at: datetime
    created: float
    begins: float
    """When it runs; infinite: it waits until it is begun."""
    ends: float
    """When it ends; infinite: only by the service's own timeout."""
    failure: tuple[str, str] | None = None
    """Code and message if it will fail instead of delivering a video."""
    canceled: float | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

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

    @property
    def cost(self) -> Decimal:
        """USD for its video."""
        return self.seconds * self.model.price(self.resolution, sound=self.sound)

    @property
    def video(self) -> VideoSpec:
        """What its video is made from."""
        return VideoSpec(
            digest=self.still.digest,
            seed=self.seed,
            resolution=self.resolution,
            watermark=self.watermark,
            seconds=self.seconds,
            sound=self.sound,
        )

    def at(self, moment: float) -> datetime:
        """Return that monotonic moment as a time of day."""
        passed = moment - self.created if math.isfinite(moment) else 0.0
        return self.created_at + timedelta(seconds=passed)

    @property
    def _given_up(self) -> float:
        return self.created + TIMEOUT_SECONDS
