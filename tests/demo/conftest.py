from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser
from playwright.async_api import Page as Window

from sandbox.bot_process import BotProcess
from sandbox.demo import Demo, open_demo
from sandbox.discord import LocalDiscord
from sandbox.page.server import open_page
from sandbox.vtrix import LocalVtrix
from tests.demo.browsers import chromium


@dataclass(frozen=True)
class Page:
    """The page and what it stands on; its bot has not been started."""

    url: str
    discord: LocalDiscord
    provider: LocalVtrix
    bot: BotProcess


@pytest_asyncio.fixture(loop_scope="session")
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with LocalDiscord(acknowledge=2) as discord, LocalVtrix() as provider:
        bot = BotProcess(folder=tmp_path, settings={})
        async with open_page(
            discord=discord, provider=provider, bot=bot, host="127.0.0.1", port=0
        ) as url:
            yield Page(url, discord, provider, bot)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests of a process, which therefore share an event loop."""
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Browser) -> AsyncIterator[Window]:
    """A window of this test's own."""
    opened = await browser.new_page(viewport={"width": 1280, "height": 800})
    opened.set_default_timeout(10_000)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path, some_video: bytes) -> AsyncIterator[Demo]:
    """The demo with the real bot; its videos are real, and not of the picture."""
    async with open_demo(folder=tmp_path, port=0, video_seconds=1) as running:
        running.provider.video = some_video
        yield running
