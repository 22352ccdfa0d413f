"""Exports and deletes what is stored about a person."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from bot.domain.consent import PictureChoice
from bot.errors import StorageError
from bot.services.privacy.export import Export, ExportFile
from bot.storage.files.images import ImageStore
from bot.storage.files.object_store import VIDEOS_PREFIX, SharedFiles
from bot.storage.maintenance.privacy import Erased, PrivacyTable, Rows
from bot.storage.people.picture_choices import PictureChoiceTable


class Privacy:
    """Exports and deletes a person's data, and stores their choices; callers check who asks."""

    def __init__(
        self,
        *,
        stored: PrivacyTable,
        choices: PictureChoiceTable,
        frames: ImageStore,
        videos: Path,
        shared: SharedFiles | None,
    ) -> None:
        self._stored = stored
        self._choices = choices
        self._frames = frames
        self._videos = videos
        self._shared = shared

    async def export(self, person_id: int, *, most_bytes: int) -> Sequence[ExportFile]:
        """Everything about a person, in files of at most ``most_bytes`` bytes."""
        export = Export(most_bytes=most_bytes)

        async def each(table: str, rows: Rows) -> None:
            await asyncio.to_thread(export.add, table, rows)

        await self._stored.export(person_id, each)
        return await asyncio.to_thread(export.files)

    async def choose(self, person_id: int, choice: PictureChoice) -> None:
        """Store who may use a person's pictures; deleting their data keeps it."""
        await self._choices.choose(person_id, choice)

    async def erase(self, person_id: int) -> Erased:
        """Delete prompts, names, links, pictures that nobody else uses, and undelivered videos.

        Other machines delete their copies of files at their next sweep, within two hours; see
        ``bot.services.privacy.retention``.

        Raises:
            StorageError: the database has forgotten the person, but a file may still exist.
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
                raise StorageError(f"a video cannot be deleted: {error}") from error
