"""Uploaded files: kept in memory, served at signed URLs that expire."""

import hashlib
import hmac
import io
import mimetypes
import re
import secrets
import warnings
from datetime import timedelta

from PIL import Image, UnidentifiedImageError

from bot.clock import Clock
from sandbox.discord.state.model import Json, StoredFile, Upload
from sandbox.discord.state.snowflakes import Snowflakes

_MIB = 1024 * 1024
UPLOAD_LIMITS = {0: 10 * _MIB, 1: 10 * _MIB, 2: 50 * _MIB, 3: 100 * _MIB}
"""Maximum bytes per file, by the boost tier of a server."""
LIFE = timedelta(hours=24)
"""How long a URL is valid; similar to Discord's own."""


class Files:
    """All files, and their URLs."""

    def __init__(self, clock: Clock, ids: Snowflakes) -> None:
        self._clock = clock
        self._ids = ids
        self._key = secrets.token_bytes(32)
        self._kept: dict[int, StoredFile] = {}
        self.origin = ""
        """``http://host:port`` of the server of the files; set when it listens."""

    def keep(
        self, upload: Upload, *, channel_id: int, description: str | None = None
    ) -> StoredFile:
        """Store a file for a channel."""
        size = picture_size(upload.data)
        stored = StoredFile(
            id=self._ids.next(),
            channel_id=channel_id,
            name=safe_name(upload.name),
            data=upload.data,
            content_type=upload.content_type or guess_type(upload.name),
            description=description,
            width=size[0] if size else None,
            height=size[1] if size else None,
        )
        self._kept[stored.id] = stored
        return stored

    def find(self, file_id: int) -> StoredFile | None:
        return self._kept.get(file_id)

    def forget(self, file: StoredFile) -> None:
        self._kept.pop(file.id, None)

    def path(self, file: StoredFile) -> str:
        """Return a file's path without its signature."""
        if file.source_of is not None:
            return f"ephemeral-attachments/{file.source_of}/{file.id}/{file.name}"
        return f"attachments/{file.channel_id}/{file.id}/{file.name}"

    def url(self, file: StoredFile, *, proxy: bool = False) -> str:
        """Return a fresh URL that is valid for `LIFE`."""
        now = self._clock.now()
        issued, expires = int(now.timestamp()), int((now + LIFE).timestamp())
        path = self.path(file)
        sign = self._sign(path, expires, issued)
        prefix = "media/" if proxy else ""
        return f"{self.origin}/{prefix}{path}?ex={expires:x}&is={issued:x}&hm={sign}&"

    def allows(self, file: StoredFile, query: dict[str, str]) -> bool:
        """Whether a URL's signature is ours and has not expired."""
        try:
            expires, issued = int(query["ex"], 16), int(query["is"], 16)
        except (KeyError, ValueError):
            return False
        expected = self._sign(self.path(file), expires, issued)
        good = hmac.compare_digest(expected, query.get("hm", ""))
        return good and self._clock.now().timestamp() < expires

    def _sign(self, path: str, expires: int, issued: int) -> str:
        words = f"{path} {expires} {issued}".encode()
        return hmac.new(self._key, words, hashlib.sha256).hexdigest()

    def payload(self, file: StoredFile) -> Json:
        """Render the attachment object."""
        body: Json = {
            "id": str(file.id),
            "filename": file.name,
            "size": len(file.data),
            "url": self.url(file),
            "proxy_url": self.url(file, proxy=True),
            "content_type": file.content_type,
        }
        if file.width is not None:
            body |= {"width": file.width, "height": file.height}
        if file.description is not None:
            body["description"] = file.description
        if file.ephemeral:
            body["ephemeral"] = True
        if file.spoiler:
            body["flags"] = 1 << 3
        return body


def safe_name(name: str) -> str:
    """Return a file name as Discord stores it: no folders, no spaces, few special characters."""
    cleaned = re.sub(r"[^\w.\-]+", "_", name.replace("\\", "/").rsplit("/", 1)[-1])
    return cleaned or "unknown"


def guess_type(name: str) -> str:
    """Guess the media type from a file name."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Read width and height from a picture's header; ``None`` if it is not a picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as picture:
                return picture.size
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError):
        return None
    except (SyntaxError, EOFError, TypeError, KeyError):  # raised by Pillow for broken headers
        return None
