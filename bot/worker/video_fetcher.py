"""Fetches the file of a finished video: from the provider or another machine, with its label."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from bot.concurrency import backoff
from bot.domain.task import Task
from bot.errors import (
    DownloadError,
    DownloadRefused,
    LinkExpired,
    ProviderError,
    StorageError,
    VideoUnreadable,
)
from bot.services.ports import Provider
from bot.storage.files.object_store import VIDEOS_PREFIX, SharedFiles
from bot.video.labeler import VideoLabeler
from bot.worker.worker_deps import WorkerDeps

log = logging.getLogger(__name__)
FETCH_AT_ONCE = 4
# Seconds after which a slow download no longer counts towards FETCH_AT_ONCE.
FETCH_TURN_SECONDS = 3.0
MOST_FETCHES = 64
# Seconds between attempts.
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
GIVE_UP_FETCH_AFTER = timedelta(hours=24)
# About seven minutes with the waits, for a full disk; then the video is delivered anyway.
MOST_LABEL_ATTEMPTS = 15
# The provider's file storage can lag behind, so a dead link to a new video is not final before.
BELIEVE_EXPIRED_AFTER = timedelta(minutes=10)


class VideoFetcher:
    """Downloads finished videos, labels them, and shares them with other machines."""

    def __init__(
        self,
        deps: WorkerDeps,
        *,
        videos: Path,
        shared: SharedFiles | None = None,
        labeler: VideoLabeler,
    ) -> None:
        self._deps = deps
        self._videos = videos
        self._shared = shared
        self._labeler = labeler
        self._fetching = asyncio.Semaphore(FETCH_AT_ONCE)
        self._fetching_at_all = asyncio.Semaphore(MOST_FETCHES)

    async def fetch(self, task: Task) -> tuple[Path | None, bool]:
        """Return the labeled file, or ``None`` and whether the link is dead as well."""
        target = self._videos / f"{task.id}.mp4"
        attempt, url = 0, task.video_url or ""
        if self._shared is not None and not target.exists():
            await self._from_others(task, target)
        while not target.exists():
            attempt += 1
            try:
                async with self._turn_to_fetch():
                    await self._provider(task).download(url, target)
            except LinkExpired as error:
                log.warning("task %s: %s", task.id, error, extra={"task": task.id})
                if self._is_over(task.rendered_at or task.updated_at, BELIEVE_EXPIRED_AFTER):
                    return None, True
                await self._wait(attempt)
                url = await self._fresh_link(task) or url
            except DownloadRefused as error:
                log.warning("task %s: %s", task.id, error, extra={"task": task.id})
                return None, False
            except (DownloadError, OSError) as error:
                log.warning("task %s: download: %s", task.id, error, extra={"task": task.id})
                if self._is_over(task.rendered_at or task.updated_at, GIVE_UP_FETCH_AFTER):
                    return None, False
                await self._wait(attempt)
        await self._label(task, target)
        await self._for_others(task, target)
        return target, False

    async def remove(self, task: Task, video: Path) -> None:
        """Delete the file here and for other machines."""
        await asyncio.to_thread(video.unlink, missing_ok=True)
        try:
            if self._shared is not None:
                await self._shared.remove(_key(task))
        except StorageError as error:
            log.warning("task %s: %s", task.id, error, extra={"task": task.id})

    async def _label(self, task: Task, video: Path) -> None:
        """Have the file say that it is AI-generated.

        A file that takes no label is delivered all the same, as the message says it, too.
        """
        reason: Exception = VideoUnreadable("no attempt")
        for attempt in range(1, MOST_LABEL_ATTEMPTS + 1):
            try:
                await self._labeler.label(video, task)
            except (VideoUnreadable, FileNotFoundError) as error:
                reason = error
                break
            except Exception as error:
                reason = error
                # On a full disk a traceback each time would take what room is left.
                trace = None if isinstance(error, OSError) else error
                log.warning("task %s: not labeled yet: %s", task.id, error, exc_info=trace)
                await self._wait(attempt)
            else:
                return
        log.warning("task %s: its file carries no label: %s", task.id, reason)
        self._deps.metrics.unlabeled()

    @asynccontextmanager
    async def _turn_to_fetch(self) -> AsyncIterator[None]:
        """Allow a few downloads at once; one that takes long gives up its place to the next.

        Otherwise a server that is silent for a minute would keep everybody's videos waiting.
        """
        async with self._fetching_at_all:
            await self._fetching.acquire()
            timer = asyncio.create_task(self._give_turn_up())
            try:
                yield
            finally:
                if timer.cancel():
                    self._fetching.release()

    async def _give_turn_up(self) -> None:
        await self._deps.clock.sleep(FETCH_TURN_SECONDS)
        self._fetching.release()

    async def _from_others(self, task: Task, target: Path) -> None:
        """Get the file from a machine that died after its download; the link may be dead by now."""
        try:
            if self._shared is not None:
                await self._shared.get(_key(task), target)
        except StorageError as error:
            log.warning("task %s: %s", task.id, error, extra={"task": task.id})

    async def _for_others(self, task: Task, target: Path) -> None:
        """Store the file for other machines. If this fails, they still have the provider's link."""
        try:
            if self._shared is not None:
                await self._shared.put(_key(task), target)
        except StorageError as error:
            log.warning("task %s: %s", task.id, error, extra={"task": task.id})

    def _provider(self, task: Task) -> Provider:
        return self._deps.providers.of(task.request.model).client

    async def _fresh_link(self, task: Task) -> str | None:
        """Ask the provider again: its answer may have another link than the one that failed."""
        try:
            return (await self._provider(task).status(task.provider_id or "")).video_url
        except ProviderError as error:
            log.info("task %s: no new link: %s", task.id, error, extra={"task": task.id})
            return None

    def _is_over(self, since: datetime, most: timedelta) -> bool:
        return self._deps.clock.now() - since > most

    async def _wait(self, attempt: int) -> None:
        wait = backoff(attempt, first=FIRST_WAIT, longest=LONGEST_WAIT, rng=self._deps.rng)
        await self._deps.clock.sleep(wait)


def _key(task: Task) -> str:
    return f"{VIDEOS_PREFIX}{task.id}.mp4"
