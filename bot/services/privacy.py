"""What is stored about a person: to read, and to forget."""

import asyncio
from pathlib import Path
from typing import Any, Protocol

from bot.errors import StorageError
from bot.services.ports import SharedFiles


class Erased(Protocol):
    """What was forgotten."""

    @property
    def tasks(self) -> tuple[str, ...]:
        """Ids of tasks."""

    @property
    def frames(self) -> tuple[str, ...]:
        """Digests of first frames that nobody needs any more."""

    @property
    def left(self) -> int:
        """Tasks that are still needed."""


class Stored(Protocol):
    """The database, as far as it is about one person."""

    async def export(self, person_id: int) -> dict[str, Any]:
        """Everything, as JSON can say it."""

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

    async def export(self, person_id: int) -> dict[str, Any]:
        """Everything about a person, by table."""
        return await self._stored.export(person_id)

    async def erase(self, person_id: int) -> Erased:
        """Forget prompts, names, links, pictures that nobody else uses, videos not delivered.

        Raises:
            StorageError: what is in the database is forgotten, a file may still be there.
        """
        erased = await self._stored.erase(person_id)
        for digest in erased.frames:
            await self._frames.remove(digest)
        await asyncio.to_thread(self._remove_videos, erased.tasks)
        return erased

    def _remove_videos(self, tasks: tuple[str, ...]) -> None:
        for task_id in tasks:
            try:
                (self._videos / f"{task_id}.mp4").unlink(missing_ok=True)
            except OSError as error:
                raise StorageError(f"a video cannot be removed: {error}") from error
