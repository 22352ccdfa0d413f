"""First frames on a disk, and what they are kept for."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameUse:
    """How the tasks with a first frame need it."""

    in_hand: bool
    """Whether a task has not ended, or its video may still be delivered again."""
    paid_at: datetime | None = None
    """When the last task that ended with a charge was created."""
    unpaid_at: datetime | None = None
    """When the last task that ended without a charge ended."""

    def is_over(self, now: datetime, *, paid: timedelta, unpaid: timedelta) -> bool:
        """Whether the frame is no longer needed; ``paid`` and ``unpaid``: how long to keep it."""
        kept = ((self.paid_at, paid), (self.unpaid_at, unpaid))
        return not self.in_hand and all(at is None or at + time <= now for at, time in kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A first frame on disk."""

    digest: str
    bytes: int
    age: timedelta
    """The time since its last use, by the clock of the machine that wrote the file."""
