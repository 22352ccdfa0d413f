"""The events that metrics count; `bot.ops.metrics` keeps the counts."""

from bot.domain.money import Usd
from bot.domain.task import State


class MetricsSink:
    """Receives events to count; this one ignores them.

    Each method returns at once and never raises.
    """

    def acknowledged(self, seconds: float) -> None:
        """A command got its first answer ``seconds`` after Discord took it."""

    def rendered(self, *, seconds: float, looks: int, cost: Usd | None) -> None:
        """A video was found finished ``seconds`` after submission, at poll number ``looks``."""

    def delivered(self, *, seconds: float) -> None:
        """A video was delivered ``seconds`` after it was finished."""

    def unlabeled(self) -> None:
        """A video was delivered whose file could not be labeled as AI-generated."""

    def ended(self, state: State) -> None:
        """A task ended without a video in its channel."""

    def provider_error(self, provider: str, kind: str) -> None:
        """The provider refused, failed or did not answer; ``kind`` is the error's name."""

    def discord_error(self, kind: str) -> None:
        """A delivery was refused or its outcome is unclear; ``kind`` is the error's name."""
