"""The real store, answering at once: between two steps of the program no real time passes."""

import asyncio
import inspect
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from bot.domain.task import Frame
from bot.errors import StorageError
from bot.services.ports import MadeFrame
from tests.simulation.outside import Faults, Life

T = TypeVar("T")


class Aside:
    """An event loop in a thread of its own, that the caller's loop stands still for."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Disk:
    """A store of one process: each call can fail before it, and the process die around it."""

    def __init__(self, store: object, aside: Aside, faults: Faults, life: Life) -> None:
        self._store = store
        self._aside = aside
        self._faults = faults
        self._life = life

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if not inspect.iscoroutinefunction(method):
            return method

        async def call(*args: Any, **kwargs: Any) -> Any:
            await self._life.step()
            if self._faults.draw("disk") is not None:
                raise StorageError("disk full")
            done = self._aside.run(method(*args, **kwargs))
            await self._life.step()
            return done

        return call


class Frames:
    """First frames that are there."""

    def __init__(self, picture: Path) -> None:
        self._picture = picture

    async def keep(self, made: MadeFrame) -> Frame:
        return made.frame

    async def find(self, digest: str) -> Path | None:
        return self._picture

    async def renew(self, digest: str) -> bool:
        return True

    async def sweep(self, keep: object) -> int:
        return 0
