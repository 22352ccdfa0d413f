"""Downloading a video: what is fetched, what is refused, and what is left on the disk."""

import asyncio
import gzip
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from bot.errors import DownloadError, DownloadInterrupted, DownloadRefused, LinkExpired
from bot.providers.download import CHUNK, HOPS_MAX, Downloader
from tests.providers.conftest import KEY, MakeClient
from tests.providers.raw import Heard, Reader, Writer, hangs, raw_server, says, writes
from tests.providers.test_url_policy import Names

MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(range(256)) * 3000


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "videos" / "t1.mp4"


def left_in(target: Path) -> list[Path]:
    return list(target.parent.iterdir()) if target.parent.exists() else []


def content_of(target: Path) -> bytes:
    return target.read_bytes()


def whole(announce: bool) -> Any:
    async def chunked(heard: Heard, reader: Reader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for start in range(0, len(MP4), 1000):
            piece = MP4[start : start + 1000]
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        writer.close()

    return says(200, MP4, "Content-Type: video/mp4") if announce else chunked


@pytest.mark.parametrize("announce", [True, False])
async def test_a_video_arrives_whole(announce: bool, make_client: MakeClient, target: Path) -> None:
    async with raw_server(whole(announce)) as server, make_client(server.url) as client:
        assert await client.download(server.url + "/v/a.mp4?sig=a%2Fb", target) == len(MP4)
    assert left_in(target) == [target]
    assert content_of(target) == MP4
    assert server.heard[0].path == "/v/a.mp4?sig=a%2Fb"
    assert server.heard[0].header("Authorization") is None
    assert server.heard[0].header("Accept-Encoding") == "identity"
    assert KEY not in server.heard[0].head


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (says(200, b"<html>your video is ready</html>"), DownloadRefused),
        (says(200, b""), DownloadRefused),
        (says(200, b"ftyp"), DownloadRefused),
        (says(200, gzip.compress(MP4), "Content-Encoding: gzip"), DownloadRefused),
        (says(200, MP4, "Content-Encoding: br"), DownloadRefused),
        (says(206, MP4), DownloadRefused),
        (says(400, b"no"), DownloadRefused),
        (says(302, b""), DownloadRefused),
        (says(302, b"", "Location: http://[oops/"), DownloadRefused),
        (says(302, b"", "Location: file:///etc/hostname"), DownloadRefused),
        (says(302, b"", "Location: http://127.0.0.1:1/"), DownloadRefused),
        (says(302, b"", "Location: https://127.0.0.1:1/"), DownloadRefused),
        (says(302, b"", "Location: https://localhost:1/"), DownloadRefused),
        (says(302, b"", "Location: //127.0.0.1:1/"), DownloadRefused),
        (says(307, b"", "Location: /again"), DownloadRefused),
        (says(403, b"<Code>AccessDenied</Code>"), LinkExpired),
        (says(404, b""), LinkExpired),
        (says(410, b""), LinkExpired),
        (says(429, b""), DownloadInterrupted),
        (says(500, b""), DownloadInterrupted),
        (says(503, b""), DownloadInterrupted),
        (writes(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n" + MP4), DownloadInterrupted),
        (writes(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n\x00\x00"), DownloadInterrupted),
        (
            writes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1b\r\n" + MP4[:27]),
            DownloadInterrupted,
        ),
        (writes(b"", reset=True), DownloadInterrupted),
        (writes(b"no HTTP at all\r\n\r\n"), DownloadInterrupted),
        (hangs, DownloadInterrupted),
    ],
)
async def test_what_is_no_video_leaves_nothing(
    answer: Any, error: type[DownloadError], target: Path
) -> None:
    async with (
        raw_server(answer) as server,
        Downloader(trusted=URL(server.url), attempt_seconds=0.5) as downloader,
    ):
        with pytest.raises(DownloadError) as caught:
            await downloader.fetch(server.url + "/v.mp4", target)
    assert type(caught.value) is error
    assert left_in(target) == []


async def test_redirects_within_the_trusted_origin_are_followed(target: Path) -> None:
    hop = says(302, b"", "Location: /next?a=%2F")
    async with (
        raw_server(hop, hop, hop, hop, hop, says(200, MP4)) as server,
        Downloader(trusted=URL(server.url)) as downloader,
    ):
        assert await downloader.fetch(server.url + "/v.mp4", target) == len(MP4)
    assert [heard.path for heard in server.heard] == ["/v.mp4"] + ["/next?a=%2F"] * 5


async def test_a_sixth_redirect_is_not_followed(target: Path) -> None:
    hops = [says(302, b"", "Location: /next")] * (HOPS_MAX + 1)
    async with (
        raw_server(*hops, says(200, MP4)) as server,
        Downloader(trusted=URL(server.url)) as downloader,
    ):
        with pytest.raises(DownloadRefused, match="redirects"):
            await downloader.fetch(server.url + "/v.mp4", target)
    assert len(server.heard) == 6
    assert left_in(target) == []


async def test_only_the_exact_origin_is_trusted(target: Path) -> None:
    async with (
        raw_server(says(200, MP4)) as other,
        raw_server(says(200, MP4)) as server,
        Downloader(trusted=URL(server.url)) as downloader,
    ):
        for link in (other.url, server.url.replace("127.0.0.1", "localhost")):
            with pytest.raises(DownloadRefused):
                await downloader.fetch(link + "/v.mp4", target)
    assert other.heard == server.heard == []


async def test_a_public_name_that_leads_inside_is_refused(target: Path) -> None:
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    async with Downloader(trusted=URL("http://127.0.0.1:1"), resolver=names) as downloader:
        for _ in range(2):
            with pytest.raises(DownloadRefused, match=r"v\.example"):
                await downloader.fetch("https://v.example/v.mp4", target)
    assert names.answers == []


async def test_too_large_is_refused_by_what_is_announced(target: Path) -> None:
    async with (
        raw_server(writes(b"HTTP/1.1 200 OK\r\nContent-Length: 200000001\r\n\r\n")) as server,
        Downloader(trusted=URL(server.url)) as downloader,
    ):
        with pytest.raises(DownloadRefused, match="200000001"):
            await downloader.fetch(server.url, target)
    assert left_in(target) == []


async def test_too_large_is_refused_while_it_is_counted(target: Path) -> None:
    sent = 0

    async def endless(heard: Heard, reader: Reader, writer: Writer) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + MP4[:24])
        while not writer.is_closing():
            writer.write(bytes(CHUNK))
            sent += CHUNK
            await writer.drain()

    async with (
        raw_server(endless) as server,
        Downloader(trusted=URL(server.url), bytes_max=3_000_000, attempt_seconds=20) as downloader,
    ):
        with pytest.raises(DownloadRefused, match="3000000"):
            await downloader.fetch(server.url, target)
    assert left_in(target) == []
    assert sent < 30_000_000


async def test_a_canceled_download_leaves_nothing(target: Path) -> None:
    half = asyncio.Event()

    async def stalls(heard: Heard, reader: Reader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n" + MP4[:5000])
        await writer.drain()
        half.set()
        await hangs(heard, reader, writer)

    async with (
        raw_server(stalls) as server,
        Downloader(trusted=URL(server.url)) as downloader,
    ):
        task = asyncio.create_task(downloader.fetch(server.url, target))
        await half.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert left_in(target) == []


async def test_what_a_killed_attempt_left_is_written_over(target: Path) -> None:
    target.parent.mkdir()
    target.with_name("t1.mp4.part").write_bytes(b"x" * 2 * len(MP4))
    async with (
        raw_server(says(200, MP4)) as server,
        Downloader(trusted=URL(server.url)) as downloader,
    ):
        await downloader.fetch(server.url, target)
    assert left_in(target) == [target]
    assert content_of(target) == MP4


async def test_a_folder_that_cannot_be_written_is_an_interruption(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    async with (
        raw_server(says(200, MP4)) as server,
        Downloader(trusted=URL(server.url)) as downloader,
    ):
        with pytest.raises(DownloadInterrupted):
            await downloader.fetch(server.url, tmp_path / "file" / "t1.mp4")


BOXES = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\x00\x00\x13\x88mdat" + bytes(4992)
LARGE_BOX = BOXES + b"\x00\x00\x00\x01moov" + (5000).to_bytes(8, "big") + bytes(4984)


@pytest.mark.parametrize("video", [BOXES, LARGE_BOX])
async def test_without_a_length_it_is_whole_where_its_boxes_are(video: bytes, target: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    async with (
        raw_server(
            writes(head + video[:-1]), writes(head + video[:20]), writes(head + video)
        ) as server,
        Downloader(trusted=URL(server.url)) as downloader,
    ):
        for _ in range(2):
            with pytest.raises(DownloadInterrupted, match="breaks off"):
                await downloader.fetch(server.url, target)
        assert left_in(target) == []
        assert await downloader.fetch(server.url, target) == len(video)
