"""A moderator limits a member, who reads the reason, gets extra videos and uses them."""

import pytest
from playwright.async_api import Browser, Locator, expect

from sandbox.demo import Demo
from tests.demo.browsers import DemoWindow, open_window, use

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def animate(window: DemoWindow, prompt: str) -> None:
    await window.page.get_by_role("combobox", name="Message").press_sequentially("/animate ")
    await window.composer.get_by_role("button", name="A boat at dusk").click()
    await window.composer.get_by_role("textbox", name="prompt").fill(prompt)
    await window.page.keyboard.press("Enter")


def told(window: DemoWindow) -> Locator:
    """Return the ephemeral answer."""
    return window.messages.filter(has_text="Only you can see this")


async def dismiss(window: DemoWindow) -> None:
    await told(window).get_by_role("button", name="Dismiss message").click()
    await expect(told(window)).to_have_count(0)


async def test_a_limit_is_set_met_explained_raised_and_written_down(
    browser: Browser, demo: Demo
) -> None:
    await demo.discord.synced("quota-admin")
    async with open_window(browser, demo) as ada, open_window(browser, demo, "Mona") as mona:
        videos = ada.messages.filter(has=ada.page.locator("video"))
        await use(mona, "quota-admin set", user="Ada", videos="1")
        await expect(told(mona)).to_contain_text("@Ada: 1 video per 24 hours (set by a moderator")
        await dismiss(mona)

        await animate(ada, "the boat drifts")
        await expect(videos).to_have_count(1)
        await animate(ada, "the sun goes down")
        await expect(told(ada)).to_contain_text(
            "You've reached your limit of 1 video per 24 hours."
        )
        await expect(told(ada)).to_contain_text("The next one frees up in")
        await dismiss(ada)
        await use(ada, "quota")
        await expect(told(ada)).to_contain_text("A moderator set this limit for you.")
        await dismiss(ada)

        await use(mona, "quota-admin grant", user="Ada", videos="2")
        await expect(told(mona)).to_contain_text("2 bonus videos")
        await dismiss(mona)
        for count in (2, 3):
            await animate(ada, f"wave {count}")
            await expect(videos).to_have_count(count)
        await animate(ada, "wave 4")
        await expect(told(ada)).to_contain_text("You've reached your limit of 1 video per 24 hours")
        assert len(demo.provider.creates) == 3

        await use(mona, "quota-admin log", user="Ada")
        await expect(told(mona)).to_contain_text("bonus of 2 videos for @Ada")
        await expect(told(mona)).to_contain_text("limit for @Ada: not set → 1 video")
