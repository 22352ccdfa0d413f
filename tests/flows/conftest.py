"""A local Discord, a local provider, and the bot between them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.discord import LocalDiscord, Person
from sandbox.discord.rules.rates import Rates
from sandbox.vtrix import LocalVtrix
from tests.faults.bot_environment import fast_clock
from tests.flows.harness import BotProcess
from tests.fork_server import ForkServer

SPEED = 10.0
"""How many times as fast as the real one the bot's clock runs."""


@pytest.fixture
async def discord_() -> AsyncIterator[LocalDiscord]:
    """A Discord that waits long for answers: the outcome of a command matters here, not the speed.

    Its rate limits run at the speed of the bot's clock.
    """
    async with LocalDiscord(acknowledge=10, rates=Rates(scale=SPEED)) as local:
        yield local


@pytest.fixture
async def provider(some_video: bytes) -> AsyncIterator[LocalVtrix]:
    async with LocalVtrix(key="test-key", speed=60, video=some_video) as local:
        yield local


@pytest.fixture
async def bot(
    tmp_path: Path, discord_: LocalDiscord, provider: LocalVtrix, fork_server: ForkServer
) -> AsyncIterator[BotProcess]:
    """A bot that has not been started, so that a test may change its settings.

    Its clock runs ten times as fast, as the first poll of a video comes five seconds after the
    create call, and nearly every test would wait for that.
    """
    process = BotProcess(tmp_path, discord_, provider, fork_server)
    process.program = fast_clock(SPEED).program()
    yield process
    await process.close()


@pytest.fixture
def ada(discord_: LocalDiscord) -> Person:
    return discord_.person("Ada")
