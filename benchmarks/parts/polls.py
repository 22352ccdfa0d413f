"""Polls tasks that never end for a while, in a process of its own, and prints one line of JSON.

`python -m benchmarks.parts.polls KIND URL TASKS SECONDS`. ``flipbook`` is the worker's poller with
the real client. ``coroutines`` is one coroutine per task around a bare aiohttp session, every 5 s.
``dashscope`` is the asynchronous wait of that SDK, in a virtual environment of its own.
"""

import asyncio
import gc
import json
import random
import sys
import time
from array import array
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from benchmarks.parts.memory import resident_mb

EVERY_SECONDS = 5.0

Look = Callable[[str], Awaitable[object]]


class Seen:
    """When each task was last polled, and how late the polls were."""

    def __init__(self) -> None:
        self.counting = False
        self.looks = 0
        self.late = array("d")
        self._left: dict[str, float] = {}

    @property
    def bytes(self) -> int:
        """The memory of this record, which is not part of the polling."""
        return sys.getsizeof(self._left) + len(self._left) * sys.getsizeof(1.0)

    def around(self, look: Look) -> Look:
        """Wrap a poll so that it is recorded; each is due 5 s after the previous answer."""

        async def noted(name: str) -> object:
            now = time.perf_counter()
            if self.counting:
                self.looks += 1
                if name in self._left:
                    self.late.append(now - self._left[name] - EVERY_SECONDS)
            try:
                return await look(name)
            finally:
                self._left[name] = time.perf_counter()

        return noted


def main() -> None:
    """Poll, and print the measurements."""
    kind, url, tasks, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    watched = _watch(_KINDS[kind], url, tasks, seconds)
    print(json.dumps(_run(kind)(watched)))


def _run(kind: str) -> Callable[[Coroutine[Any, Any, dict[str, float]]], dict[str, float]]:
    """Choose the event loop: the bot's own for ours, uvloop for the bare one, else asyncio's."""
    if kind == "flipbook":
        from bot.cli.run import run_in_loop

        return run_in_loop
    if kind == "coroutines":
        import uvloop

        return uvloop.run
    return asyncio.run


async def _watch(
    kind: Callable[[str, int, Seen], Awaitable[None]], url: str, tasks: int, seconds: float
) -> dict[str, float]:
    seen = Seen()
    gc.collect()
    before = resident_mb()
    work = asyncio.ensure_future(kind(url, tasks, seen))
    await asyncio.wait({work}, timeout=2 * EVERY_SECONDS)  # until each has been polled once
    gc.collect()
    taken = resident_mb() - before - seen.bytes / 1e6
    cpu, begun = time.process_time(), time.perf_counter()
    seen.counting = True
    await asyncio.wait({work}, timeout=seconds)
    cpu, took = time.process_time() - cpu, time.perf_counter() - begun
    if work.done():
        work.result()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    late = sorted(seen.late) or [0.0]
    return {
        "looks": seen.looks,
        "looks_per_second": seen.looks / took,
        "cpu_us": cpu / max(seen.looks, 1) * 1e6,
        "late_p50_ms": late[len(late) // 2] * 1000,
        "late_p99_ms": late[int(0.99 * len(late))] * 1000,
        "taken_mb": taken,
    }


async def _flipbook(url: str, tasks: int, seen: Seen) -> None:
    from benchmarks.parts.watcher import open_watcher

    async with open_watcher(url, seen.around) as (watcher, watched):
        watched(tasks)
        await watcher.run()


async def _coroutines(url: str, tasks: int, seen: Seen) -> None:
    import aiohttp

    connector = aiohttp.TCPConnector(limit=64)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def look(name: str) -> None:
            async with session.get(f"{url}/model/v1/generation/task/{name}") as answer:
                await answer.json()

        noted = seen.around(look)

        async def wait(name: str) -> None:
            await asyncio.sleep(random.random() * EVERY_SECONDS)
            while True:
                await noted(name)
                await asyncio.sleep(EVERY_SECONDS)

        await asyncio.gather(*(wait(f"task-{number}") for number in range(tasks)))


async def _dashscope(url: str, tasks: int, seen: Seen) -> None:
    import dashscope
    from dashscope.client.base_api import BaseAsyncAioApi

    dashscope.base_http_api_url = f"{url}/api/v1"
    plain = BaseAsyncAioApi._get

    async def looked(task_id: str, *args: object, **options: object) -> object:
        return await seen.around(lambda name: plain(name, *args, **options))(task_id)

    BaseAsyncAioApi._get = looked

    async def wait(name: str) -> None:
        # The SDK waits 1 s at first. Spread over 5 s, its tasks stay apart as ours do.
        await asyncio.sleep(random.random() * EVERY_SECONDS)
        await BaseAsyncAioApi.wait(name, api_key="test-key")

    await asyncio.gather(*(wait(f"task-{number}") for number in range(tasks)))


_KINDS: dict[str, Callable[[str, int, Seen], Awaitable[None]]] = {
    "flipbook": _flipbook,
    "coroutines": _coroutines,
    "dashscope": _dashscope,
}

if __name__ == "__main__":
    main()
