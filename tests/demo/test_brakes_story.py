"""A prompt that the check refuses, and a pause of the operator, as a member meets them."""

import asyncio
import sys
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from sandbox.demo import Demo
from tests.demo.browsers import open_window
from tests.demo.test_quota_story import animate, dismiss, told

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def flipbook(folder: Path, *arguments: str) -> None:
    """Run a `flipbook` command beside the bot."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, cwd=folder, stdout=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == 0


async def test_a_refused_prompt_and_a_pause_are_told_and_cost_nothing(
    browser: Browser, demo: Demo, tmp_path: Path
) -> None:
    async with open_window(browser, demo) as ada:
        videos = ada.messages.filter(has=ada.page.locator("video"))
        await animate(ada, "a forbidden dance")
        await expect(told(ada)).to_contain_text("the picture or the prompt is not allowed here")
        await expect(told(ada)).to_contain_text("a forbidden dance")
        await dismiss(ada)
        assert demo.provider.creates == []

        await flipbook(tmp_path, "pause")
        await animate(ada, "a dance")
        await expect(told(ada)).to_contain_text("the bot's owner has paused me")
        await dismiss(ada)
        assert demo.provider.creates == []

        await flipbook(tmp_path, "resume")
        await animate(ada, "a dance")
        await expect(videos).to_have_count(1)
        assert len(demo.provider.creates) == 1
