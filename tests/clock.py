"""A virtual clock: time passes only when every task is waiting."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from tests.factories import NOON


class VirtualClock:
    """A clock that tests move by hand; hours pass in milliseconds.

    :meth:`forward` jumps from one sleeper's deadline to the next. Code under test must wait only
    for this clock or for other tasks. Work that would run in a thread must be done at once
    (:class:`Inline`).
    """

    def __init__(self, start: datetime = NOON) -> None:
        self.start = start
        self.passed = 0.0
        self.off = timedelta()
        """The error of the wall clock. The monotonic clock has none."""
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.passed) + self.off

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.passed + seconds, next(self._order), done))
        await done

    async def forward(self, seconds: float) -> None:
        """Let this many seconds pass, waking each sleeper at its own time."""
        until = self.passed + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            await self._wake_next()
        self.passed = until
        await settle()

    async def until(self, true: Callable[[], bool], *, within: float) -> float:
        """Let time pass until the condition holds, and return the seconds that took.

        Raises:
            AssertionError: The condition did not hold within this many seconds.
        """
        began = self.passed
        await settle()
        while not true():
            assert self._sleepers, "nothing is waiting for this clock"
            assert self._sleepers[0][0] <= began + within, f"not true within {within} s"
            await self._wake_next()
        return self.passed - began

    async def _wake_next(self) -> None:
        due, _, sleeper = heapq.heappop(self._sleepers)
        if not sleeper.done():
            self.passed = max(self.passed, due)
            sleeper.set_result(None)
            await settle()


async def settle() -> None:
    """Return when every task is waiting for something."""
    ready: Any = getattr(asyncio.get_running_loop(), "_ready")  # noqa: B009  (it is private)
    await asyncio.sleep(0)
    while ready:  # noqa: ASYNC110  (there is no event for "nothing left to do")
        await asyncio.sleep(0)


class Inline(ThreadPoolExecutor):
    """An executor that runs each function at once, in the calling thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  (it is raised where it is waited for)
            done.set_exception(error)
        return done
