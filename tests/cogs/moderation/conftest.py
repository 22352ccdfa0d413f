"""A bot with moderators' rules in a database, and a member with Manage Server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage.guilds.moderation import ModerationStore
from sandbox.discord import Person
from tests.cogs.moderation.moderation_helpers import Moderated, moderated
from tests.ui.client_fixture import Bot


@pytest.fixture
async def moderated_bot(tmp_path: Path) -> AsyncIterator[Moderated]:
    async with moderated(tmp_path) as running:
        yield running


@pytest.fixture
def bot(moderated_bot: Moderated) -> Bot:
    return moderated_bot.bot


@pytest.fixture
def rules(moderated_bot: Moderated) -> ModerationStore:
    return moderated_bot.rules


@pytest.fixture
def mona(bot: Bot) -> Person:
    return bot.local.person("Mona")
