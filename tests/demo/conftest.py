from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser

from sandbox.bot_process import BotProcess
from sandbox.demo import Demo, open_demo
from sandbox.discord import LocalDiscord
from sandbox.page.server import open_page
from sandbox.vtrix import LocalVtrix
from tests.demo.browsers import chromium_process, connected_browser


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


@pytest.fixture(scope="session")
def chromium_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One browser for all tests of a process: each has windows of its own."""
    with chromium_process(tmp_path_factory.mktemp("chromium")) as address:
        yield address


@pytest.fixture
async def browser(chromium_address: str) -> AsyncIterator[Browser]:
    async with connected_browser(chromium_address) as connected:
        yield connected


@pytest.fixture
async def demo(tmp_path: Path, some_video: bytes) -> AsyncIterator[Demo]:
    """The demo with the real bot; its videos are real, and not of the picture."""
    async with open_demo(folder=tmp_path, port=0, video_seconds=1) as running:
        running.provider.video = some_video
        yield running
