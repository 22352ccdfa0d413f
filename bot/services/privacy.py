"""What is stored about a person: to read, and to forget."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

from bot.errors import StorageError
from bot.services.export import Export, ExportFile, Rows
from bot.services.ports import VIDEOS_PREFIX, SharedFiles


class Erased(Protocol):
    """What was forgotten."""

    @property
    def tasks(self) -> tuple[str, ...]:
        """Ids of tasks."""

    @property
    def undelivered(self) -> tuple[str, ...]:
        """Those of them whose video was not delivered."""

    @property
    def frames(self) -> tuple[str, ...]:
        """Digests of first frames that nobody needs any more."""

    @property
    def left(self) -> int:
        """Tasks that are still needed."""


class Stored(Protocol):
    """The database, as far as it is about one person."""

    async def export(self, person_id: int, each: Callable[[str, Rows], Awaitable[None]]) -> None:
        """Hand everything over by table, a few rows at a time, as JSON can say it."""

    async def erase(self, person_id: int) -> Erased:
        """Forget what is not needed any more."""


class Frames(Protocol):
    """First frames."""

    async def remove(self, digest: str) -> None:
        """Remove one, here and for other machines."""


class Privacy:
    """Reads and forgets; whoever calls it has checked who asks."""

    def __init__(
        self, *, stored: Stored, frames: Frames, videos: Path, shared: SharedFiles | None
    ) -> None:
        self._stored = stored
        self._frames = frames
        self._videos = videos
        self._shared = shared

    async def export(self, person_id: int, *, most_bytes: int) -> Sequence[ExportFile]:
        """Everything about a person, in files of at most so many bytes."""
        export = Export(most_bytes=most_bytes)

        async def each(table: str, rows: Rows) -> None:
            await asyncio.to_thread(export.add, table, rows)

        await self._stored.export(person_id, each)
        return await asyncio.to_thread(export.files)

    async def erase(self, person_id: int) -> Erased:
        """Forget prompts, names, links, pictures that nobody else uses, videos not delivered.

        Copies on the disks of other machines go with their next sweep, within two hours: see
        ``bot.services.retention``.

        Raises:
            StorageError: what is in the database is forgotten, a file may still be there.
        """
        erased = await self._stored.erase(person_id)
        for digest in erased.frames:
            await self._frames.remove(digest)
        await asyncio.to_thread(self._remove_videos, erased.tasks)
        if self._shared is not None:
            for task_id in erased.undelivered:
                await self._shared.remove(f"{VIDEOS_PREFIX}{task_id}.mp4")
        return erased

    def _remove_videos(self, tasks: tuple[str, ...]) -> None:
        for task_id in tasks:
            try:
                (self._videos / f"{task_id}.mp4").unlink(missing_ok=True)
            except OSError as error:
                raise StorageError(f"a video cannot be removed: {error}") from error
