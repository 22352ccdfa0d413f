"""A local Discord, a local provider, and the bot between them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.discord import LocalDiscord, Person
from sandbox.vtrix import LocalVtrix
from tests.flows.harness import BotProcess
from tests.fork_server import ForkServer


@pytest.fixture
async def discord_() -> AsyncIterator[LocalDiscord]:
    """With patience: what becomes of a command counts here, not how fast a busy machine is."""
    async with LocalDiscord(acknowledge=10) as local:
        yield local


@pytest.fixture
async def provider(some_video: bytes) -> AsyncIterator[LocalVtrix]:
    async with LocalVtrix(key="test-key", speed=60, video=some_video) as local:
        yield local


@pytest.fixture
async def bot(
    tmp_path: Path, discord_: LocalDiscord, provider: LocalVtrix, fork_server: ForkServer
) -> AsyncIterator[BotProcess]:
    """Not started yet: a test may change its settings first."""
    process = BotProcess(tmp_path, discord_, provider, fork_server)
    yield process
    await process.close()


@pytest.fixture
def ada(discord_: LocalDiscord) -> Person:
    return discord_.person("Ada")
