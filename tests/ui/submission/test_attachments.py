"""Attachments are read from Discord only, in chunks, and never beyond the limit."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.first_frame import SOURCE_BYTES_MAX
from bot.errors import PictureProblem, PictureRefused, PictureUnavailable
from bot.ui.submission.attachments import CDN_ORIGINS, AttachmentPicture, origin

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Read = Callable[[str], Awaitable[bytes]]
ASKED = web.AppKey("asked", list[str])
WHOLE = bytes(number % 251 for number in range(300_000))


def _picture(url: str, http: aiohttp.ClientSession, origins: Collection[str]) -> AttachmentPicture:
    return AttachmentPicture(
        url=url,
        name="a.png",
        announced_bytes=5,
        http=http,
        origins=origins,
        waits=(0.01, 0.01, 0.01),
    )


async def once(request: web.Request) -> web.StreamResponse:
    """Fail as often as the query says, then answer completely."""
    asked = request.app[ASKED]
    asked.append(request.path_qs)
    if len(asked) > int(request.query.get("times", "1")):
        return web.Response(body=b"bytes")
    if "status" not in request.query:
        assert request.transport is not None
        request.transport.abort()
    return web.Response(status=int(request.query.get("status", "500")))


async def half(request: web.Request) -> web.StreamResponse:
    """Break off in the middle the first time."""
    request.app[ASKED].append(request.path_qs)
    if len(request.app[ASKED]) > 1:
        return web.Response(body=WHOLE)
    answer = web.StreamResponse(headers={"Content-Length": str(len(WHOLE))})
    await answer.prepare(request)
    await answer.write(WHOLE[:100_001])
    assert request.transport is not None
    # What was written is still sent before the connection closes.
    request.transport.close()
    return answer


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            while True:
                await answer.write(bytes(1_000_000))
        except (ConnectionError, aiohttp.ClientConnectionError):
            return answer

    async def small(request: web.Request) -> web.Response:
        return web.Response(body=b"bytes")

    async def elsewhere(request: web.Request) -> web.Response:
        raise web.HTTPFound("/small")

    async def broken(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "1000"})
        await answer.prepare(request)
        await answer.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return answer

    app = web.Application()
    app[ASKED] = []
    app.router.add_get("/once", once)
    for handler in (endless, small, elsewhere, broken, half):
        app.router.add_get(f"/{handler.__name__}", handler)
    running = TestServer(app)
    async with running:
        yield running


@pytest.fixture
async def read(server: TestServer) -> AsyncIterator[Read]:
    async with aiohttp.ClientSession() as http:

        async def of(path: str) -> bytes:
            here = str(server.make_url("/"))
            picture = _picture(here.rstrip("/") + path, http, {origin(here)})
            return b"".join([chunk async for chunk in picture.read()])

        yield of


async def test_an_attachment_is_read_unchanged(read: Read) -> None:
    assert await read("/small") == b"bytes"


async def test_an_attachment_is_never_read_beyond_the_limit(read: Read) -> None:
    with pytest.raises(PictureRefused) as caught:
        await read("/endless")
    assert caught.value.problem is PictureProblem.TOO_MANY_BYTES
    assert caught.value.bytes is not None
    assert caught.value.bytes <= SOURCE_BYTES_MAX + 64 * 1024


@pytest.mark.parametrize("status", [403, 404, 408, 429, 500, 502, 503, 504])
async def test_a_request_that_failed_once_is_repeated(
    status: int, read: Read, server: TestServer
) -> None:
    assert await read(f"/once?status={status}") == b"bytes"
    assert len(server.app[ASKED]) == 2


async def test_a_connection_that_broke_once_is_made_again(read: Read) -> None:
    assert await read("/once") == b"bytes"


async def test_a_file_that_broke_off_once_is_read_to_its_end(
    read: Read, server: TestServer
) -> None:
    assert await read("/half") == WHOLE
    assert len(server.app[ASKED]) == 2


async def test_a_request_is_made_four_times_at_most(read: Read, server: TestServer) -> None:
    with pytest.raises(PictureUnavailable, match="HTTP 503"):
        await read("/once?status=503&times=100")
    assert len(server.app[ASKED]) == 4


async def test_a_permanent_error_is_not_retried(read: Read, server: TestServer) -> None:
    with pytest.raises(PictureUnavailable, match="HTTP 410"):
        await read("/once?status=410&times=100")
    assert len(server.app[ASKED]) == 1


@pytest.mark.parametrize("path", ["/elsewhere", "/broken", "/missing"])
async def test_an_unreadable_attachment_is_told(path: str, read: Read) -> None:
    with pytest.raises(PictureUnavailable):
        await read(path)


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.discordapp.com/a.png",
        "https://cdn.discordapp.com.evil.example/a.png",
        "https://cdn.discordapp.com:8443/a.png",
        "https://evil.example/https://cdn.discordapp.com",
        "http://127.0.0.1/a.png",
        "file:///etc/passwd",
        "https://[bad",
    ],
)
async def test_other_addresses_are_not_asked(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        picture = _picture(url, http, CDN_ORIGINS)
        with pytest.raises(PictureUnavailable):
            _ = [chunk async for chunk in picture.read()]


def test_an_origin_is_scheme_host_and_an_unusual_port() -> None:
    assert origin("https://cdn.discordapp.com:443/a?b") == "https://cdn.discordapp.com"
    assert origin("http://127.0.0.1:8080/api") == "http://127.0.0.1:8080"
    assert origin("http://[::1]:80/") == "http://[::1]"
    assert origin("https://me@cdn.discordapp.com/") == "https://cdn.discordapp.com"
