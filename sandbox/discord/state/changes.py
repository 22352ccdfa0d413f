"""Wakes those who wait for a change of the world."""

import asyncio
from collections.abc import Callable


class Changes:
    """Announces every change, so that waiters can check their condition again."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()
        self.count = 0
        """Number of changes so far."""

    def announce(self) -> None:
        self.count += 1
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(self, holds: Callable[[], bool], within: float) -> None:
        """Wait until ``holds()`` is true.

        Raises:
            TimeoutError: it was not within ``within`` real seconds.
        """
        async with asyncio.timeout(within):
            while not holds():
                waiter = asyncio.get_running_loop().create_future()
                self._waiters.add(waiter)
                try:
                    await waiter
                finally:
                    self._waiters.discard(waiter)
