"""Downloads a video: size-limited, never decompressed, written atomically."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.errors import DownloadInterrupted, DownloadRefused, LinkExpired
from bot.outbound import DIRECT, Outbound, without_passwords
from bot.providers.atomic_file import AtomicFile
from bot.providers.url_policy import PublicResolver, check_link, origin, parse_link

VIDEO_BYTES_MAX = 200_000_000
ATTEMPT_SECONDS = 300.0
HOPS_MAX = 5
# Bytes per read and write.
CHUNK = 256 * 1024
_CONNECT_SECONDS = 15.0
# Seconds of silence after which a server counts as gone.
_SILENCE_SECONDS = 60.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_EXPIRED = frozenset({403, 404, 410})
_LATER = frozenset({408, 425, 429})
_HEADERS = {"Accept": "video/mp4,*/*;q=0.1", "Accept-Encoding": "identity"}
# Length of the prefix that identifies an MP4: four bytes of size, then `ftyp` (ISO/IEC 14496-12).
_SNIFFED = 8


class Downloader:
    """Downloads videos over connections of its own, without the provider's key."""

    def __init__(
        self,
        *,
        trusted: URL,
        attempt_seconds: float = ATTEMPT_SECONDS,
        bytes_max: int = VIDEO_BYTES_MAX,
        resolver: AbstractResolver | None = None,
        outbound: Outbound = DIRECT,
    ) -> None:
        self._trusted = origin(trusted)
        self._attempt_seconds = attempt_seconds
        self._bytes_max = bytes_max
        self._resolver = resolver
        self._outbound = outbound

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self._direct = await stack.enter_async_context(_session(None))
            self._guarded = await stack.enter_async_context(
                _session(PublicResolver(self._resolver, outbound=self._outbound))
            )
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def fetch(self, url: str, target: Path) -> int:
        """Make one attempt; return the number of bytes now in ``target``.

        Raises:
            DownloadRefused: the link or the file is not acceptable.
            LinkExpired: the link is dead.
            DownloadInterrupted: another attempt may succeed.

        After an error, ``target`` does not exist.
        """
        failure = ""
        try:
            async with asyncio.timeout(self._attempt_seconds):
                return await self._follow(parse_link(url), target)
        except TimeoutError:
            failure = "the download took too long"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = without_passwords(f"{type(error).__name__}: {error}")[:300]
        raise DownloadInterrupted(failure)

    async def _follow(self, url: URL, target: Path) -> int:
        for _ in range(HOPS_MAX + 1):
            async with await self._get(url) as response:
                if response.status not in _REDIRECTS:
                    return await self._receive(response, target)
                url = _next_hop(url, response)
        raise DownloadRefused(f"more than {HOPS_MAX} redirects")

    async def _get(self, url: URL) -> aiohttp.ClientResponse:
        trusted = origin(url) == self._trusted
        if not trusted:
            check_link(url)
        proxy = self._outbound.proxy_for(str(url))
        # With a proxy, the connection goes to the proxy only, which resolves the names.
        session = self._direct if trusted or proxy else self._guarded
        return await session.get(url, allow_redirects=False, headers=_HEADERS, proxy=proxy)

    async def _receive(self, response: aiohttp.ClientResponse, target: Path) -> int:
        _check_status(response.status)
        announced = self._check_headers(response)
        async with AtomicFile(target) as saving:
            first = await _first_bytes(response.content)
            if len(first) == _SNIFFED:
                _check_mp4(first)
            chunk = first
            while chunk:
                if saving.bytes + len(chunk) > self._bytes_max:
                    raise DownloadRefused(f"more than the limit of {self._bytes_max} bytes")
                await saving.write(chunk)
                chunk = await response.content.read(CHUNK)
            await _check_whole(response, saving, first, announced)
            await saving.keep()
        return saving.bytes

    def _check_headers(self, response: aiohttp.ClientResponse) -> int | None:
        """Return the announced size, or None if there is none."""
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            raise DownloadRefused(f"the file is compressed ({encoding[:20]})")
        announced = response.content_length
        if announced is not None and announced > self._bytes_max:
            raise DownloadRefused(f"{announced} bytes are over the limit of {self._bytes_max}")
        return announced


def _session(resolver: AbstractResolver | None) -> aiohttp.ClientSession:
    # Without a cache, every connection asks the resolver, and uses the addresses that it checked.
    connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True)
    return aiohttp.ClientSession(
        connector=connector,
        trust_env=False,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        read_bufsize=CHUNK,
        timeout=aiohttp.ClientTimeout(
            total=None, connect=_CONNECT_SECONDS, sock_read=_SILENCE_SECONDS
        ),
    )


def _next_hop(url: URL, response: aiohttp.ClientResponse) -> URL:
    location = response.headers.get("Location", "").strip()
    if not location:
        raise DownloadRefused(f"HTTP {response.status} without a Location")
    try:
        joined = url.join(URL(location, encoded=True))
    except ValueError:
        joined = None
    if joined is None:
        raise DownloadRefused("the redirect's Location is not a valid URL")
    return parse_link(str(joined))


def _check_status(status: int) -> None:
    if status in _EXPIRED:
        raise LinkExpired(f"HTTP {status}")
    if status >= 500 or status in _LATER:
        raise DownloadInterrupted(f"HTTP {status}")
    if status != 200:
        raise DownloadRefused(f"HTTP {status}")


async def _check_whole(
    response: aiohttp.ClientResponse, saving: AtomicFile, first: bytes, announced: int | None
) -> None:
    if announced is not None and saving.bytes != announced:
        raise DownloadInterrupted(f"received {saving.bytes} of {announced} bytes")
    _check_mp4(first)
    # If only the closed connection marks the end, it does not prove that the file is complete.
    if not _says_its_end(response) and not await saving.is_whole_mp4():
        raise DownloadInterrupted(f"the file breaks off after {saving.bytes} bytes")


def _says_its_end(response: aiohttp.ClientResponse) -> bool:
    """Whether the body has a length or is chunked, so that HTTP detects a truncated one."""
    chunked = "chunked" in response.headers.get("Transfer-Encoding", "").lower()
    return chunked or response.content_length is not None


async def _first_bytes(content: aiohttp.StreamReader) -> bytes:
    """Read enough to identify the file type; fewer bytes only if the file is shorter."""
    first = b""
    while len(first) < _SNIFFED and (more := await content.read(_SNIFFED - len(first))):
        first += more
    return first


def _check_mp4(first: bytes) -> None:
    if first[4:8] != b"ftyp":
        raise DownloadRefused("the file is not an MP4")
