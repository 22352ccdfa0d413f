"""Pictures while they are read: on disk, in a folder of their own, by threads.

A disk that syncs somebody's commit lets a `rmdir` wait for milliseconds, and the event loop would
wait with it.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.domain.first_frame import check_source_bytes
from bot.domain.submission import Picture

# Bytes that are gathered before a thread is asked to write them.
_PIECE = 256 * 1024


@asynccontextmanager
async def temporary_folder(parent: Path) -> AsyncIterator[Path]:
    """A new folder in ``parent``; with all that is in it, it goes at the end."""
    folder = await asyncio.to_thread(_make, parent)
    try:
        yield folder
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))


async def save(picture: Picture, target: Path) -> None:
    """Its bytes into a file, counted while they come.

    Raises:
        PictureRefused: they are more than what is read of any picture.
        PictureUnavailable: they do not come.
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
    # Opened each time: a file that a cancelled caller closes must not be written to by a thread.
    with target.open("ab") as file:
        file.write(data)
