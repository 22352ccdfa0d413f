"""A job at the provider, as parsed from its answers."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bot.domain.models.model import VideoKind
from bot.domain.money import Usd


class JobStatus(StrEnum):
    """The states that a provider's many status words are mapped to."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    """Canceled before the provider began with it; nothing was charged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeVideo:
    """What a provider says of the video that it made and bills; ``None``: it does not say."""

    seconds: int | None = None
    resolution: str | None = None
    audio: bool | None = None

    def kind(self, asked: VideoKind) -> VideoKind:
        """The kind of the video; as it was asked for in what the provider does not say."""
        return VideoKind(
            asked.model,
            asked.resolution if self.resolution is None else self.resolution,
            asked.seconds if self.seconds is None else self.seconds,
            asked.audio if self.audio is None else self.audio,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One parsed answer of the provider about a job."""

    id: str
    status: JobStatus
    odd_word: str | None = None
    """The provider's word for the status in lower case, if it is not a known one."""
    progress: float | None = None
    video_url: str | None = None
    """``None`` on a completed job means that it failed without a video."""
    cost: Usd | None = None
    cost_is_listed: bool = False
    """Whether the cost is from the operator's price list, since the provider names none."""
    discount: Decimal | None = None
    made: MadeVideo = MadeVideo()
    error_code: str | None = None
    error_message: str | None = None
    answer: str = ""
    """The raw answer, at most 64 kB."""
