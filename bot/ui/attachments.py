"""A picture attached to a command: read from Discord only, and never past a cap."""

from collections.abc import AsyncIterator, Collection
from urllib.parse import urlsplit

import aiohttp

from bot.domain.first_frame import check_source_bytes
from bot.errors import PictureUnavailable

# Discord's own.
CDN_ORIGINS = frozenset(
    {
        "https://cdn.discordapp.com",
        "https://media.discordapp.net",
        # Where Discord serves the pictures of links.
        "https://images-ext-1.discordapp.net",
        "https://images-ext-2.discordapp.net",
    }
)
_CHUNK = 64 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=120, connect=10, sock_read=20)
_PORTS = {"https": 443, "http": 80}


def origin(url: str) -> str:
    """Scheme, host, and the port where it is not the scheme's own: ``http://127.0.0.1:8080``."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    is_usual = parts.port in (None, _PORTS.get(parts.scheme))
    return f"{parts.scheme}://{host}" if is_usual else f"{parts.scheme}://{host}:{parts.port}"


class AttachmentPicture:
    """The :class:`bot.services.ports.Picture` of an attachment."""

    def __init__(
        self,
        *,
        url: str,
        name: str,
        announced_bytes: int | None,
        http: aiohttp.ClientSession,
        origins: Collection[str],
    ) -> None:
        self._url = url
        self._http = http
        self._origins = origins
        self._name = name
        self._bytes = announced_bytes

    @property
    def name(self) -> str:
        return self._name

    @property
    def announced_bytes(self) -> int | None:
        return self._bytes

    async def read(self) -> AsyncIterator[bytes]:
        """
        Raises:
            PictureUnavailable: not Discord's, or it does not answer.
            PictureRefused: it is larger than what is read of any picture.
        """
        if not self._is_trusted():
            raise PictureUnavailable(f"not an address of Discord: {self._url[:80]!r}")
        try:
            async with self._http.get(
                self._url,
                allow_redirects=False,
                timeout=_TIMEOUT,
                headers={"Accept-Encoding": "identity"},
            ) as response:
                if response.status != 200:
                    raise PictureUnavailable(f"HTTP {response.status}")
                async for chunk in _counted(response):
                    yield chunk
        except (aiohttp.ClientError, OSError) as error:
            raise PictureUnavailable(f"{type(error).__name__}: {error}") from error

    def _is_trusted(self) -> bool:
        try:
            return origin(self._url) in self._origins
        except ValueError:
            return False


async def _counted(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    read = 0
    async for chunk in response.content.iter_chunked(_CHUNK):
        read += len(chunk)
        check_source_bytes(read)
        yield chunk
