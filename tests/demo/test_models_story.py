"""A longer video with sound from the second provider; a moderator takes its model away."""

import pytest
from playwright.async_api import Browser, Locator, expect

from sandbox.demo import Demo
from tests.demo.browsers import DemoWindow, open_window, use

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")


def told(window: DemoWindow) -> Locator:
    """Return the ephemeral answer."""
    return window.messages.filter(has_text="Only you can see this")


async def choose(window: DemoWindow, option: str, choice: str, price: str) -> None:
    """Add an option, and click one of the choices that Discord completes."""
    await window.composer.get_by_role("button", name=f"+ {option}", exact=True).click()
    found = window.composer.get_by_role("option").filter(has_text=choice)
    await expect(found).to_contain_text(price)
    await found.click()


async def test_ten_seconds_with_sound_until_a_moderator_forbids_the_model(
    browser: Browser, demo: Demo
) -> None:
    await demo.discord.synced("settings")
    async with open_window(browser, demo) as ada, open_window(browser, demo, "Mona") as mona:
        await ada.page.get_by_role("combobox", name="Message").press_sequentially("/animate ")
        await ada.composer.get_by_role("button", name="A boat at dusk").click()
        await ada.composer.get_by_role("textbox", name="prompt").fill("the boat drifts away")
        await choose(ada, "model", "Wan 2.6 flash · up to 15 s", "about $0.125 for 5 s")
        await choose(ada, "duration", "10 s", "about $0.25")
        await choose(ada, "sound", "with sound", "about $0.50")
        await ada.composer.get_by_role("button", name="Send").click()
        await ada.video()
        result = ada.messages.last
        await expect(result).to_contain_text("$0.50 (by price list)")
        await result.get_by_role("button", name="About this video").click()
        for words in ("2.6", "Length: 10 s", "Sound: yes", "$0.50 (by price list)"):
            await expect(told(ada)).to_contain_text(words)
        (create,) = demo.dashscope.creates
        assert (create.model, create.seconds, create.sound) == ("wan2.6-i2v-flash", 10, True)
        assert demo.provider.creates == []
        await expect(ada.panel).to_contain_text("Model Studio: 1 video asked for, $0.50")
        await told(ada).get_by_role("button", name="Dismiss message").click()

        await use(mona, "settings set", models="Wan 2.2 flash")
        await expect(told(mona)).to_contain_text("Wan 2.2 flash")
        await result.get_by_role("button", name="Again, same seed").click()
        refused = ada.messages.filter(has_text="moderators don't allow the model Wan 2.6 flash")
        await expect(refused).to_contain_text("You can use: Wan 2.2 flash.")
        assert len(demo.dashscope.creates) == 1
