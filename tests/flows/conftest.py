"""A local Discord, a local provider, and the bot between them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.discord import LocalDiscord, Person
from sandbox.vtrix import LocalVtrix
from tests.flows.harness import BotProcess


@pytest.fixture
async def discord_() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord() as local:
        yield local


@pytest.fixture
async def provider() -> AsyncIterator[LocalVtrix]:
    async with LocalVtrix(key="test-key", speed=60) as local:
        yield local


@pytest.fixture
async def bot(
    tmp_path: Path, discord_: LocalDiscord, provider: LocalVtrix
) -> AsyncIterator[BotProcess]:
    """Not started yet: a test may change its settings first."""
    process = BotProcess(tmp_path, discord_, provider)
    yield process
    await process.close()


@pytest.fixture
def ada(discord_: LocalDiscord) -> Person:
    return discord_.person("Ada")
