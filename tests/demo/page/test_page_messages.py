"""The messages in a real browser: what stays in view, and the actions that each message offers."""

from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect
from playwright.async_api import Page as Tab

from sandbox.discord import Upload
from tests.demo.conftest import Page
from tests.factories import make_picture

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")

# The message arrives after the reader has scrolled, but before the browser fires the event.
_PUSHED_WHILE_SCROLLING = """async ([top, message]) => {
  const { change, state } = await import("/static/js/store.js");
  const log = document.querySelector("#messages");
  log.scrollTop = top;
  change({ messages: new Map([...state.messages, [message.id, message]]) });
}"""
_FROM_THE_END = "(log) => log.scrollHeight - log.scrollTop - log.clientHeight"


@pytest_asyncio.fixture(loop_scope="session")
async def ada(page: Page, window: Tab) -> Tab:
    await window.goto(f"{page.url}?as=Ada")
    await window.get_by_role("heading", name="Welcome to #general!").wait_for()
    return window


def messages(window: Tab) -> Locator:
    return window.get_by_role("log").locator("article")


def by_bot(page: Page, body: dict[str, Any], *files: tuple[str, bytes]) -> int:
    """Post a message of the bot in #general, and return its id."""
    world = page.discord.world
    uploads = dict(enumerate(Upload(name, data) for name, data in files))
    return page.discord.messages.post(world.channel("general"), world.bot, body, uploads).id


async def test_a_message_that_comes_while_one_scrolls_does_not_take_one_to_the_end(
    ada: Tab, page: Page
) -> None:
    for number in range(40):
        by_bot(page, {"content": f"line {number}\nand more of it"})
    await expect(messages(ada)).to_have_count(40)
    log = ada.get_by_role("log")
    fresh = {
        "id": "9" * 19,
        "author": {"id": "1", "username": "Flipbook", "bot": True},
        "content": "fresh",
        "timestamp": "2026-01-01T10:00:00+00:00",
    }
    await ada.evaluate(_PUSHED_WHILE_SCROLLING, [300, fresh])
    await expect(ada.get_by_text("fresh")).to_have_count(1)
    assert await log.evaluate(_FROM_THE_END) > 300
    await ada.get_by_role("button", name="Jump to the newest").click()
    # A reader at the end stays there, and so does one who has scrolled down to it again.
    by_bot(page, {"content": "the newest of all"})
    await expect(ada.get_by_text("the newest of all")).to_be_in_viewport()
    await log.evaluate("(log) => { log.scrollTop = 0; }")
    await log.evaluate("(log) => { log.scrollTop = log.scrollHeight; }")
    by_bot(page, {"content": "after that\n" * 8})
    await expect(messages(ada).filter(has_text="after that")).to_have_count(1)
    await expect(ada.get_by_role("button", name="Jump to the newest")).to_be_hidden()
    assert await log.evaluate(_FROM_THE_END) < 1


async def test_the_toolbar_of_a_tall_message_stays_in_view(ada: Tab, page: Page) -> None:
    by_bot(page, {"content": "\n".join(f"line {number}" for number in range(120))})
    by_bot(page, {"content": "a short one"})
    await expect(messages(ada)).to_have_count(2)
    for line in ("line 60", "line 119", "line 0"):
        words = ada.get_by_text(line)
        await words.scroll_into_view_if_needed()
        await words.hover()
        await expect(messages(ada).first.get_by_role("button", name="Reply")).to_be_in_viewport()


async def test_rerolls_are_offered_on_results_only(ada: Tab, page: Page) -> None:
    by_bot(page, {"content": "a result"}, ("result.mp4", b"video"))
    by_bot(page, {"content": "only words"})
    for words, count in (("a result", 1), ("only words", 0)):
        message = messages(ada).filter(has_text=words)
        await message.hover()
        await expect(message.get_by_role("button", name="Again, same seed")).to_have_count(count)
        await message.get_by_role("button", name="Add a reaction").click()
        offered = ada.get_by_role("menu", name="Reactions")
        await expect(offered.get_by_role("menuitem", name="Thumbs up")).to_be_visible()
        await expect(offered.get_by_role("menuitem", name="Again, new seed")).to_have_count(count)
        await ada.keyboard.press("Escape")


async def test_two_pictures_lie_side_by_side(ada: Tab, page: Page) -> None:
    picture = make_picture()
    by_bot(page, {"content": "two"}, ("one.png", picture), ("two.png", picture))
    pictures = messages(ada).locator("img[src*=png]")
    await expect(pictures).to_have_count(2)
    for width in (1280, 360):
        await ada.set_viewport_size({"width": width, "height": 800})
        first, second = [await one.bounding_box() for one in await pictures.all()]
        assert first is not None
        assert second is not None
        assert abs(first["y"] - second["y"]) < 1
        assert second["x"] >= first["x"] + first["width"]
