"""The background job that forgets: words, pictures, and files that nobody needs any more."""

import asyncio
import logging
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

from bot.clock import Clock
from bot.concurrency import in_background
from bot.domain.task import KEEP_PROMPTS, KEEP_UNDELIVERED
from bot.errors import is_of_the_disk
from bot.storage.files.object_store import VIDEOS_PREFIX, SharedFiles
from bot.storage.maintenance.retention import OldTasks
from bot.storage.tasks.tasks import TaskStore

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
# What was being read when a process was killed is of no use to anybody after this.
KEEP_INCOMING = timedelta(hours=1)
KEEP_DELIVERED = timedelta(hours=1)


class Retention:
    """Forgets what is due, once an hour; it never raises."""

    def __init__(
        self,
        *,
        tasks: OldTasks,
        clock: Clock,
        sweeps: Mapping[str, Callable[[], Awaitable[object]]] | None = None,
    ) -> None:
        """``sweeps``: what else is done each time, by what it is about."""
        self._tasks = tasks
        self._clock = clock
        self._sweeps = {"old prompts": self.once, **(sweeps or {})}

    async def once(self) -> int:
        """Forget the prompts that are due now; how many tasks that were."""
        forgotten = await self._tasks.forget(self._clock.now() - KEEP_PROMPTS)
        if forgotten:
            log.info("the prompts of %d videos are forgotten", forgotten)
        return forgotten

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """In the background for as long as the block lasts."""
        async with in_background(self._run()):
            yield

    async def _run(self) -> None:
        while True:
            for name, sweep in self._sweeps.items():
                await self._do(name, sweep)
            await self._clock.sleep(EVERY.total_seconds())

    async def _do(self, name: str, sweep: Callable[[], Awaitable[object]]) -> None:
        try:
            await sweep()
        except Exception as error:
            # On a full disk a traceback every hour takes what room is left.
            trace = None if is_of_the_disk(error) else error
            log.error("%s are not forgotten yet: %s", name, error, exc_info=trace)


async def sweep_folder(folder: Path, keep: timedelta) -> None:
    """Remove what was last changed longer ago than that, by the file system's own clock."""
    await asyncio.to_thread(_remove_older, folder, keep.total_seconds())


async def sweep_videos(folder: Path, videos: TaskStore, shared: SharedFiles | None) -> None:
    """Remove the videos that nobody waits for, in ``folder`` and in `FILE_STORE`, and old ones.

    Raises:
        StorageError: some of them may still be there.
    """
    await sweep_folder(folder, KEEP_UNDELIVERED)
    # One that is just delivered is removed by whoever delivered it.
    left = await asyncio.to_thread(_older, folder, KEEP_DELIVERED.total_seconds())
    over = await videos.videos_over([_task_of(path.name) for path in left])
    for path in left:
        if _task_of(path.name) in over:
            await asyncio.to_thread(path.unlink, missing_ok=True)
    if shared is None:
        return
    await shared.sweep(VIDEOS_PREFIX, KEEP_UNDELIVERED)
    keys = [file.key for file in await shared.listed(VIDEOS_PREFIX) if file.age > KEEP_DELIVERED]
    over = await videos.videos_over([_task_of(key.removeprefix(VIDEOS_PREFIX)) for key in keys])
    for key in keys:
        if _task_of(key.removeprefix(VIDEOS_PREFIX)) in over:
            await shared.remove(key)


def _task_of(name: str) -> str:
    """The task that a video's file is named for, also while it is being fetched."""
    return name.partition(".")[0]


def _older(folder: Path, seconds: float) -> list[Path]:
    """By the file system's own clock, which also wrote the times."""
    oldest, found = time.time() - seconds, list[Path]()
    for path in folder.iterdir() if folder.is_dir() else ():
        # One that goes away meanwhile is what is wanted.
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                found.append(path)
    return found


def _remove_older(folder: Path, seconds: float) -> None:
    for path in _older(folder, seconds):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
