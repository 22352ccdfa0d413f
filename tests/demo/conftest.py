from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.bot_process import BotProcess
from sandbox.discord import LocalDiscord
from sandbox.page.server import open_page
from sandbox.vtrix import LocalVtrix


@dataclass(frozen=True)
class Page:
    """The page and what it stands on; its bot has not been started."""

    url: str
    discord: LocalDiscord
    provider: LocalVtrix
    bot: BotProcess


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with LocalDiscord(acknowledge=2) as discord, LocalVtrix() as provider:
        bot = BotProcess(folder=tmp_path, settings={})
        async with open_page(
            discord=discord, provider=provider, bot=bot, host="127.0.0.1", port=0
        ) as url:
            yield Page(url, discord, provider, bot)
