"""A bot connected to a local Discord, and two members of its server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.discord import Person
from tests.ui.client_fixture import Bot, connected_bot


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with connected_bot(tmp_path) as running:
        yield running


@pytest.fixture
def ada(bot: Bot) -> Person:
    return bot.local.person("Ada")


@pytest.fixture
def grace(bot: Bot) -> Person:
    return bot.local.person("Grace")
