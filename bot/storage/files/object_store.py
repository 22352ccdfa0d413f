"""Files that several machines share: a folder, or an object store such as S3 (`FILE_STORE`).

Each machine also keeps its own copies under `DATA_DIR`; shared files are for the others.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import DatabaseUnusable, StorageError
from bot.storage.files.sync import sync

if TYPE_CHECKING:
    from obstore.store import ObjectStore

SCHEMES = ("file", "s3")
VIDEOS_PREFIX = "videos/"
"""Prefix of the keys of videos."""


def open_shared_files(url: str) -> "SharedFiles":
    """Return the store at ``file:///folder`` or ``s3://bucket/prefix``; nothing is opened yet.

    S3's keys, region and endpoint come from AWS's environment variables (``AWS_ACCESS_KEY_ID``,
    ``AWS_SECRET_ACCESS_KEY``, ``AWS_REGION``, ``AWS_ENDPOINT_URL``).

    Raises:
        DatabaseUnusable: the URL cannot be parsed, or obstore is not installed.
    """
    try:
        from obstore.exceptions import BaseError
        from obstore.store import from_url
    except ModuleNotFoundError as error:
        raise DatabaseUnusable(
            "FILE_STORE needs obstore, which is not installed: pip install 'flipbook[s3]'"
        ) from error
    if url.startswith("file://"):
        Path(url.removeprefix("file://")).mkdir(parents=True, exist_ok=True)
    try:
        return SharedFiles(from_url(url))
    except (BaseError, ValueError) as error:
        raise DatabaseUnusable(f"FILE_STORE cannot be used: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedFile:
    """A file in the store's listing."""

    key: str
    bytes: int
    age: timedelta


class SharedFiles:
    """Files by key, such as ``videos/k3x.mp4``; a file appears complete or not at all.

    Every method raises ``StorageError`` if the store refuses the call or does not answer.
    """

    def __init__(self, store: "ObjectStore") -> None:
        self._store = store

    async def put(self, key: str, path: Path) -> None:
        """Store the content of ``path`` under that key, replacing what was there."""
        import obstore

        try:
            await obstore.put_async(self._store, key, path)
        except (obstore.exceptions.BaseError, OSError) as error:
            raise StorageError(f"FILE_STORE: {key} cannot be written: {error}") from error

    async def get(self, key: str, target: Path) -> bool:
        """Fetch a file into ``target``, synced; return whether it exists."""
        import obstore

        part = target.with_name(f"{target.name}.shared")
        try:
            found = await obstore.get_async(self._store, key)
            with part.open("wb") as file:
                async for chunk in found.stream():
                    await asyncio.to_thread(file.write, chunk)
        except FileNotFoundError:
            return False
        except (obstore.exceptions.BaseError, OSError) as error:
            part.unlink(missing_ok=True)
            raise StorageError(f"FILE_STORE: {key} cannot be read: {error}") from error
        await asyncio.to_thread(sync, part)
        part.replace(target)
        return True

    async def remove(self, key: str) -> None:
        """Remove a file, if it exists."""
        import obstore

        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return
        except (obstore.exceptions.BaseError, OSError) as error:
            raise StorageError(f"FILE_STORE: {key} cannot be removed: {error}") from error

    async def listed(self, prefix: str) -> list[SharedFile]:
        """List the files whose keys begin with ``prefix``."""
        import obstore

        now = datetime.now(UTC)
        try:
            return [
                SharedFile(key=one["path"], bytes=one["size"], age=now - one["last_modified"])
                async for chunk in obstore.list(self._store, prefix)
                for one in chunk
            ]
        except (obstore.exceptions.BaseError, OSError) as error:
            raise StorageError(f"FILE_STORE: {prefix} cannot be listed: {error}") from error

    async def sweep(self, prefix: str, keep: timedelta) -> int:
        """Remove files that are older than ``keep``; return their number."""
        old = [file for file in await self.listed(prefix) if file.age > keep]
        for file in old:
            await self.remove(file.key)
        return len(old)
