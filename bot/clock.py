"""Time, passed in instead of patched."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the rest of the program knows of time."""

    def now(self) -> datetime:
        """The wall clock: aware, UTC; what is stored and shown."""

    def monotonic(self) -> float:
        """Seconds that never go back: what durations and timeouts are measured with."""

    async def sleep(self, seconds: float) -> None:
        """Wait; a virtual clock returns when its own time has passed."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
