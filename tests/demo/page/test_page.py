"""The page in a real browser with the real bot, used by mouse and by keyboard."""

import pytest
from playwright.async_api import Browser, expect

from sandbox.demo import Demo
from tests.demo.browsers import DemoWindow, open_window

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def choose_sample(window: DemoWindow, label: str) -> None:
    """Choose `/animate` by its button, with one of the sample pictures."""
    await window.page.get_by_role("button", name="Try /animate").click()
    await window.composer.get_by_role("button", name="Remove").click()
    await window.composer.get_by_role("button", name=label).click()


async def write_prompt(window: DemoWindow, words: str) -> None:
    await window.composer.get_by_role("textbox", name="prompt").fill(words)


async def plays(window: DemoWindow) -> float:
    """Play the newest video, and return its duration in seconds."""
    video = await window.video()
    return float(
        await video.evaluate(
            """async (video) => {
              video.muted = true;
              await video.play();
              await new Promise((moved) => video.addEventListener("timeupdate", moved));
              return video.currentTime > 0 ? video.duration : 0;
            }"""
        )
    )


async def test_a_newcomer_makes_a_video_by_clicking(browser: Browser, demo: Demo) -> None:
    # In this test, the person's own video is rendered.
    demo.provider.video = None
    async with open_window(browser, demo) as ada, open_window(browser, demo, "Grace") as grace:
        await ada.page.get_by_role("button", name="Try /animate").click()
        await ada.page.keyboard.type("the boat drifts towards the sun")
        await ada.page.keyboard.press("Enter")
        assert await plays(ada) > 4
        assert await plays(grace) > 4
        await expect(ada.messages).to_have_count(1)
        await expect(ada.messages).to_contain_text("Ada used /animate")
        await expect(ada.messages).to_contain_text("the boat drifts towards the sun")
        await expect(ada.messages).to_contain_text("$0.20")


async def test_a_broken_picture_is_refused_to_one_person(browser: Browser, demo: Demo) -> None:
    async with open_window(browser, demo) as ada, open_window(browser, demo, "Grace") as grace:
        await choose_sample(ada, "Broken file")
        await write_prompt(ada, "waves")
        await ada.page.keyboard.press("Enter")
        refusal = ada.messages.filter(has_text="Only you can see this")
        await expect(refusal).to_be_visible()
        await expect(ada.messages).to_have_count(1)
        await expect(grace.messages).to_have_count(0)
        await refusal.get_by_role("button", name="Dismiss message").click()
        await expect(ada.messages).to_have_count(0)


async def test_what_was_mended_is_told(browser: Browser, demo: Demo) -> None:
    async with open_window(browser, demo) as ada:
        await choose_sample(ada, "Transparent")
        await write_prompt(ada, "it turns")
        await ada.page.keyboard.press("Enter")
        assert await plays(ada) > 4
        await expect(ada.messages).to_contain_text("white")


async def test_a_bot_killed_in_the_middle_goes_on(browser: Browser, demo: Demo) -> None:
    async with open_window(browser, demo) as ada:
        demo.provider.slow = 1000
        await ada.page.get_by_role("button", name="Try /animate").click()
        await ada.page.keyboard.type("waves")
        await ada.page.keyboard.press("Enter")
        # If the bot were killed before the answer, it could not know whether a job exists.
        await expect(ada.messages).to_contain_text("Making your video")
        await ada.panel.get_by_role("button", name="Kill the bot").click()
        await expect(ada.panel.get_by_role("button", name="Start it again")).to_be_enabled()
        assert not demo.bot.running
        demo.provider.finish()
        await ada.panel.get_by_role("button", name="Start it again").click()
        assert await plays(ada) > 4
        await expect(ada.panel).to_contain_text("delivered")
        assert len(demo.provider.creates) == 1


