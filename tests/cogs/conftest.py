"""A bot connected to a local Discord, and two members of its server."""

import pytest

from sandbox.discord import Person
from tests.ui.client_fixture import Bot
from tests.ui.conftest import ada, bot  # noqa: F401 - fixtures


@pytest.fixture
def grace(bot: Bot) -> Person:  # noqa: F811
    return bot.local.person("Grace")
