"""The menus of messages, people and channels in a real browser: by pointer, finger and key."""

from collections.abc import AsyncIterator

import discord
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from playwright.async_api import Page as Tab

from tests.demo.browsers import PATIENCE_MS
from tests.demo.conftest import Page
from tests.sandbox.discord.discord_client import Client, connected_client

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")


def setup(client: Client) -> None:
    @client.tree.context_menu(name="Measure")
    async def measure(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"{len(message.content)} letters")


@pytest_asyncio.fixture(loop_scope="session")
async def ada(page: Page, browser: Browser) -> AsyncIterator[Tab]:
    """Ada's window with a touchscreen and a clipboard, showing messages by Grace and Ada."""
    context = await browser.new_context(
        viewport={"width": 1280, "height": 800},
        has_touch=True,
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(PATIENCE_MS)
    opened = await context.new_page()
    async with connected_client(page.discord, setup):
        await page.discord.synced("Measure")
        await page.discord.person("Grace").say("general", "hello there")
        await page.discord.person("Ada").say("general", "mine")
        await opened.goto(f"{page.url}?as=Ada")
        await opened.get_by_text("hello there").wait_for()
        yield opened
    await context.close()


async def test_a_right_click_on_a_message_opens_its_menu_with_the_apps(ada: Tab) -> None:
    await ada.get_by_text("hello there").click(button="right")
    menu = ada.get_by_role("menu", name="Message")
    await expect(menu.get_by_role("menuitem", name="Delete the message")).to_have_count(0)
    await menu.get_by_role("menuitem", name="Apps").click()
    await menu.get_by_role("menuitem", name="Measure").click()
    answer = ada.get_by_role("article").filter(has_text="11 letters")
    # A menu command is not a slash command.
    await expect(answer.get_by_text("Ada used Measure")).to_be_visible()


async def test_a_finger_that_rests_on_a_message_opens_its_menu_on_a_phone(ada: Tab) -> None:
    await ada.set_viewport_size({"width": 360, "height": 640})
    # Once everything has its place in the narrow window.
    await ada.get_by_text("hello there").tap(trial=True)
    at = await ada.get_by_text("hello there").bounding_box()
    assert at is not None
    devtools = await ada.context.new_cdp_session(ada)
    touch = [{"x": at["x"] + 10, "y": at["y"] + 10}]
    await devtools.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": touch})
    menu = ada.get_by_role("menu", name="Message")
    await expect(menu).to_be_visible()
    await devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    # Lifting the finger presses no button, and a keyboard that disappears closes no menu.
    await ada.set_viewport_size({"width": 360, "height": 700})
    await expect(menu).to_be_visible()
    await menu.get_by_role("menuitem", name="Apps").tap()
    await expect(menu.get_by_role("menuitem", name="Measure")).to_be_in_viewport()
    await menu.get_by_role("menuitem", name="Reply").tap()
    await expect(ada.get_by_text("Replying to Grace")).to_be_visible()


async def test_the_menu_is_used_by_keyboard(ada: Tab) -> None:
    press = ada.keyboard.press
    await ada.get_by_role("log").focus()
    await press("ArrowUp")
    await press("Shift+F10")
    menu = ada.get_by_role("menu", name="Message")
    await expect(menu.get_by_role("menuitem", name="Add a reaction")).to_be_focused()
    await press("ArrowDown")
    await press("ArrowDown")
    await press("ArrowRight")
    await expect(menu.get_by_role("menuitem", name="Measure")).to_be_focused()
    await press("ArrowLeft")
    await expect(menu.get_by_role("menuitem", name="Apps")).to_be_focused()
    await press("Escape")
    await expect(menu).to_have_count(0)
    await press("Shift+F10")
    await press("End")
    await expect(menu.get_by_role("menuitem", name="Delete the message")).to_be_focused()
    await press("Enter")
    await expect(ada.get_by_text("mine", exact=True)).to_have_count(0)


async def test_a_copied_link_leads_to_its_message_and_a_name_has_a_menu_too(ada: Tab) -> None:
    await ada.get_by_text("hello there").click(button="right")
    await ada.get_by_role("menuitem", name="Copy the message's link").click()
    await expect(ada.get_by_text("Copied.")).to_be_visible()
    await ada.get_by_role("combobox", name="Message").click()
    await ada.keyboard.press("ControlOrMeta+V")
    await ada.keyboard.press("Enter")
    await ada.get_by_role("link", name="#general › message").click()
    hello = ada.get_by_role("article").filter(has_text="hello there")
    await expect(hello).to_be_focused()
    await hello.get_by_text("Grace").click(button="right")
    await ada.get_by_role("menuitem", name="Mention").click()
    await ada.keyboard.press("Enter")
    await expect(ada.get_by_role("article").last.get_by_text("@Grace")).to_be_visible()
    await hello.get_by_text("Grace").click(button="right")
    await ada.get_by_role("menuitem", name="View the channel as Grace").click()
    await expect(ada.get_by_role("button", name="You are Grace")).to_be_visible()