async def test_whose_discord_is_set_to_chinese_reads_chinese(browser: Browser, demo: Demo) -> None:
    async with open_window(browser, demo) as ada:
        await ada.page.get_by_role("button", name="Switch user").click()
        await ada.page.get_by_role("menuitemradio", name="中文").click()
        await expect(ada.page.get_by_role("button", name="终止机器人")).to_be_visible()
        await expect(ada.page.locator("html")).to_have_attribute("lang", "zh-CN")
        await ada.composer.get_by_role("combobox").fill("/")
        await expect(ada.composer).to_contain_text("图片")
        await ada.page.keyboard.type("help")
        await ada.page.keyboard.press("Enter")
        await ada.page.keyboard.press("Enter")
        await expect(ada.messages).to_contain_text("使用方法")
        await expect(ada.messages).to_contain_text("Ada 使用了 /help")
        # What the page's server refuses, too.
        await ada.panel.get_by_role("switch", name="Discord 离线").click()
        await expect(ada.panel.get_by_role("switch", name="Discord 离线")).to_be_checked()
        await ada.composer.get_by_role("combobox").fill("你好")
        await ada.page.keyboard.press("Enter")
        await expect(ada.page.get_by_text("Discord 暂时离线")).to_be_visible()
        await ada.page.get_by_role("button", name="切换用户").click()
        await ada.page.get_by_role("menuitemradio", name="American English").click()
        await ada.page.get_by_role("button", name="Switch user").click()
        chosen = ada.page.get_by_role("menuitemradio", name="American English")
        await expect(chosen).to_have_attribute("aria-checked", "true")


async def test_it_works_on_a_narrow_screen(browser: Browser, demo: Demo) -> None:
    async with open_window(browser, demo, width=360, height=640) as ada:
        assert await ada.is_as_wide_as_the_window()
        await ada.page.get_by_role("button", name="Channels", exact=True).click()
        # Esc closes the list of channels, wherever the focus is.
        await ada.page.locator("#sidebar").evaluate("() => document.activeElement.blur()")
        await ada.page.keyboard.press("Escape")
        await expect(ada.page.get_by_role("button", name="no-files")).to_be_hidden()
        await ada.page.get_by_role("button", name="Channels", exact=True).click()
        await ada.page.get_by_role("button", name="no-files").click()
        await expect(ada.page.get_by_role("heading", name="no-files").first).to_be_visible()
        await ada.page.get_by_role("button", name="Channels", exact=True).click()
        await ada.page.get_by_role("button", name="general").click()
        await ada.page.get_by_role("button", name="Try /animate").click()
        await ada.page.keyboard.type("waves")
        assert await ada.is_as_wide_as_the_window()
        await ada.page.keyboard.press("Enter")
        assert await plays(ada) > 4
        assert await ada.is_as_wide_as_the_window()


# Find elements that are wider than their box, which makes them scroll sideways or be cut off.
TOO_WIDE = """(message) => [...message.querySelectorAll(":not(.excerpt)")]
  .filter((part) => part.clientWidth && part.scrollWidth > part.clientWidth + 1)
  .map((part) => part.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("width", [1280, 360])
async def test_a_long_private_answer_is_read_from_its_beginning_to_its_end(
    width: int, browser: Browser, demo: Demo
) -> None:
    async with open_window(browser, demo, width=width, height=640) as ada:
        await ada.page.get_by_role("button", name="Try /animate").click()
        await write_prompt(ada, "*" * 800)
        await ada.page.keyboard.press("Enter")
        await ada.video()
        await ada.messages.last.get_by_role("button", name="About this video").click()
        told = ada.messages.filter(has_text="Only you can see this")
        await expect(told).to_contain_text("Task")
        assert (await told.inner_text()).count("*") >= 800
        assert await told.evaluate(TOO_WIDE) == []
        assert await ada.is_as_wide_as_the_window()
        # It is taller than the window, and is scrolled to either end.
        for words in ("Prompt", "Dismiss message"):
            part = told.get_by_text(words, exact=True).first
            await part.scroll_into_view_if_needed()
            await expect(part).to_be_in_viewport()


async def test_the_keyboard_alone_is_enough(browser: Browser, demo: Demo) -> None:
    async with open_window(browser, demo) as ada:
        press, write = ada.page.keyboard.press, ada.page.keyboard.type
        await press("Tab")  # focus the link that skips the channels
        await press("Enter")
        await write("/anim")
        await press("Enter")
        await expect(ada.composer.get_by_role("button", name="A boat at dusk")).to_be_focused()
        await press("Enter")
        await expect(ada.composer.get_by_role("textbox", name="prompt")).to_be_focused()
        await write("waves")
        await press("Enter")
        assert await plays(ada) > 4
