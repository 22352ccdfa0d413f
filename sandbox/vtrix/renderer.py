"""Renders the videos of the local provider off the event loop, each once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from cachetools import FIFOCache

from sandbox.video import render
from sandbox.vtrix.jobs import Job

_KEPT = 64
Key = tuple[str, int, str, bool]


class Renderer:
    """Renders a job's video when it is first needed.

    If ``ready`` is set, it replaces every job's video, for tests under load.
    """

    def __init__(self, ready: bytes | Path | None) -> None:
        self.ready = ready
        self._pictures: dict[str, bytes] = {}
        self._made = FIFOCache[Key, asyncio.Future[bytes]](_KEPT)
        # One at a time, so that the other core is free for the program under test.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="renderer")

    def keep(self, job: Job, picture: bytes) -> None:
        """Keep the first frame of a job; equal pictures are kept once."""
        self._pictures[job.still.digest] = picture

    def begin(self, job: Job) -> None:
        """Start rendering, so that the video is ready when it is fetched."""
        if self.ready is None:
            self._future(job)

    async def video(self, job: Job) -> bytes | Path:
        """Return the job's video."""
        if self.ready is not None:
            return self.ready
        return await asyncio.shield(self._future(job))

    def close(self) -> None:
        """Wait for the video being rendered; drop those that have not begun."""
        self._pool.shutdown(cancel_futures=True)

    def _future(self, job: Job) -> asyncio.Future[bytes]:
        key = (job.still.digest, job.seed, job.resolution, job.watermark)
        if key not in self._made:
            loop = asyncio.get_running_loop()
            self._made[key] = loop.run_in_executor(self._pool, self._work(job))
        return self._made[key]

    def _work(self, job: Job) -> Callable[[], bytes]:
        return partial(
            render,
            self._pictures[job.still.digest],
            seed=job.seed,
            resolution=job.resolution,
            watermark=job.watermark,
        )
