"""Temporary files for pictures while they are read.

File operations run in threads: while a disk syncs another commit, even an `rmdir` can take
milliseconds, and would block the event loop.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.domain.first_frame import check_source_bytes
from bot.domain.submission import Picture

# Bytes to collect before a thread writes them.
_PIECE = 256 * 1024


@asynccontextmanager
async def temporary_folder(parent: Path) -> AsyncIterator[Path]:
    """A new folder in ``parent``, removed with its contents at the end of the block."""
    folder = await asyncio.to_thread(_make, parent)
    try:
        yield folder
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))


async def save(picture: Picture, target: Path) -> None:
    """Save a picture's bytes to a file, counting them on the way.

    Raises:
        PictureRefused: the picture is larger than the limit.
        PictureUnavailable: the picture cannot be read.
    """
    read, waiting = 0, bytearray()
    async for chunk in picture.read():
        read += len(chunk)
        check_source_bytes(read)
        waiting += chunk
        if len(waiting) >= _PIECE:
            await asyncio.to_thread(_append, target, waiting)
            waiting = bytearray()
    await asyncio.to_thread(_append, target, waiting)


def _make(parent: Path) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=parent))


def _append(target: Path, data: bytearray) -> None:
    # Opened each time: a thread must not write to a file that a canceled caller has closed.
    with target.open("ab") as file:
        file.write(data)
