"""Renders the videos of a local provider off the event loop, each once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cachetools import FIFOCache

from sandbox.video import SECONDS, render

_KEPT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoSpec:
    """What a video depends on: equal ones give the same bytes."""

    digest: str
    """Of the first frame."""
    seed: int
    resolution: str
    watermark: bool
    seconds: int = SECONDS
    sound: bool = False


class Renderer:
    """Renders a video when it is first needed.

    If ``ready`` is set, it replaces every video, for tests under load.
    """

    def __init__(self, ready: bytes | Path | None) -> None:
        self.ready = ready
        self._pictures: dict[str, bytes] = {}
        self._made = FIFOCache[VideoSpec, asyncio.Future[bytes]](_KEPT)
        # One at a time, so that the other core is free for the program under test.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="renderer")

    def keep(self, digest: str, picture: bytes) -> None:
        """Keep a first frame; equal pictures are kept once."""
        self._pictures[digest] = picture

    def begin(self, spec: VideoSpec) -> None:
        """Start rendering, so that the video is ready when it is fetched."""
        if self.ready is None:
            self._future(spec)

    async def video(self, spec: VideoSpec) -> bytes | Path:
        """Return the video."""
        if self.ready is not None:
            return self.ready
        return await asyncio.shield(self._future(spec))

    def close(self) -> None:
        """Wait for the video being rendered; drop those that have not begun."""
        self._pool.shutdown(cancel_futures=True)

    def _future(self, spec: VideoSpec) -> asyncio.Future[bytes]:
        if spec not in self._made:
            loop = asyncio.get_running_loop()
            self._made[spec] = loop.run_in_executor(self._pool, self._work(spec))
        return self._made[spec]

    def _work(self, spec: VideoSpec) -> Callable[[], bytes]:
        return partial(
            render,
            self._pictures[spec.digest],
            seed=spec.seed,
            resolution=spec.resolution,
            watermark=spec.watermark,
            seconds=spec.seconds,
            sound=spec.sound,
        )
