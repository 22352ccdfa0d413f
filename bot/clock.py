"""The clock, which everything else is given as an argument."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The source of time for the rest of the program."""

    def now(self) -> datetime:
        """The wall clock, aware and in UTC, for what is stored and shown."""

    def monotonic(self) -> float:
        """Seconds that never go back, to measure durations and timeouts."""

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of this clock."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
