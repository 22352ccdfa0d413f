"""The side panel in a real browser: what it shows, and what stays as the reader left it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect
from playwright.async_api import Page as Tab

from tests.demo.conftest import Page

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")

_MOUNT = """async () => {
  const { mountPanel } = await import("/static/js/panel.js");
  const { h } = await import("/static/js/dom.js");
  document.querySelector("#header-tools").replaceChildren();
  const aside = h("aside", { id: "panel", "aria-label": "Behind the scenes" });
  document.querySelector("#panel").replaceWith(aside);
  window.sent = [];
  const hearers = [];
  const state = { panel: null };
  const request = async (op, fields) => {
    window.sent.push({ op, ...fields });
    return {};
  };
  mountPanel(aside, {
    state,
    connection: { request },
    subscribe: (fn) => hearers.push(fn),
    toast: () => {},
  });
  window.push = (panel) => {
    state.panel = panel;
    hearers.forEach((hear) => hear(new Set(["panel"])));
  };
}"""

SWITCHES = (
    "provider_slow",
    "provider_full",
    "provider_failing",
    "provider_balance_empty",
    "provider_key_refused",
    "discord_away",
)


def state(**parts: Any) -> dict[str, Any]:
    """A state update of the panel in which nothing is going on."""
    bot = {"running": True, "since": "2026-01-01T10:00:00+00:00", "restarts": 0, "last_words": ""}
    return {
        "bot": bot | parts.pop("bot", {}),
        "switches": dict.fromkeys(SWITCHES, False) | parts.pop("switches", {}),
        "tasks": [],
        "counts": {},
        "requests": [],
        "provider": {"balance": "9.80", "jobs": 1},
        "dashscope": {"charged": "0.25", "jobs": 2},
    } | parts


def exchange(second: int, words: str) -> dict[str, Any]:
    return {
        "at": f"2026-01-01T10:00:{second:02}+00:00",
        "method": "POST",
        "path": "/make",
        "status": 200,
        "seconds": 0.01,
        "body": {"said": words},
        "answer": None,
        "to": "provider",
    }


@pytest_asyncio.fixture(loop_scope="session")
async def tab(page: Page, window: Tab) -> Tab:
    await window.goto(page.url)
    await window.evaluate(_MOUNT)
    return window


async def push(tab: Tab, panel: dict[str, Any]) -> None:
    await tab.evaluate("(panel) => window.push(panel)", panel)


async def test_an_exchange_and_the_last_words_stay_unfolded(tab: Tab) -> None:
    panel = tab.locator("#panel")
    dead = {"running": False, "last_words": "Killed by signal 9"}
    await push(tab, state(bot=dead, requests=[exchange(1, "first")]))
    await panel.get_by_text("The end of its log").click()
    await panel.get_by_role("button", name="Make a video").click()
    await push(tab, state(bot=dead, requests=[exchange(1, "first"), exchange(2, "second")]))
    wire = panel.get_by_role("button", name="Make a video")
    await expect(wire).to_have_count(2)
    assert [await one.get_attribute("aria-expanded") for one in await wire.all()] == [
        "false",
        "true",
    ]
    await expect(panel.get_by_text('"said": "first"')).to_be_visible()
    await expect(panel.get_by_text("Killed by signal 9")).to_be_visible()


async def test_requests_are_listed_by_when_they_began(tab: Tab) -> None:
    # A long one ends last, and so comes last.
    later = exchange(30, "later") | {"method": "GET", "path": "/task/1"}
    await push(tab, state(requests=[later, exchange(10, "first")]))
    rows = tab.locator("#panel ol button")
    await expect(rows.first).to_contain_text("Check its progress")
    await expect(rows.last).to_contain_text("Make a video")


async def test_both_providers_have_their_books_and_their_requests(tab: Tab) -> None:
    asked = {"model": "wan25_i2v_preview", "parameters": {"duration": 10, "audio": True}}
    first = exchange(1, "first") | {"body": asked}
    made = "Make a videoVtrix · wan25_i2v_preview · 10 s · with sound"
    canceled = exchange(5, "no") | {"to": "dashscope", "path": "/api/v1/tasks/1/cancel"}
    await push(tab, state(requests=[first, canceled]))
    panel = tab.locator("#panel")
    await expect(panel.get_by_text("Vtrix: 1 video asked for, $9.80 left.")).to_be_visible()
    books = panel.get_by_text("Model Studio: 2 videos asked for, $0.25 charged.")
    await expect(books).to_be_visible()
    rows = panel.locator("ol button")
    await expect(rows).to_have_text([re.compile("Cancel a videoModel Studio"), re.compile(made)])
    await panel.get_by_role("switch", name="Model Studio lets videos wait").click()
    assert await tab.evaluate("window.sent") == [
        {"op": "switch", "name": "dashscope_waiting", "value": True}
    ]


async def test_tasks_are_shown_in_the_words_that_people_read(tab: Tab) -> None:
    task: dict[str, Any] = {"id": "abc", "prompt": "waves", "person": "Ada", "updated_at": ""}
    task |= {"model": "Wan 2.2 flash", "resolution": "480P", "seconds": 5, "sound": False}
    longer = {"model": "Wan 2.6 flash", "resolution": "720P", "seconds": 10, "sound": True}
    tasks = [
        task | {"id": "a1", "state": "submitting", "progress": None, "cost": None},
        task | {"id": "a2", "state": "running", "progress": 0.4, "cost": None},
        task | longer | {"id": "a3", "state": "unknown", "progress": None, "cost": "0.20"},
    ]
    await push(tab, state(tasks=tasks, counts={"submitting": 1, "running": 1, "unknown": 1}))
    panel = tab.locator("#panel")
    await expect(panel.get_by_text("1 sending · 1 running · 1 unclear")).to_be_visible()
    await expect(panel.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "40")
    await expect(panel.get_by_text("Ada · a3 · $0.20")).to_be_visible()
    await expect(panel.get_by_text("Wan 2.6 flash · 720P · 10 s · with sound")).to_have_count(1)
    await expect(panel.get_by_text("Wan 2.2 flash · 480P · 5 s", exact=True)).to_have_count(2)
    await expect(panel.get_by_text("A video is running now")).to_be_visible()


async def seconds(lever: Locator) -> int:
    """Return the seconds that a switch still counts down."""
    found = re.search(r": (\d+) s", await lever.inner_text())
    assert found is not None
    return int(found[1])


async def test_discords_absence_is_counted_down(tab: Tab) -> None:
    until = datetime.now(UTC) + timedelta(seconds=600)
    away = {"discord_away": True, "discord_away_until": until.isoformat()}
    await push(tab, state(switches=away))
    lever = tab.get_by_role("switch", name="Discord is away")
    await expect(lever).to_be_checked()
    shown = await seconds(lever)
    assert (until - datetime.now(UTC)).total_seconds() <= shown <= 600
    # No more updates arrive; the page counts down by itself.
    await expect(lever).not_to_contain_text(f": {shown} s")
    assert await seconds(lever) < shown
    await lever.click()
    assert await tab.evaluate("window.sent") == [
        {"op": "switch", "name": "discord_away", "value": False}
    ]


async def test_a_style_of_answers_is_chosen_from_a_list_that_stays_open(tab: Tab) -> None:
    styles = {"provider_styles": ["plain", "in an envelope"], "provider_style": "plain"}
    await push(tab, state(switches=styles))
    chooser = tab.get_by_label("How Vtrix answers")
    await expect(chooser).to_have_value("plain")
    await chooser.focus()
    await push(tab, state(switches=styles))
    await expect(chooser).to_be_focused()
    await chooser.select_option("in an envelope")
    assert await tab.evaluate("window.sent") == [
        {"op": "switch", "name": "provider_style", "value": "in an envelope"}
    ]
    await push(tab, state(switches=styles | {"provider_style": "in an envelope"}))
    await expect(chooser).to_have_value("in an envelope")


async def test_it_gives_way_to_the_messages_in_a_narrow_window(tab: Tab) -> None:
    panel = tab.locator("#panel")
    toggle = tab.get_by_role("button", name="Behind the scenes", exact=True)
    await expect(panel).to_be_visible()
    await tab.set_viewport_size({"width": 360, "height": 640})
    await expect(panel).to_be_hidden()
    await toggle.click()
    await expect(panel).to_be_visible()
    await tab.keyboard.press("Escape")
    await expect(panel).to_be_hidden()
    await expect(toggle).to_be_focused()
    await tab.set_viewport_size({"width": 1280, "height": 800})
    await expect(panel).to_be_visible()
