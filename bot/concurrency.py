"""What asyncio leaves to its users: the first of several waits, background tasks, backoff."""

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")


async def first_of(*waits: Coroutine[Any, Any, object]) -> None:
    """Wait until one of them has ended; the others are canceled.

    Raises:
        Exception: what the one that ended first raised.
    """
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    for task in ended:
        task.result()


async def cancel_all(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel them, and wait until they have ended; what they raise is not raised."""
    canceled = list(tasks)
    for task in canceled:
        task.cancel()
    await asyncio.gather(*canceled, return_exceptions=True)


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Work that goes on while the block lasts."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        await cancel_all([task])


class BackgroundTasks:
    """Tasks that go on by themselves, kept until they have ended.

    The event loop itself has only weak references to its tasks, and may lose one.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, T], *, name: str | None = None) -> asyncio.Task[T]:
        """Begin to work."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def wait(self, seconds: float | None = None) -> None:
        """Wait until those of now have ended, at most for ``seconds``."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    async def cancel(self) -> None:
        """Cancel all of them, and wait until they have ended."""
        await cancel_all(self._tasks)


def backoff(attempt: int, *, first: float, longest: float, rng: random.Random) -> float:
    """Seconds before attempt ``attempt + 1``: doubling, with half of it left to chance.

    ``attempt`` counts from 1. The chance keeps many tasks that failed together apart.
    """
    full = min(longest, first * 2.0 ** min(attempt - 1, 32))
    return full * (0.5 + rng.random() / 2)
