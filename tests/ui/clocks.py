"""A clock that tests turn by hand."""

import asyncio
from datetime import datetime, timedelta

from tests.factories import NOON


class HandClock:
    """A clock that stands still until :meth:`turn`, which wakes the sleepers that are due."""

    def __init__(self) -> None:
        self.passed = 0.0
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        event = asyncio.Event()
        self._sleepers.append((self.passed + seconds, event))
        await event.wait()

    async def turn(self, seconds: float) -> None:
        """Let time pass, and let the tasks that are due do their work."""
        self.passed += seconds
        for due, event in self._sleepers:
            if due <= self.passed:
                event.set()
        await settle()


async def settle() -> None:
    """Let every task run until it waits, as long as no real input or output is needed."""
    for _ in range(20):
        await asyncio.sleep(0)
