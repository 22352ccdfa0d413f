"""Timer queue: one heap of due times, and a single sleeping coroutine for all entries."""

import asyncio
import heapq
from typing import Any, Generic, Protocol, TypeVar

from bot.clock import Clock
from bot.concurrency import first_of

GRAIN = 0.001
"""Seconds. Entries due within this time are handled together. Otherwise thousands a second would
each wake the loop, which costs as much as a poll."""
SHORT = 0.02
"""Seconds. A wait shorter than this is not cut short for an entry that is due sooner."""


class Ordered(Protocol):
    """An entry whose order decides between two that are due at the same moment."""

    def __lt__(self, other: Any, /) -> bool: ...


T = TypeVar("T", bound=Ordered)


class TimerQueue(Generic[T]):
    """Entries ordered by when they are due, the earliest first."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        # No counter as tie-breaker in the tuple: it would take 40 bytes for each entry.
        self._due: list[tuple[float, T]] = []
        self._sooner = asyncio.Event()

    def __len__(self) -> int:
        return len(self._due)

    def put(self, entry: T, wait: float) -> None:
        """Add an entry that is due in ``wait`` seconds."""
        due = self._clock.monotonic() + wait
        is_first = not self._due or due < self._due[0][0]
        heapq.heappush(self._due, (due, entry))
        if is_first:
            self._sooner.set()

    def pop(self, now: float) -> T | None:
        """Remove and return the first entry that was due by ``now`` (monotonic seconds), if any."""
        if not self._due or self._due[0][0] > now:
            return None
        return heapq.heappop(self._due)[1]

    async def until_due(self) -> None:
        """Sleep until the first entry is due, even if it is added meanwhile."""
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
