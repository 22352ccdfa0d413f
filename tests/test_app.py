"""The composition root: what the application does outside of its parts."""

import asyncio

import discord

from bot.app.login import connected


class JustConnecting(discord.Client):
    """A client that finishes connecting at the very moment in which it is canceled."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.none())
        self.is_up = asyncio.Event()
        self.was_told = asyncio.Event()
        self.ended = asyncio.Event()

    async def connect(self, *, reconnect: bool = True) -> None:
        self.is_up.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.was_told.set()
        await self.ended.wait()

    async def close(self) -> None:
        self.ended.set()


async def test_a_signal_in_the_handshake_with_discord_ends_it_all_the_same() -> None:
    client = JustConnecting()
    running = asyncio.create_task(connected(client))
    await client.is_up.wait()
    running.cancel()
    async with asyncio.timeout(20):
        await asyncio.gather(running, return_exceptions=True)
        await client.was_told.wait()
    assert running.cancelled()
    await client.close()
