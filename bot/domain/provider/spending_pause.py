"""The operator's pause: while it is on, nothing new is sent to the provider."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingPause:
    """Whether the operator paused spending (`flipbook pause`), shared by all processes."""

    paused_at: datetime | None = None
    """Since when spending is paused; ``None`` if it is not."""
    resumed_at: datetime | None = None
    """When the last pause ended; ``None`` if there was none."""

    @property
    def is_on(self) -> bool:
        """Whether spending is paused."""
        return self.paused_at is not None

    def waited_since(self, created_at: datetime) -> datetime:
        """When a task that was created then began to wait for the provider, not for the operator.

        Time in a pause is not the provider's, so a task's deadline begins anew when it ends.
        """
        return max(created_at, self.resumed_at or created_at)
