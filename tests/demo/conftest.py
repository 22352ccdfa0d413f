from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser
from playwright.async_api import Page as Window

from sandbox.bot_process import BotProcess
from sandbox.dashscope import LocalDashScope
from sandbox.demo import Demo, open_demo
from sandbox.discord import LocalDiscord
from sandbox.page.server import open_page
from sandbox.vtrix import LocalVtrix
from tests.demo.browsers import PATIENCE_MS, chromium
from tests.faults.bot_environment import BotEnvironment
from tests.flows.harness import PATIENCE
from tests.fork_server import ForkedProcess, ForkServer

# The bot polls a video at this interval; the first poll finds it done.
LOOK_EVERY = 0.5


@dataclass(frozen=True)
class Page:
    """The page with its server, its Discord and its provider; the bot has not been started."""

    url: str
    discord: LocalDiscord
    provider: LocalVtrix
    dashscope: LocalDashScope
    bot: BotProcess


@pytest_asyncio.fixture(loop_scope="session")
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with (
        LocalDiscord(acknowledge=PATIENCE) as discord,
        LocalVtrix() as provider,
        LocalDashScope() as dashscope,
    ):
        bot = BotProcess(folder=tmp_path, settings={})
        async with open_page(
            discord=discord,
            provider=provider,
            dashscope=dashscope,
            bot=bot,
            host="127.0.0.1",
            port=0,
        ) as url:
            yield Page(url, discord, provider, dashscope, bot)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests of a process, which therefore share an event loop."""
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Browser) -> AsyncIterator[Window]:
    """A browser window for this test."""
    opened = await browser.new_page(viewport={"width": 1280, "height": 800})
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path, some_video: bytes, fork_server: ForkServer) -> AsyncIterator[Demo]:
    """The demo with the real bot; its videos are real, but do not show the picture.

    The tests are about the result of a click, not about the speed of a busy machine, so the bot may
    take longer for its first response than Discord allows.
    """

    async def launch(folder: Path, environment: Mapping[str, str], log: Path) -> ForkedProcess:
        database = folder / "data" / "flipbook.db"
        if not database.exists():
            fork_server.copy_database(database)
        program = (*BotEnvironment(look_every=LOOK_EVERY).program(), "run")
        return fork_server.start(program, folder, dict(environment), log, log, leads_group=True)

    async with open_demo(
        folder=tmp_path,
        port=0,
        video_seconds=LOOK_EVERY / 2,
        acknowledge=PATIENCE,
        launch=launch,
    ) as running:
        running.provider.video = running.dashscope.video = some_video
        yield running
