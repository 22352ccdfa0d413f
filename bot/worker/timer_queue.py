"""Who is due when: one heap, and one sleeper for all of it."""

import asyncio
import heapq
from typing import Any, Generic, Protocol, TypeVar

from bot.clock import Clock
from bot.concurrency import first_of

GRAIN = 0.001
"""Seconds: what falls due within so short a time is done together. Thousands a second would each
wake the loop by themselves otherwise, which costs as much as a look."""
SHORT = 0.02
"""Seconds: for so long nobody listens whether one comes that is due sooner."""


class Ordered(Protocol):
    """What says who goes first of two that are due at the same moment."""

    def __lt__(self, other: Any, /) -> bool: ...


T = TypeVar("T", bound=Ordered)


class TimerQueue(Generic[T]):
    """Entries by the moment at which they are due, the soonest first."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        # No counter between the two: it would be 40 bytes for each.
        self._due: list[tuple[float, T]] = []
        self._sooner = asyncio.Event()

    def __len__(self) -> int:
        return len(self._due)

    def put(self, entry: T, wait: float) -> None:
        """It is due in ``wait`` seconds."""
        due = self._clock.monotonic() + wait
        is_first = not self._due or due < self._due[0][0]
        heapq.heappush(self._due, (due, entry))
        if is_first:
            self._sooner.set()

    def pop(self, now: float) -> T | None:
        """The first that was due by ``now`` (monotonic seconds), if there is one."""
        if not self._due or self._due[0][0] > now:
            return None
        return heapq.heappop(self._due)[1]

    async def until_due(self) -> None:
        """Sleep until the first is due, or one comes that is due sooner."""
        self._sooner.clear()
        if not self._due:
            await self._sooner.wait()
            return
        wait = self._due[0][0] - self._clock.monotonic()
        if wait <= 0:
            return
        if wait <= SHORT:
            await self._clock.sleep(max(wait, GRAIN))
            return
        await first_of(self._clock.sleep(wait), self._sooner.wait())
