"""The health port: what a client that reaches nothing else could use up, and the limits on that."""

import asyncio
from contextlib import suppress
from pathlib import Path

from aiohttp import ClientSession

from bot.ops.health import MOST_CONNECTIONS, open_health

HERE = "127.0.0.1"
SILENT = 300


async def _ready() -> dict[str, bool]:
    return {"database": True}


def _descriptors() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


async def _alive(port: int) -> int:
    async with (
        ClientSession(f"http://{HERE}:{port}") as http,
        http.get("/healthz") as answer,
    ):
        return answer.status


async def test_silent_connections_take_no_more_than_the_bound_and_keep_nobody_out() -> None:
    async with open_health(host=HERE, port=0, ready=_ready) as port:
        before = await asyncio.to_thread(_descriptors)
        silent = [await asyncio.open_connection(HERE, port) for _ in range(SILENT)]
        assert await _alive(port) == 200
        # Both ends of each connection are in this process: the client's, and for some also the
        # server's.
        used = await asyncio.to_thread(_descriptors) - before
        assert used <= SILENT + MOST_CONNECTIONS + 5
        for _, writer in silent:
            writer.close()


async def test_a_connection_ends_however_slowly_it_talks() -> None:
    async with open_health(host=HERE, port=0, ready=_ready, connection_seconds=0.3) as port:
        began = asyncio.get_running_loop().time()
        reader, writer = await asyncio.open_connection(HERE, port)
        with suppress(ConnectionError):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: here\r\n")
            while not reader.at_eof():
                writer.write(b"X-Slow: a\r\n")
                await writer.drain()
                with suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(1), 0.05)
        assert asyncio.get_running_loop().time() - began < 5
        writer.close()
        assert await _alive(port) == 200


async def test_simultaneous_requests_are_computed_once() -> None:
    counted, looked = 0, 0
    going = asyncio.Event()

    async def metrics() -> bytes:
        nonlocal counted
        counted += 1
        await going.wait()
        return b"flipbook_tasks 1\n"

    async def ready() -> dict[str, bool]:
        nonlocal looked
        looked += 1
        await going.wait()
        return {"database": True}

    async with (
        open_health(host=HERE, port=0, ready=ready, metrics=metrics) as port,
        ClientSession(f"http://{HERE}:{port}") as http,
    ):

        async def ask(page: str) -> int:
            async with http.get(page) as answer:
                await answer.read()
                return answer.status

        pages = ["/metrics", "/readyz"] * 20
        asked = [asyncio.create_task(ask(page)) for page in pages]
        # A client that disconnects does not cancel the answer for the others.
        asked[0].cancel()
        await asyncio.sleep(0)
        going.set()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert answers[1:] == [200] * 39
        # Asked again at once, the answer is the one that was just computed.
        assert {await ask("/metrics") for _ in range(20)} == {200}
        assert counted == 1
        assert looked == 1


async def test_an_old_answer_is_computed_again() -> None:
    counted = 0

    async def metrics() -> bytes:
        nonlocal counted
        counted += 1
        return b"%d" % counted

    async with (
        open_health(host=HERE, port=0, ready=_ready, metrics=metrics, metrics_fresh=0) as port,
        ClientSession(f"http://{HERE}:{port}") as http,
    ):
        for expected in (b"1", b"2"):
            async with http.get("/metrics") as answer:
                assert await answer.read() == expected
