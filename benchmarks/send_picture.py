"""Sending a picture of 9.8 MB: memory and CPU beyond the file, and delays of the event loop.

The floor posts a body that was built before, with aiohttp and from memory. Each runs in a process
of its own, and the server in another, so that its work is not counted. CPU is the median of the
calls. Memory is the peak of the resident set (Linux) above its size after a warm-up with a small
picture; the file itself is in the page cache, not in the process.
"""

import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import aiohttp
import pybase64
from pydantic import SecretStr

from benchmarks.parts.memory import forget_peak, peak_mb
from benchmarks.table import Row
from bot.clock import SystemClock
from bot.domain.models.model import WAN22_I2V_FLASH, Options
from bot.domain.task import Frame, Request
from bot.providers.vtrix.client import VtrixClient
from bot.providers.vtrix.request_body import Style, around_picture

PICTURE_BYTES = 9_800_000
CALLS = 15
MEMORY_MB, CPU_MS, HELD_MS = 2.0, 15.0, 5.0
_ANSWER = b'{"id": "job-1", "status": "in_progress"}'
_REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(_ANSWER), _ANSWER)

Send = Callable[[], Awaitable[object]]


def make_request() -> Request:
    frame = Frame(digest="0" * 64, mime="image/png", bytes=PICTURE_BYTES, width=2000, height=1600)
    options = Options(prompt="waves roll in", resolution="720P", seconds=5, seed=7)
    return Request(model=WAN22_I2V_FLASH.id, frame=frame, options=options)


# --- the server, a process of its own -------------------------------------------------------


async def _take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    found = re.search(rb"(?i)content-length: (\d+)", head)
    left = int(found[1]) if found else 0
    while left > 0 and (chunk := await reader.read(1 << 20)):
        left -= len(chunk)
    writer.write(_REPLY)
    await writer.drain()
    writer.close()


async def serve() -> None:
    server = await asyncio.start_server(_take, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# --- the two ways to send -------------------------------------------------------------------


async def measure_ours(url: str, large: Path, small: Path) -> dict[str, float]:
    client = VtrixClient(
        base_url=url, api_key=SecretStr("test-key"), clock=SystemClock(), style="documented"
    )
    request = make_request()
    async with client:
        return await _measured(
            lambda: client.create(request, small), lambda: client.create(request, large)
        )


async def measure_floor(url: str, large: Path, small: Path) -> dict[str, float]:
    body = large.read_bytes()  # noqa: ASYNC240
    little = small.read_bytes()  # noqa: ASYNC240
    connector = aiohttp.TCPConnector(force_close=True)  # a connection for each call, as in ours
    async with aiohttp.ClientSession(connector=connector) as session:

        async def post(content: bytes) -> None:
            async with session.post(url, data=content) as response:
                await response.read()

        return await _measured(lambda: post(little), lambda: post(body))


async def _measured(warm_up: Send, send: Send) -> dict[str, float]:
    for _ in range(3):
        await warm_up()
    forget_peak()
    before = peak_mb()
    await send()
    peak = peak_mb()
    cpu: list[float] = []
    took: list[float] = []
    held: list[float] = []
    for _ in range(CALLS):
        cpu_began, began = time.process_time(), time.perf_counter()
        await send()
        cpu.append((time.process_time() - cpu_began) * 1e3)
        took.append((time.perf_counter() - began) * 1e3)
    for _ in range(CALLS):
        watch = asyncio.create_task(_longest_hold(held))
        await asyncio.sleep(0)
        await send()
        watch.cancel()
    return {
        "memory_mb": peak - before,
        "cpu_ms": statistics.median(cpu),
        "took_ms": statistics.median(took),
        "held_ms": sorted(held)[max(0, int(len(held) * 0.99) - 1)],
    }


async def _longest_hold(held: list[float]) -> None:
    """Return the longest delay of a timer of 1 ms, in ms, over many of them."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        held.append(max(0.0, (time.perf_counter() - began) * 1e3 - 1))


# --- the table ------------------------------------------------------------------------------


def _child(*arguments: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.send_picture", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=300)
    return dict(json.loads(done.stdout))


def _files(folder: Path) -> tuple[Path, Path, Path]:
    """Create the picture, the whole body around it, and a small picture for the warm-up."""
    picture, body, small = folder / "picture", folder / "body", folder / "small"
    content = os.urandom(PICTURE_BYTES)
    picture.write_bytes(content)
    small.write_bytes(content[:30_000])
    before, after = around_picture(make_request(), Style.DOCUMENTED)
    body.write_bytes(before + pybase64.b64encode(content) + after)
    return picture, body, small


def main() -> Sequence[Row]:
    command = [sys.executable, "-m", "benchmarks.send_picture", "serve"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server,
    ):
        try:
            assert server.stdout is not None
            url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
            picture, body, small = _files(Path(folder))
            floor = _child("floor", url, str(body), str(small))
            ours = _child("ours", url, str(picture), str(small))
        finally:
            server.kill()
    return _rows(ours, floor)


def _rows(ours: dict[str, float], floor: dict[str, float]) -> list[Row]:
    return [
        _row("send 9.8 MB: memory above the file", "memory_mb", "MB", ours, floor, MEMORY_MB),
        _row("send 9.8 MB: CPU", "cpu_ms", "ms", ours, floor, CPU_MS),
        _row("send 9.8 MB: event loop held, p99", "held_ms", "ms", ours, floor, HELD_MS),
        _row("send 9.8 MB: whole call", "took_ms", "ms", ours, floor, None),
    ]


def _row(
    what: str,
    name: str,
    unit: str,
    ours: dict[str, float],
    floor: dict[str, float],
    most: float | None,
) -> Row:
    reached = "-"
    if most is not None:
        reached = f"{most:g} {unit}: {'reached' if ours[name] <= most else 'NOT reached'}"
    return Row(
        what=what,
        ours=f"{ours[name]:.2f} {unit}",
        beside=f"{floor[name]:.2f} {unit} (aiohttp, body built before)",
        ratio=f"{ours[name] / floor[name]:.2f}x" if floor[name] else "-",
        figure=reached,
    )


def _measure_one(kind: str, url: str, large: str, small: str) -> None:
    measure = measure_ours if kind == "ours" else measure_floor
    print(json.dumps(asyncio.run(measure(url, Path(large), Path(small)))))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(serve())
    else:
        _measure_one(*sys.argv[1:5])
