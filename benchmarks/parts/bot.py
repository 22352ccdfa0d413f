"""A bot in a process of its own that measures the delays of its event loop.

`python -m benchmarks.parts.bot flipbook` is `flipbook run`; `… bare` is the floor: discord.py with
one command that answers at once, and completes
one option. Both end on SIGTERM, and then print the delays in seconds, sorted,
as one line of JSON.
"""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Awaitable, Callable

import aiohttp
import discord
from discord import app_commands

from bot.cli.run import run_in_loop, start_logging
from bot.discord_api import point_at
from bot.settings.loading import load_settings
from bot.settings.settings import Settings

TICK_SECONDS = 0.005


def main() -> None:
    """Run the chosen bot until SIGTERM, and print the delays."""
    settings = load_settings(require=("DISCORD_TOKEN",))
    start_logging(settings)
    print(json.dumps(run_in_loop(_measured(_KINDS[sys.argv[1]], settings))))


async def _measured(
    run: Callable[[Settings], Awaitable[object]], settings: Settings
) -> list[float]:
    delays: list[float] = []
    work = asyncio.ensure_future(run(settings))
    ticking = asyncio.create_task(_tick(delays))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
    # The measurement starts on SIGUSR1, so that startup does not count.
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, delays.clear)
    await asyncio.gather(work, return_exceptions=True)
    ticking.cancel()
    return sorted(delays)


async def _tick(delays: list[float]) -> None:
    # Use another clock than the loop's, since uvloop's counts whole milliseconds.
    while True:
        due = time.perf_counter() + TICK_SECONDS
        await asyncio.sleep(TICK_SECONDS)
        delays.append(max(0.0, time.perf_counter() - due))


async def _flipbook(settings: Settings) -> None:
    from bot.app.run import run

    await run(settings)


async def _bare(settings: Settings) -> None:
    assert settings.discord_token is not None
    token = settings.discord_token.get_secret_value()
    client = discord.Client(intents=discord.Intents(guilds=True))
    tree = app_commands.CommandTree(client)

    @tree.command(name="animate", description="nothing")
    async def animate(
        interaction: discord.Interaction,
        image: discord.Attachment,
        prompt: str,
        model: str | None = None,
    ) -> None:
        await interaction.response.send_message("reading your picture")

    @animate.autocomplete("model")
    async def choices(
        interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=typed, value=typed)]

    async with aiohttp.ClientSession() as http:
        await point_at(settings.discord_api_url, token=token, http=http)
    async with client:
        await client.login(token)
        await tree.sync()
        await client.connect()


_KINDS: dict[str, Callable[[Settings], Awaitable[None]]] = {"flipbook": _flipbook, "bare": _bare}

if __name__ == "__main__":
    main()
