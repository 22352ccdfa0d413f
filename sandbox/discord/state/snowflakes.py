"""Ids that contain their time, like Discord's."""

from bot.clock import Clock

EPOCH_MS = 1_420_070_400_000
"""Start of 2015 in Unix milliseconds, where Discord's ids start counting."""


class Snowflakes:
    """Generates ids; each is greater than the one before, whatever the clock does."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """A new id."""
        now_ms = int(self._clock.now().timestamp() * 1000)
        self._last = max(self._last + 1, (now_ms - EPOCH_MS) << 22)
        return self._last
