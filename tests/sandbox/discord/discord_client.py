"""A small bot on discord.py's real client, for the tests of the local Discord."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from unittest.mock import patch

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from sandbox.discord import LocalDiscord

Setup = Callable[["Client"], None]


class Client(discord.Client):
    """A discord.py client that syncs its command tree at login and keeps its errors."""

    def __init__(self, setup: Setup | None, intents: discord.Intents) -> None:
        super().__init__(intents=intents, max_ratelimit_timeout=30, guild_ready_timeout=0.1)
        self.tree = app_commands.CommandTree(self)
        self.tree.on_error = self._kept  # type: ignore[method-assign]
        self.errors: list[Exception] = []
        self._setup = setup
        self.guild_ids: list[int] = []

    async def setup_hook(self) -> None:
        if self._setup is not None:
            self._setup(self)
        await self.tree.sync()

    async def _kept(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError
    ) -> None:
        self.errors.append(getattr(error, "original", error))


def usual_intents() -> discord.Intents:
    """Return the bot's own intents and those for messages."""
    return discord.Intents(guilds=True, reactions=True, guild_messages=True, dm_messages=True)


@asynccontextmanager
async def connected_client(
    local: LocalDiscord, setup: Setup | None = None, intents: discord.Intents | None = None
) -> AsyncIterator[Client]:
    """Run a client that has logged in and received READY and its servers."""
    client = Client(setup, intents or usual_intents())
    client.guild_ids = list(local.world.guilds)
    gateway = yarl.URL(local.gateway.url)
    with (
        patch.object(Route, "BASE", local.api_url),
        patch.object(DiscordWebSocket, "DEFAULT_GATEWAY", gateway),
    ):
        running = asyncio.create_task(client.start(local.token))
        ready = asyncio.create_task(client.wait_until_ready())
        try:
            await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED, timeout=30)
            if running.done():
                running.result()
            assert ready.done(), "the client did not become ready"
            yield client
        finally:
            ready.cancel()
            await client.close()
            await asyncio.gather(running, ready, return_exceptions=True)
