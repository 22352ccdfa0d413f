"""First frames on the disk, each once, named for its content."""

import asyncio
import os
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from bot.domain.submission import MadeFrame
from bot.domain.task import Frame, KeptFile
from bot.storage.files.object_store import SharedFiles
from bot.storage.files.sync import sync

_PREFIX = "images/"
_DIGEST = re.compile(r"[0-9a-f]{64}")


class ImageStore:
    """First frames in ``folder``, as ``ab/ab…`` after the first letters of their SHA-256.

    A frame appears whole or not at all, and is on the disk once ``keep`` has returned; where
    there are other machines, they can have it then as well.
    """

    def __init__(self, folder: Path, *, shared: SharedFiles | None = None) -> None:
        self._folder = folder
        self._shared = shared

    async def keep(self, made: MadeFrame) -> Frame:
        """Move it in, synced; a frame that is there already stays as it is."""
        target = self._place(made.frame.digest)
        await asyncio.to_thread(_move_in, made.path, target)
        await self._share(made.frame.digest)
        return made.frame

    async def renew(self, digest: str) -> bool:
        """Keep it from now on as if it had come for the first time; whether it is still there."""
        if await self.find(digest) is None:
            return False
        kept = await asyncio.to_thread(_renew, self._place(digest))
        if kept:
            await self._share(digest)
        return kept

    async def remove(self, digest: str) -> None:
        """Remove it, here and for other machines."""
        await self.remove_here(digest)
        if self._shared is not None:
            await self._shared.remove(_key(digest))

    async def remove_here(self, digest: str) -> None:
        """Remove it from this machine; where other machines have it, ``find`` fetches it again."""
        await asyncio.to_thread(self._place(digest).unlink, missing_ok=True)

    async def remove_parts(self, older: timedelta) -> None:
        """Remove what was left half fetched for so long."""
        await asyncio.to_thread(_remove_parts, self._folder, older.total_seconds())

    async def listed(self) -> Sequence[KeptFile]:
        """All that lie on this machine."""
        return await asyncio.to_thread(_listed, self._folder)

    async def listed_elsewhere(self) -> Sequence[KeptFile]:
        """All that are kept for other machines; none where there are none."""
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
        """Where it lies on this machine, fetched if need be; ``None`` when it is not kept.

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
        # A name from anywhere else could lead out of the folder.
        if not _DIGEST.fullmatch(digest):
            raise ValueError("a frame is named by 64 hexadecimal digits")
        return self._folder / digest[:2] / digest


def _key(digest: str) -> str:
    return f"{_PREFIX}{digest}"


def _move_in(source: Path, target: Path) -> None:
    if target.exists():
        source.unlink()
        # Kept from now on, as if it had come for the first time.
        os.utime(target)
        # It may be from a moment ago, and not yet synced by whoever brings it.
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
    """By the file system's own clock, which also wrote the times that it is compared with."""
    now, found = time.time(), list[KeptFile]()
    for path in folder.glob("??/*"):
        # One that goes away meanwhile is not there.
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
    """Make ``folder`` and its parent, each entry synced where it is new."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    sync(folder.parent)
    sync(folder.parent.parent)
