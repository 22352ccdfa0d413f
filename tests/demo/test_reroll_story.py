"""Everything that people do with a result in the page: reroll, edit, details and delete."""

import pytest
from playwright.async_api import Browser, Locator, expect

from sandbox.demo import Demo
from sandbox.discord import Upload
from tests.demo.browsers import DemoWindow, open_window
from tests.factories import make_picture
from tests.flows.harness import PATIENCE, eventually

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")

AGAIN, CHANGE, ABOUT, DELETE = (
    "Again, with the same seed",
    "Change it",
    "About this video",
    "Delete",
)


async def first_video(demo: Demo, window: DemoWindow) -> Locator:
    """Return the message of Ada's first video, with the bot's reactions under it."""
    await demo.discord.synced("animate")
    picture = Upload("boat.png", make_picture())
    ada = demo.discord.person("Ada")
    await ada.command("animate", image=picture, prompt="the boat drifts towards the sun")
    await expect(window.messages.first.locator("video")).to_be_visible()
    await expect(window.messages.first.get_by_role("button", name="🔁, 1")).to_be_visible()
    return window.messages.first


def button(message: Locator, name: str) -> Locator:
    return message.get_by_role("button", name=name)


def private(window: DemoWindow) -> Locator:
    return window.messages.filter(has_text="Only you can see this")


async def dismiss(window: DemoWindow) -> None:
    await private(window).get_by_role("button", name="Dismiss message").click()
    await expect(private(window)).to_have_count(0)


async def restart(demo: Demo) -> None:
    """Kill the bot, and start it again."""
    await demo.bot.kill()
    await eventually(lambda: not demo.discord.gateway.ready or None, "Discord notices")
    await demo.bot.start()
    await demo.discord.ready(PATIENCE)


async def test_a_second_member_makes_it_again_and_changes_it(browser: Browser, demo: Demo) -> None:
    async with open_window(browser, demo) as ada, open_window(browser, demo, "Grace") as grace:
        await first_video(demo, ada)
        await restart(demo)
        await grace.messages.first.get_by_role("button", name="🔁, 1").click()
        again = grace.messages.nth(1)
        await expect(again.locator("video")).to_be_visible()
        await expect(again).to_contain_text("same seed")
        for message in (grace.messages.first, again):
            await expect(message).to_contain_text("AI-generated")
            await expect(message.locator("video")).to_have_accessible_name(
                "AI-generated video: the boat drifts towards the sun"
            )
        await expect(again).to_contain_text("@Grace")
        one, two = demo.provider.creates
        assert one.request == two.request
        await demo.discord.person("Grace").command("quota")
        await expect(private(grace)).to_contain_text("1 used")
        await dismiss(grace)
        await button(grace.messages.first, CHANGE).click()
        form = grace.page.get_by_role("dialog")
        await form.get_by_role("textbox").first.fill("the sun goes down")
        seed = await form.get_by_role("textbox").last.input_value()
        await form.get_by_role("textbox").last.fill("seven")
        await form.get_by_role("button", name="Submit").click()
        await expect(private(grace)).to_contain_text("must be a whole number")
        await private(grace).get_by_role("button", name="Open the form again").click()
        await expect(form.get_by_role("textbox").first).to_have_value("the sun goes down")
        await expect(form.get_by_role("textbox").last).to_have_value("seven")
        await form.get_by_role("textbox").last.fill(seed)
        await form.get_by_role("button", name="Submit").click()
        await dismiss(grace)
        await expect(grace.messages).to_have_count(3)
        await expect(grace.messages.nth(2).locator("video")).to_be_visible()
        await expect(grace.messages.nth(2)).to_contain_text("the sun goes down")
        assert demo.provider.creates[2].seed == one.seed


async def test_who_asked_and_moderators_delete_and_strangers_do_not(
    browser: Browser, demo: Demo
) -> None:
    async with (
        open_window(browser, demo) as ada,
        open_window(browser, demo, "Grace") as grace,
        open_window(browser, demo, "Mona") as mona,
    ):
        await first_video(demo, ada)
        await button(grace.messages.first, ABOUT).click()
        await expect(private(grace)).to_contain_text("Seed")
        await dismiss(grace)
        await restart(demo)
        await button(grace.messages.first, DELETE).click()
        await expect(private(grace)).to_contain_text("Only the person who asked")
        await dismiss(grace)
        await button(grace.messages.first, AGAIN).click()
        await expect(grace.messages.nth(1).locator("video")).to_be_visible()
        await button(ada.messages.first, DELETE).click()
        await expect(private(ada)).to_contain_text("Delete this video for everyone?")
        await expect(grace.messages).to_have_count(2)
        await private(ada).get_by_role("button", name="Delete", exact=True).click()
        await expect(private(ada)).to_contain_text("Deleted. It still counts")
        await dismiss(ada)
        await expect(ada.messages).to_have_count(1)
        await button(mona.messages.first, DELETE).click()
        await private(mona).get_by_role("button", name="Delete", exact=True).click()
        await expect(grace.messages).to_have_count(0)
