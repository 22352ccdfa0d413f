"""A bot connected to a local Discord, and a member of its server."""

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
