"""A file that appears complete or not at all."""

import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from bot.providers.file_io import in_thread
from bot.storage.files.sync import sync
from bot.video.boxes import is_whole


class AtomicFile:
    """Writes to a temporary file beside ``target``; :meth:`keep` syncs and renames it in one step.

    The temporary file's name is fixed, so the next attempt overwrites what a killed process left
    behind, and nothing piles up.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._part = target.with_name(f"{target.name}.part")
        self._kept = False
        self.bytes = 0
        """Number of bytes written so far."""

    async def __aenter__(self) -> Self:
        self._file = await in_thread(self._open)
        return self

    def _open(self) -> BinaryIO:
        self._target.parent.mkdir(parents=True, exist_ok=True)
        return self._part.open("wb", buffering=0)

    async def write(self, chunk: bytes) -> None:
        """Append all of ``chunk``."""
        await in_thread(_write_all, self._file, chunk)
        self.bytes += len(chunk)

    async def is_whole_mp4(self) -> bool:
        """Whether what was written is a complete MP4."""
        return await in_thread(is_whole, self._part)

    async def keep(self) -> None:
        """Sync the file to disk, and rename it to the target."""
        await in_thread(self._keep)

    def _keep(self) -> None:
        os.fsync(self._file.fileno())
        self._part.replace(self._target)
        self._kept = True
        sync(self._target.parent)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await in_thread(self._end, failed=error is not None)

    def _end(self, *, failed: bool) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)
        if failed and self._kept:
            # It failed or timed out between the renaming and the last sync.
            self._target.unlink(missing_ok=True)


def _write_all(file: BinaryIO, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[file.write(rest) :]
