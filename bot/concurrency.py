"""Helpers for asyncio: waiting for the first of several, background tasks, backoff."""

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")


async def first_of(*waits: Coroutine[Any, Any, object]) -> None:
    """Wait until one of several coroutines has ended, and cancel the others.

    Raises:
        Exception: what the first one raised.
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
    """Cancel tasks and wait until they have ended; their exceptions are dropped."""
    canceled = list(tasks)
    for task in canceled:
        task.cancel()
    await asyncio.gather(*canceled, return_exceptions=True)


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run a coroutine in the background, and cancel it at the end of the block."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        await cancel_all([task])


class BackgroundTasks:
    """Background tasks, referenced until they have ended.

    The event loop has only weak references to its tasks, so that one could be garbage-collected.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, T], *, name: str | None = None) -> asyncio.Task[T]:
        """Start a background task."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def wait(self, seconds: float | None = None) -> None:
        """Wait until the current tasks have ended, at most for ``seconds``."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    async def cancel(self) -> None:
        """Cancel all tasks and wait until they have ended."""
        await cancel_all(self._tasks)


def backoff(attempt: int, *, first: float, longest: float, rng: random.Random) -> float:
    """Seconds to wait after attempt ``attempt``, counted from 1: doubling, half of it random.

    The jitter spreads the retries of many tasks that failed together.
    """
    full = min(longest, first * 2.0 ** min(attempt - 1, 32))
    return full * (0.5 + rng.random() / 2)
