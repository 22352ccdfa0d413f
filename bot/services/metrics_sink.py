"""What is counted of the line of work; `bot.ops.metrics` keeps the counts."""

from bot.domain.money import Usd
from bot.domain.task import State


class MetricsSink:
    """Is told what happens, and decides nothing. This one counts nothing.

    Each method returns at once and never raises.
    """

    def acknowledged(self, seconds: float) -> None:
        """A command had its first answer, so long after Discord took it."""

    def rendered(self, *, seconds: float, looks: int, cost: Usd | None) -> None:
        """A video was noticed to be finished, so long after its submission."""

    def delivered(self, *, seconds: float) -> None:
        """A video is in its channel, so long after it was finished."""

    def ended(self, state: State) -> None:
        """A task ended without a video in its channel."""

    def provider_error(self, kind: str) -> None:
        """The provider refused, failed or did not answer; ``kind`` is the error's name."""

    def discord_error(self, kind: str) -> None:
        """A delivery was refused, or had no clear answer."""
