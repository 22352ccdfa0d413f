"""A worker that resumes tasks in flight, in a process of its own; prints one line of JSON.

`python -m benchmarks.parts.start DATABASE URL TASKS SECONDS` measures the real worker with the real
store and client, from its start until it polls all tasks, and its polls in the seconds after that.
"""

import asyncio
import json
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from pydantic import SecretStr

from bot.cli.run import run_in_loop
from bot.clock import SystemClock
from bot.domain.task import Task
from bot.providers.vtrix.client import VtrixClient
from bot.services.ports import Messenger, Provider
from bot.storage.engine.database import open_database
from bot.storage.files.images import ImageStore
from bot.storage.tasks.tasks import TaskStore
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from bot.worker.worker import Worker
from tests.factories import VARIABLES, make_providers

WINDOW_SECONDS = 1.0


class _Nobody:
    """Discord and the image store, which take no part."""

    async def show(self, task: Task) -> None:
        """Show nothing, as messages are not measured."""

    async def tell_operator(self, text: str) -> None:
        """Tell nobody."""

    async def sweep(self, keep: timedelta) -> int:
        """Delete nothing."""
        return 0


class _Noted:
    """The provider's client, which records the time of each poll."""

    def __init__(self, client: VtrixClient) -> None:
        self._client = client
        self.key_works = client.key_works
        self.moments: list[float] = []

    async def status(self, job_id: str) -> Any:
        """Poll a job, and record the time."""
        self.moments.append(time.perf_counter())
        return await self._client.status(job_id)


def main() -> None:
    """Start the worker, and print the measurements."""
    path, url, tasks, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    print(json.dumps(run_in_loop(_start(path, url, tasks, seconds)) | {"read": _read(path)}))


def _read(path: str) -> float:
    """Measure the floor: the seconds to read the rows."""
    with sqlite3.connect(path) as connection:
        began = time.perf_counter()
        connection.execute("SELECT * FROM tasks WHERE state = 'running'").fetchall()
        return time.perf_counter() - began


async def _start(path: str, url: str, tasks: int, seconds: float) -> dict[str, float]:
    clock = SystemClock()
    client = VtrixClient(base_url=url, api_key=SecretStr("test-key"), clock=clock)
    with tempfile.TemporaryDirectory() as folder:
        async with client, open_database(f"sqlite:///{path}", exclusive=True) as database:
            noted = _Noted(client)
            worker = _worker(TaskStore(database, clock=clock), noted, clock, Path(folder))
            began = time.perf_counter()
            async with worker:
                await _all_watched(worker, tasks)
                took = time.perf_counter() - began
                await asyncio.sleep(seconds)
    return {"took": took, **_looks(noted.moments, began, seconds / 2)}


async def _all_watched(worker: Worker, tasks: int) -> None:
    while worker.snapshot()["watching"] < tasks:  # noqa: ASYNC110  (the worker announces nothing)
        await asyncio.sleep(0.005)


def _looks(moments: list[float], began: float, steady_after: float) -> dict[str, float]:
    """Return the most polls in a second, and the mean once the rate is steady."""
    windows = Counter(int((moment - began) / WINDOW_SECONDS) for moment in moments)
    whole = range(max(windows))
    steady = [windows[number] for number in whole if number * WINDOW_SECONDS >= steady_after]
    return {
        "peak": max(windows[number] for number in whole) / WINDOW_SECONDS,
        "steady": sum(steady) / len(steady) / WINDOW_SECONDS,
    }


def _worker(store: TaskStore, provider: _Noted, clock: SystemClock, folder: Path) -> Worker:
    nobody = _Nobody()
    tell = cast(Callable[[str], Any], nobody.tell_operator)
    return Worker(
        owner="run-again",
        tasks=store,
        images=cast(ImageStore, nobody),
        messenger=cast(Messenger, nobody),
        providers=make_providers(
            ProviderCircuitBreaker(
                key_works=provider.key_works, tell_operator=tell, variables=VARIABLES, clock=clock
            ),
            cast(Provider, provider),
        ),
        clock=clock,
        videos=folder / "videos",
        only_run=True,
        rng=random.Random(1),
    )


if __name__ == "__main__":
    main()
