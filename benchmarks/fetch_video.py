"""Downloading a video: the memory it takes, whatever the size of the file.

The floor reads the same video with aiohttp, chunk by chunk, into a file that is not synced. Each
runs in a process of its own, and so does the server.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from benchmarks.parts.answering import ROOT
from benchmarks.parts.memory import forget_peak, peak_mb
from benchmarks.table import Row, met
from bot.clock import SystemClock
from bot.providers.download import CHUNK
from bot.providers.vtrix.client import VtrixClient

SIZES_MB = (2, 20, 195)
ABOVE_MB = 2.0
_BEGINNING = b"\0\0\0\x18ftypmp42".ljust(CHUNK, b"\0")

Fetch = Callable[[str, Path], Awaitable[object]]


def main() -> Sequence[Row]:
    """Measure one row for each size."""
    command = [sys.executable, "-m", "benchmarks.fetch_video", "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            return [_row(size, url) for size in SIZES_MB]
        finally:
            server.kill()


def _row(size: int, url: str) -> Row:
    ours, floor = (_child(kind, url, size) for kind in ("ours", "floor"))
    most = ABOVE_MB + CHUNK / 1e6
    reached = met(ours["memory_mb"] <= most)
    return Row(
        what=f"fetch a video of {size} MB: memory",
        ours=f"{ours['memory_mb']:.2f} MB, {ours['cpu_ms']:.0f} ms CPU, {ours['took_ms']:.0f} ms",
        beside=f"aiohttp in chunks, not synced: {floor['memory_mb']:.2f} MB, "
        f"{floor['cpu_ms']:.0f} ms CPU, {floor['took_ms']:.0f} ms",
        ratio=f"{ours['cpu_ms'] / floor['cpu_ms']:.2f}x CPU",
        figure=f"{ABOVE_MB:g} MB above one chunk of {CHUNK / 1e6:.2f} MB: {reached}",
    )


def _child(kind: str, url: str, size: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.fetch_video", kind, url, str(size)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=300, cwd=ROOT)
    return dict(json.loads(done.stdout))


# --- the server, a process of its own -------------------------------------------------------


async def serve() -> None:
    """Serve videos of as many megabytes as the path says."""
    app = web.Application()
    app.router.add_get("/{mb}.mp4", _video)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    await asyncio.Event().wait()


async def _video(request: web.Request) -> web.StreamResponse:
    left = int(request.match_info["mb"]) * 1_000_000
    answer = web.StreamResponse(headers={"Content-Length": str(left), "Content-Type": "video/mp4"})
    await answer.prepare(request)
    while left > 0:
        await answer.write(_BEGINNING[:left])
        left -= len(_BEGINNING)
    return answer


# --- the two ways to download ---------------------------------------------------------------


async def measure_ours(url: str, size: int) -> dict[str, float]:
    """Download with the provider's client, which trusts the origin of ``url``."""
    client = VtrixClient(base_url=url, api_key=SecretStr("test-key"), clock=SystemClock())
    async with client:
        return await _measured(client.download, url, size)


async def measure_floor(url: str, size: int) -> dict[str, float]:
    """Download with aiohttp alone."""
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector, read_bufsize=CHUNK) as session:

        async def fetch(link: str, target: Path) -> None:
            async with session.get(link) as answer:
                with target.open("wb", buffering=0) as file:
                    async for chunk in answer.content.iter_chunked(CHUNK):
                        file.write(chunk)

        return await _measured(fetch, url, size)


async def _measured(fetch: Fetch, url: str, size: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "video.mp4"
        for _ in range(3):
            await fetch(f"{url}/1.mp4", target)
        forget_peak()
        before, cpu, began = peak_mb(), time.process_time(), time.perf_counter()
        await fetch(f"{url}/{size}.mp4", target)
        cpu, took = time.process_time() - cpu, time.perf_counter() - began
        return {"memory_mb": peak_mb() - before, "cpu_ms": cpu * 1e3, "took_ms": took * 1e3}


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(serve())
    else:
        measure = measure_ours if sys.argv[1] == "ours" else measure_floor
        print(json.dumps(asyncio.run(measure(sys.argv[2], int(sys.argv[3])))))
