"""`/readyz` of a running bot: what stops working is named, and is fine again afterwards."""

import asyncio
import socket
import sqlite3
from typing import Any

import aiohttp

from sandbox.discord import LocalDiscord
from tests.flows.harness import PATIENCE, BotProcess


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Watcher:
    """Whoever asks it again and again, as Docker does."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    async def ask(self, page: str = "readyz") -> tuple[int, dict[str, Any]]:
        async with self._http.get(f"/{page}") as answer:
            return answer.status, await answer.json()

    async def until(self, status: int, **parts: bool) -> None:
        """Until it answers so."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found, body = await self.ask()
                if found == status and parts.items() <= body.items():
                    return
                await asyncio.sleep(0.1)


async def test_ready_says_what_is_missing_and_alive_stays(
    bot: BotProcess, discord_: LocalDiscord
) -> None:
    port = _free_port()
    bot.settings["HEALTH_PORT"] = str(port)
    await bot.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
        watcher = Watcher(http)
        await watcher.until(200, discord=True, worker=True, database=True)
        await discord_.go_away()
        await watcher.until(503, discord=False, database=True)
        assert (await watcher.ask("healthz"))[0] == 200
        discord_.come_back()
        await watcher.until(200)
        other = sqlite3.connect(bot.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await watcher.until(503, discord=True, database=False)
        assert (await watcher.ask("healthz"))[0] == 200
        other.execute("ROLLBACK")
        other.close()
        await watcher.until(200)
    assert await bot.stop() == 0
