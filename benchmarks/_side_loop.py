"""The real store under a clock that jumps: it answers while the caller's loop stands still."""

import asyncio
import inspect
import threading
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from bot.domain.submission import MadeFrame
from bot.domain.task import Frame, KeptFile

T = TypeVar("T")


class SideLoop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Its result; nothing else happens meanwhile."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class BlockingStore:
    """A store whose every method is run side_loop."""

    def __init__(self, store: object, side_loop: SideLoop) -> None:
        self._store = store
        self._side_loop = side_loop

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if not inspect.iscoroutinefunction(method):
            return method

        async def call(*args: Any, **kwargs: Any) -> Any:
            await asyncio.sleep(0)
            return self._side_loop.run(method(*args, **kwargs))

        return call


class Frames:
    """First frames that are there."""

    def __init__(self, picture: Path) -> None:
        self._picture = picture

    async def keep(self, made: MadeFrame) -> Frame:
        """It is kept."""
        return made.frame

    async def find(self, digest: str) -> Path | None:
        """Where it lies."""
        return self._picture

    async def renew(self, digest: str) -> bool:
        """It is still there."""
        return True

    async def remove(self, digest: str) -> None:
        """It stays."""

    async def remove_here(self, digest: str) -> None:
        """It stays."""

    async def remove_parts(self, older: timedelta) -> None:
        """There are none."""

    async def listed(self) -> Sequence[KeptFile]:
        """Nothing takes any room."""
        return []

    async def listed_elsewhere(self) -> Sequence[KeptFile]:
        """There is nowhere else."""
        return []
