"""A video in the making at the provider, as far as the provider says."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bot.domain.money import Usd


class JobStatus(StrEnum):
    """What the many status words of the provider come down to."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One answer of the provider, parsed."""

    id: str
    status: JobStatus
    odd_word: str | None = None
    """The provider's own word for the status, in small letters, where nobody knows it."""
    progress: float | None = None
    video_url: str | None = None
    """``None`` on a completed job is the failure "completed, no video"."""
    cost: Usd | None = None
    discount: Decimal | None = None
    error_code: str | None = None
    error_message: str | None = None
    answer: str = ""
    """As it came, at most 64 kB."""
