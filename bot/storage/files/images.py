"""First frames on the local disk, each stored once under the digest of its content."""

import asyncio
import os
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from bot.domain.kept_frames import KeptFile
from bot.domain.submission import MadeFrame
from bot.domain.task import Frame
from bot.storage.files.object_store import SharedFiles
from bot.storage.files.sync import sync

_PREFIX = "images/"
_DIGEST = re.compile(r"[0-9a-f]{64}")


class ImageStore:
    """First frames in ``folder``, as ``ab/ab…`` after the first letters of their SHA-256.

    A frame appears complete or not at all. Once ``keep`` has returned, it is synced to the disk,
    and stored for other machines if there are any.
    """

    def __init__(self, folder: Path, *, shared: SharedFiles | None = None) -> None:
        self._folder = folder
        self._shared = shared

    async def keep(self, made: MadeFrame) -> Frame:
        """Move the frame into the folder, synced; an existing one is only renewed."""
        target = self._place(made.frame.digest)
        await asyncio.to_thread(_move_in, made.path, target)
        await self._share(made.frame.digest)
        return made.frame

    async def renew(self, digest: str) -> bool:
        """Restart the frame's retention as if it had just come; return whether it still exists."""
        if await self.find(digest) is None:
            return False
        kept = await asyncio.to_thread(_renew, self._place(digest))
        if kept:
            await self._share(digest)
        return kept

    async def remove(self, digest: str) -> None:
        """Remove the frame, here and for other machines."""
        await self.remove_here(digest)
        if self._shared is not None:
            await self._shared.remove(_key(digest))

    async def remove_here(self, digest: str) -> None:
        """Remove the frame from this machine; ``find`` may fetch it again from other machines."""
        await asyncio.to_thread(self._place(digest).unlink, missing_ok=True)

    async def remove_parts(self, older: timedelta) -> None:
        """Remove incomplete downloads that are older than this."""
        await asyncio.to_thread(_remove_parts, self._folder, older.total_seconds())

    async def listed(self) -> Sequence[KeptFile]:
        """List the frames on this machine."""
        return await asyncio.to_thread(_listed, self._folder)

    async def listed_elsewhere(self) -> Sequence[KeptFile]:
        """List the frames stored for other machines; empty if there are none."""
        if self._shared is None:
            return []
        found = await self._shared.listed(_PREFIX)
        names = ((file, file.key.removeprefix(_PREFIX)) for file in found)
        return [
            KeptFile(digest=name, bytes=file.bytes, age=file.age)
            for file, name in names
            if _DIGEST.fullmatch(name)
        ]

    async def find(self, digest: str) -> Path | None:
        """Return the frame's path on this machine, after fetching it if needed; ``None``: it is
        gone.

        Raises:
            StorageError: the other machines' files cannot be reached.
        """
        path = self._place(digest)
        if path.is_file():
            return path
        if self._shared is None:
            return None
        await asyncio.to_thread(_make_folders, path.parent)
        return path if await self._shared.get(_key(digest), path) else None

    async def _share(self, digest: str) -> None:
        if self._shared is not None:
            await self._shared.put(_key(digest), self._place(digest))

    def _place(self, digest: str) -> Path:
        # Any other name could lead out of the folder.
        if not _DIGEST.fullmatch(digest):
            raise ValueError("a frame's name must have 64 hexadecimal digits")
        return self._folder / digest[:2] / digest


def _key(digest: str) -> str:
    return f"{_PREFIX}{digest}"


def _move_in(source: Path, target: Path) -> None:
    if target.exists():
        source.unlink()
        # Its retention starts again, as if it had just come.
        os.utime(target)
        # Another process may have moved it in just now, and not synced it yet.
        sync(target.parent)
        return
    _make_folders(target.parent)
    sync(source)
    # Replacing is safe: another file of this name has the same content.
    source.replace(target)
    sync(target.parent)


def _renew(path: Path) -> bool:
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _listed(folder: Path) -> list[KeptFile]:
    """List frames; ages come from the file system's clock, which also wrote the times."""
    now, found = time.time(), list[KeptFile]()
    for path in folder.glob("??/*"):
        # A file may be removed meanwhile.
        with suppress(FileNotFoundError):
            if _DIGEST.fullmatch(path.name):
                about = path.stat()
                age = timedelta(seconds=max(now - about.st_mtime, 0.0))
                found.append(KeptFile(digest=path.name, bytes=about.st_size, age=age))
    return found


def _remove_parts(folder: Path, seconds: float) -> None:
    oldest = time.time() - seconds
    for path in folder.glob("??/*"):
        with suppress(FileNotFoundError):
            if not _DIGEST.fullmatch(path.name) and path.stat().st_mtime < oldest:
                path.unlink()


def _make_folders(folder: Path) -> None:
    """Create ``folder`` and its parent, and sync each new entry."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    sync(folder.parent)
    sync(folder.parent.parent)
