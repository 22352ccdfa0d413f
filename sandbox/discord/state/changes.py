"""Wakes whoever waits for the world to become something."""

import asyncio
from collections.abc import Callable


class Changes:
    """Announced after every change; waiters look again then."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()
        self.count = 0
        """How many there have been."""

    def announce(self) -> None:
        self.count += 1
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(self, holds: Callable[[], bool], within: float) -> None:
        """Wait until something holds; raises `TimeoutError` after ``within`` real seconds."""
        async with asyncio.timeout(within):
            while not holds():
                waiter = asyncio.get_running_loop().create_future()
                self._waiters.add(waiter)
                try:
                    await waiter
                finally:
                    self._waiters.discard(waiter)
