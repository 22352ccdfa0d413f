"""The providers' switches in the side panel, as a member and the bot's owner meet them."""

import pytest
from playwright.async_api import Browser, Locator, expect

from sandbox.demo import Demo
from tests.demo.browsers import DemoWindow, open_window
from tests.demo.test_models_story import choose, told

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def animate(window: DemoWindow, model: str, price: str) -> None:
    await window.page.get_by_role("combobox", name="Message").press_sequentially("/animate ")
    await window.composer.get_by_role("button", name="A boat at dusk").click()
    await window.composer.get_by_role("textbox", name="prompt").fill("the boat drifts away")
    await choose(window, "model", model, price)
    await window.composer.get_by_role("button", name="Send").click()


async def turn(window: DemoWindow, name: str, *, on: bool) -> None:
    """Click a switch."""
    lever = window.panel.get_by_role("switch", name=name)
    await lever.click()
    await expect(lever).to_be_checked(checked=on)


def videos(window: DemoWindow) -> Locator:
    return window.messages.filter(has=window.page.locator("video"))


async def test_the_second_provider_is_down_refuses_and_hands_out_dead_links(
    browser: Browser, demo: Demo
) -> None:
    flash, price = "Wan 2.6 flash", "about $0.125 for 5 s"
    async with open_window(browser, demo) as ada:
        await turn(ada, "Model Studio is down", on=True)
        await animate(ada, flash, price)
        await expect(ada.panel).to_contain_text("1 queued")
        await expect(ada.panel).to_contain_text("Wan 2.6 flash · 720P · 5 s")
        assert demo.dashscope.creates == []
        await turn(ada, "Model Studio is down", on=False)
        await expect(videos(ada)).to_have_count(1)

        await turn(ada, "Model Studio refuses the content", on=True)
        await animate(ada, flash, price)
        await expect(ada.messages.last).to_contain_text("content rules don't allow it")
        await turn(ada, "Model Studio refuses the content", on=False)

        await turn(ada, "Links of Model Studio end early", on=True)
        await animate(ada, flash, price)
        await expect(ada.panel).to_contain_text("1 rendered")
        await turn(ada, "Links of Model Studio end early", on=False)
        await expect(videos(ada)).to_have_count(2)
        assert len(demo.dashscope.creates) == 3


async def test_a_provider_that_charges_too_much_is_booked_and_told_to_the_owner(
    browser: Browser, demo: Demo
) -> None:
    async with open_window(browser, demo) as ada:
        await turn(ada, "Vtrix charges too much", on=True)
        await animate(ada, "Wan 2.2 flash", "about $0.20")
        await expect(ada.messages.last).to_contain_text("$2.00")
        await expect(ada.panel).to_contain_text("Vtrix: 1 video asked for, $8.00 left.")
        async with open_window(browser, demo, "Olive") as olive:
            await olive.page.get_by_role("button", name="Flipbook").first.click()
            await expect(olive.messages.last).to_contain_text("$2.00")
        await turn(ada, "Vtrix charges too much", on=False)
        await animate(ada, "Wan 2.2 flash", "about $0.20")
        await expect(videos(ada)).to_have_count(2)
        await expect(told(ada)).to_have_count(0)
