"""The background job that deletes old prompts, pictures and videos."""

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
# After this, a partly read picture was left by a killed process.
KEEP_INCOMING = timedelta(hours=1)
KEEP_DELIVERED = timedelta(hours=1)


class Retention:
    """Deletes what is due, once an hour; it never raises."""

    def __init__(
        self,
        *,
        tasks: OldTasks,
        clock: Clock,
        sweeps: Mapping[str, Callable[[], Awaitable[object]]] | None = None,
    ) -> None:
        """``sweeps``: what else to do each time, by what it deletes."""
        self._tasks = tasks
        self._clock = clock
        self._sweeps = {"old prompts": self.once, **(sweeps or {})}

    async def once(self) -> int:
        """Delete the prompts that are due; return the number of tasks."""
        forgotten = await self._tasks.forget(self._clock.now() - KEEP_PROMPTS)
        if forgotten:
            log.info("prompts of %d videos deleted", forgotten)
        return forgotten

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Work in the background within the block."""
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
            # On a full disk, an hourly traceback would take up the remaining room.
            trace = None if is_of_the_disk(error) else error
            log.error("%s not deleted yet: %s", name, error, exc_info=trace)


async def sweep_folder(folder: Path, keep: timedelta) -> None:
    """Remove what was not changed for ``keep``, by the file system's clock."""
    await asyncio.to_thread(_remove_older, folder, keep.total_seconds())


async def sweep_videos(folder: Path, videos: TaskStore, shared: SharedFiles | None) -> None:
    """Remove old videos and those that no task needs, in ``folder`` and in `FILE_STORE`.

    Raises:
        StorageError: some of them may remain.
    """
    await sweep_folder(folder, KEEP_UNDELIVERED)
    # A video that was just delivered is left to the process that delivered it.
    left = await asyncio.to_thread(_older, folder, KEEP_DELIVERED.total_seconds())
    over = await videos.videos_over([_task_of(path.name) for path in left])
    for path in left:
        if _task_of(path.name) in over:
            await asyncio.to_thread(path.unlink, missing_ok=True)
    if shared is not None:
        await _sweep_shared_videos(videos, shared)


async def _sweep_shared_videos(videos: TaskStore, shared: SharedFiles) -> None:
    await shared.sweep(VIDEOS_PREFIX, KEEP_UNDELIVERED)
    keys = [file.key for file in await shared.listed(VIDEOS_PREFIX) if file.age > KEEP_DELIVERED]
    over = await videos.videos_over([_task_of(key.removeprefix(VIDEOS_PREFIX)) for key in keys])
    for key in keys:
        if _task_of(key.removeprefix(VIDEOS_PREFIX)) in over:
            await shared.remove(key)


def _task_of(name: str) -> str:
    """The id of the task that a video's file is named for, complete or not."""
    return name.partition(".")[0]


def _older(folder: Path, seconds: float) -> list[Path]:
    """The older entries of a folder, by the file system's clock, which wrote their times."""
    oldest, found = time.time() - seconds, list[Path]()
    for path in folder.iterdir() if folder.is_dir() else ():
        # A file that disappears meanwhile needs no removal.
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
