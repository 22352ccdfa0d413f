"""First frames on the disk, each once, named for its content."""

import asyncio
import os
import re
import time
from datetime import timedelta
from pathlib import Path

from bot.domain.task import Frame
from bot.services.ports import MadeFrame
from bot.storage.files import sync

_DIGEST = re.compile(r"[0-9a-f]{64}")


class ImageStore:
    """First frames in ``folder``, as ``ab/ab…`` after the first letters of their SHA-256.

    A frame appears whole or not at all, and is on the disk once ``keep`` has returned.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, made: MadeFrame) -> Frame:
        target = self._place(made.frame.digest)
        await asyncio.to_thread(_move_in, made.path, target)
        return made.frame

    async def sweep(self, keep: timedelta) -> int:
        """Remove the frames that nobody has sent in for so long; how many."""
        return await asyncio.to_thread(_remove_older, self._folder, keep.total_seconds())

    async def renew(self, digest: str) -> bool:
        return await asyncio.to_thread(_renew, self._place(digest))

    def path(self, digest: str) -> Path | None:
        path = self._place(digest)
        return path if path.is_file() else None

    def _place(self, digest: str) -> Path:
        # A name from anywhere else could lead out of the folder.
        if not _DIGEST.fullmatch(digest):
            raise ValueError("a frame is named by 64 hexadecimal digits")
        return self._folder / digest[:2] / digest


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


def _remove_older(folder: Path, seconds: float) -> int:
    """By the file system's own clock, which also wrote the times that it is compared with."""
    oldest = time.time() - seconds
    old = [path for path in folder.glob("??/*") if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _make_folders(folder: Path) -> None:
    """Make ``folder`` and its parent, each entry synced where it is new."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    sync(folder.parent)
    sync(folder.parent.parent)
