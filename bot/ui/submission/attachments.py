"""Reads pictures from Discord's own servers only, and never past a size limit."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from urllib.parse import urlsplit

import aiohttp

from bot.domain.first_frame import check_source_bytes
from bot.errors import PictureUnavailable

# The origins that Discord serves pictures from.
CDN_ORIGINS = frozenset(
    {
        "https://cdn.discordapp.com",
        "https://media.discordapp.net",
        # For the pictures of links.
        "https://images-ext-1.discordapp.net",
        "https://images-ext-2.discordapp.net",
    }
)
_CHUNK = 64 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=120, connect=10, sock_read=20)
WAITS = (0.5, 2.0, 5.0)
"""Seconds between attempts, during which the person sees "reading your picture"."""
_LONGEST_WAIT = 10.0
# A download that breaks off is tried once more. Discord never changes an attachment, so the bytes
# that were read already are skipped.
_READS = 2
_PORTS = {"https": 443, "http": 80}


def origin(url: str) -> str:
    """The origin of a URL, without the scheme's default port, such as ``http://127.0.0.1:8080``."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    is_usual = parts.port in (None, _PORTS.get(parts.scheme))
    return f"{parts.scheme}://{host}" if is_usual else f"{parts.scheme}://{host}:{parts.port}"


class AttachmentPicture:
    """An attachment as a :class:`bot.domain.submission.Picture`."""

    def __init__(
        self,
        *,
        url: str,
        name: str,
        announced_bytes: int | None,
        http: aiohttp.ClientSession,
        origins: Collection[str],
        waits: Sequence[float] = WAITS,
    ) -> None:
        """``waits``: seconds between attempts, so that there is one attempt more."""
        self._url = url
        self._http = http
        self._origins = origins
        self._waits = waits
        self._name = name
        self._bytes = announced_bytes

    @property
    def name(self) -> str:
        return self._name

    @property
    def announced_bytes(self) -> int | None:
        return self._bytes

    async def read(self) -> AsyncIterator[bytes]:
        """Read the picture in chunks.

        Raises:
            PictureUnavailable: the URL is not Discord's, or Discord does not answer.
            PictureRefused: the picture is larger than the limit.
        """
        if not self._is_trusted():
            raise PictureUnavailable(f"not an address of Discord: {self._url[:80]!r}")
        taken = 0
        for left in reversed(range(_READS)):
            async with await self._answered() as response:
                try:
                    async for chunk in _counted(response, skip=taken):
                        taken += len(chunk)
                        yield chunk
                    return
                except (aiohttp.ClientError, OSError) as error:
                    if not left:
                        raise _unavailable(error) from error

    async def _answered(self) -> aiohttp.ClientResponse:
        """A response with the picture; failed attempts are repeated.

        Raises:
            PictureUnavailable: every attempt failed, or one failed for good.
        """
        for wait in (*self._waits, None):
            try:
                response = await self._http.get(
                    self._url,
                    allow_redirects=False,
                    timeout=_TIMEOUT,
                    headers={"Accept-Encoding": "identity"},
                )
            except (aiohttp.ClientError, OSError) as error:
                if wait is None:
                    raise _unavailable(error) from error
                asked = 0.0
            else:
                if response.status == 200:
                    return response
                response.release()
                if wait is None or not _may_pass(response.status):
                    raise PictureUnavailable(f"HTTP {response.status}")
                asked = _retry_after(response)
            await asyncio.sleep(max(wait, asked))
        raise AssertionError("the last attempt returns or raises")

    def _is_trusted(self) -> bool:
        try:
            return origin(self._url) in self._origins
        except ValueError:
            return False


def _unavailable(error: Exception) -> PictureUnavailable:
    return PictureUnavailable(f"{type(error).__name__}: {error}")


def _may_pass(status: int) -> bool:
    """Whether another attempt may succeed: a CDN may not have a new file everywhere yet."""
    return status in (403, 404, 408, 429) or status >= 500


def _retry_after(response: aiohttp.ClientResponse) -> float:
    try:
        return min(float(response.headers.get("Retry-After", "")), _LONGEST_WAIT)
    except ValueError:
        return 0.0


async def _counted(response: aiohttp.ClientResponse, *, skip: int) -> AsyncIterator[bytes]:
    read = 0
    async for chunk in response.content.iter_chunked(_CHUNK):
        known = min(max(skip - read, 0), len(chunk))
        read += len(chunk)
        check_source_bytes(read)
        if known < len(chunk):
            yield chunk[known:]
