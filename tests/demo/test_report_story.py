"""A report by clicking: decided by a moderator, read by whoever reported, and all the rest gone."""

import pytest
from playwright.async_api import Browser, Locator, expect

from sandbox.demo import Demo
from sandbox.discord import Upload
from tests.demo.browsers import DemoWindow, open_window, use
from tests.factories import make_picture

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")

ALONE = "Only you can see this"


def told(window: DemoWindow, words: str) -> Locator:
    """The ephemeral answer that says this."""
    return window.messages.filter(has_text=ALONE).filter(has_text=words)


async def report(window: DemoWindow, reason: str, words: str) -> None:
    """Report the first video by the menu of its message."""
    result = window.messages.filter(has=window.page.locator("video")).first
    await result.get_by_text("AI-generated").click(button="right")
    menu = window.page.get_by_role("menu", name="Message")
    await menu.get_by_role("menuitem", name="Apps").click()
    await menu.get_by_role("menuitem", name="Report video").click()
    form = window.page.get_by_role("dialog")
    await form.get_by_label("What's wrong with this video?").click()
    await window.page.get_by_role("option", name=reason).click()
    await form.get_by_role("textbox").fill(words)
    await form.get_by_role("button", name="Submit").click()
    await expect(told(window, "Your report has arrived")).to_be_visible()


async def test_a_report_is_decided_and_the_reporter_reads_the_verdict(
    browser: Browser, demo: Demo
) -> None:
    await demo.discord.synced("animate")
    ada, moderator = demo.discord.person("Ada"), demo.discord.person("Mona")
    channel = demo.discord.world.channel("general")
    await moderator.command("settings set", log_channel=channel, hide_reported=True)
    for width in (400, 401):
        picture = Upload("boat.png", make_picture(size=(width, 400)))
        await ada.command("animate", image=picture, prompt="the boat drifts")
    async with (
        open_window(browser, demo, "Grace") as grace,
        open_window(browser, demo, "Mona") as mona,
    ):
        videos = grace.messages.locator("video")
        await expect(videos).to_have_count(2)
        await report(grace, "It shows me", "that is my sister")
        hidden = grace.messages.filter(has_text="is hidden until moderators")
        await expect(hidden).to_be_visible()
        await expect(videos).to_have_count(1)
        card = mona.messages.filter(has_text="1 report of")
        await expect(card).to_contain_text("that is my sister")
        await expect(card).not_to_contain_text("Grace")
        await card.get_by_role("button", name="Remove").click()
        await expect(told(mona, "Removed.")).to_be_visible()
        decided = mona.messages.filter(has_text="was removed")
        await expect(decided.filter(has_not_text=ALONE)).to_be_visible()
        await expect(hidden).to_have_count(0)
        await use(grace, "quota")
        await expect(told(grace, "Your report was decided")).to_contain_text("was removed")
        await use(mona, "quota-admin remove-all", user="Ada")
        await expect(told(mona, "1 video of @Ada is being deleted")).to_be_visible()
        await expect(videos).to_have_count(0)
