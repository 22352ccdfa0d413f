"""Somebody writes to the bot in a direct message, and is told how it is used."""

import pytest
from playwright.async_api import Browser, expect

from sandbox.demo import Demo
from tests.demo.browsers import open_window

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_whoever_writes_to_the_bot_is_told_where_to_go(browser: Browser, demo: Demo) -> None:
    await demo.discord.synced("animate")
    async with open_window(browser, demo) as ada:
        await ada.page.get_by_role("button", name="Flipbook").first.click()
        box = ada.page.get_by_role("combobox", name="Message")
        await expect(box).to_have_attribute("placeholder", "Message @Flipbook, or / for a command")
        await box.fill("/")
        await expect(ada.composer).to_contain_text("I offer no commands in this conversation.")
        await box.fill("hello, can you animate my cat?")
        await box.press("Enter")
        answer = ada.messages.filter(has_text="I can't answer messages")
        await expect(answer).to_contain_text("use /animate in a channel of a server I'm in")
        await expect(answer).to_contain_text("我")
        # A second message soon after gets no second answer, and a third person's gets their own.
        await box.fill("hello?")
        await box.press("Enter")
        await expect(ada.messages.filter(has_text="hello?")).to_have_count(1)
        await expect(answer).to_have_count(1)
        async with open_window(browser, demo, "Grace") as grace:
            await grace.page.get_by_role("button", name="Flipbook").first.click()
            await expect(grace.messages).to_have_count(0)
