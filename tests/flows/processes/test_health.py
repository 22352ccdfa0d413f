"""`/readyz` of a running bot names what has stopped working, and recovers with it."""

import sqlite3

from sandbox.discord import LocalDiscord
from tests.flows.harness import BotProcess, open_watcher


async def test_ready_says_what_is_missing_and_alive_stays(
    bot: BotProcess, discord_: LocalDiscord
) -> None:
    async with open_watcher(bot) as watcher:
        await bot.start()
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
