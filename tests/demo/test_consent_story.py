"""Whose pictures may be used, by clicking: a question that is allowed, one that is refused."""

import pytest
from playwright.async_api import Browser, Locator, expect

from sandbox.demo import Demo
from sandbox.discord import Upload
from tests.demo.browsers import DemoWindow, open_window
from tests.factories import make_picture

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def asks(demo: Demo, ada: DemoWindow, grace: DemoWindow, prompt: str) -> Locator:
    """Let Grace click her way to Ada's picture; return the question as Ada sees it."""
    before = await grace.messages.count()
    await demo.discord.person("Ada").say("general", "my boat", Upload("b.png", make_picture()))
    await expect(grace.messages).to_have_count(before + 1)
    await grace.messages.last.get_by_text("my boat").click(button="right")
    menu = grace.page.get_by_role("menu", name="Message")
    await menu.get_by_role("menuitem", name="Apps").click()
    await menu.get_by_role("menuitem", name="Animate").click()
    form = grace.page.get_by_role("dialog")
    await form.get_by_role("textbox").first.fill(prompt)
    await form.get_by_role("button", name="Submit").click()
    question = ada.messages.filter(has_text=prompt)
    await expect(question).to_contain_text("would like to make a video from your picture")
    return question


async def test_a_picture_is_asked_for_and_allowed_or_refused(browser: Browser, demo: Demo) -> None:
    await demo.discord.synced("animate")
    await demo.discord.person("Mona").command("settings set", others_pictures="ask")
    async with open_window(browser, demo) as ada, open_window(browser, demo, "Grace") as grace:
        question = await asks(demo, ada, grace, "the boat drifts away")
        assert demo.provider.creates == []
        await question.get_by_role("button", name="Allow").click()
        await expect(ada.messages.filter(has=ada.page.locator("video"))).to_have_count(1)
        await expect(ada.messages.filter(has_text="allows @Grace").first).to_be_visible()
        assert [one.prompt for one in demo.provider.creates] == ["the boat drifts away"]
        question = await asks(demo, ada, grace, "the boat sinks")
        await question.get_by_role("button", name="Refuse").click()
        await expect(ada.messages.filter(has_text="doesn't want a video")).to_have_count(1)
        await expect(ada.messages.filter(has_text="the boat sinks")).to_have_count(0)
        assert len(demo.provider.creates) == 1
