"""The message box in a real browser: commands and files; nothing is lost or sent twice."""

import re
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect
from playwright.async_api import Page as Tab

from tests.demo.conftest import Page

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")

_TEXT, _INTEGER, _USER, _CHANNEL, _FILE = 3, 4, 6, 7, 11

SCENE: dict[str, Any] = {
    "me": {"id": "1", "name": "Ada"},
    "channel": "7",
    "channels": [
        {"id": "7", "name": "lobby", "kind": "text"},
        {"id": "8", "name": "side talk", "kind": "thread"},
    ],
    "members": [
        {"id": "1", "name": "Ada", "display_name": "Ada", "color": "#c38bf5", "bot": False},
        {"id": "2", "name": "Grace", "display_name": "Grace", "color": None, "bot": False},
    ],
    "roles": [],
    "may": {"send": True, "attach": True, "commands": True},
    "commands": [
        {
            "name": "paint",
            "description": "Paint something",
            "options": [
                {"type": _FILE, "name": "sketch", "description": "What of", "required": True},
                {"type": _TEXT, "name": "words", "description": "How", "required": True},
                {"type": _INTEGER, "name": "coats", "description": "How many", "min_value": 1},
            ],
        },
        {
            "name": "gift",
            "description": "Gifts",
            "options": [
                {
                    "type": 1,
                    "name": "give",
                    "description": "Give one",
                    "options": [
                        {"type": _USER, "name": "to", "description": "Whom", "required": True},
                        {
                            "type": _INTEGER,
                            "name": "count",
                            "description": "How many",
                            "required": True,
                            "min_value": 1,
                            "max_value": 9,
                        },
                        {"type": _CHANNEL, "name": "where", "description": "Where"},
                        {
                            "type": _TEXT,
                            "name": "which",
                            "description": "Which",
                            "autocomplete": True,
                        },
                    ],
                },
                {"type": 1, "name": "list", "description": "All of them"},
            ],
        },
    ],
}

_MOUNT = """async (scene) => {
  const { mountComposer } = await import("/static/js/composer.js");
  const form = document.createElement("form");
  form.id = "composer";
  document.querySelector("#composer").replaceWith(form);
  window.sent = [];
  window.told = [];
  window.answer = async () => ({});
  const request = (op, fields) => {
    if (op !== "type") window.sent.push({ op, ...fields });
    return window.answer(op, fields);
  };
  const hearers = [];
  const state = { scene, replying: null };
  window.app = {
    state,
    connection: { request },
    subscribe: (fn) => hearers.push(fn),
    toast: (words) => window.told.push(words),
    reply: () => {},
  };
  window.enter = (fresh) => {
    state.scene = fresh;
    hearers.forEach((hear) => hear(new Set(["scene"])));
  };
  window.away = (away) => {
    state.panel = { switches: { discord_away: away } };
    hearers.forEach((hear) => hear(new Set(["panel"])));
  };
  mountComposer(form, window.app);
}"""


class Composer:
    """The message box, mounted with given data, and a record of what it sent."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.form = tab.locator("#composer")
        self.box = tab.get_by_role("combobox", name="Message")

    async def write(self, words: str) -> None:
        await self.tab.keyboard.type(words)

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.tab.keyboard.press(key)

    def field(self, name: str) -> Locator:
        return self.form.get_by_label(name, exact=True).and_(self.tab.locator("input, textarea"))

    @property
    async def sent(self) -> list[dict[str, Any]]:
        return list(await self.tab.evaluate("window.sent"))


@pytest_asyncio.fixture(loop_scope="session")
async def composer(page: Page, window: Tab) -> Composer:
    await window.goto(page.url)
    await window.evaluate(_MOUNT, SCENE)
    box = Composer(window)
    await box.box.click()
    return box


REFUSING = """() => {
  window.answer = async () => { throw new Error("The application did not respond") };
}"""
HOLDING = """() => {
  window.answer = () => new Promise((resolve) => { window.release = resolve });
}"""


async def test_a_subcommand_is_found_filled_in_and_sent_by_keyboard(composer: Composer) -> None:
    await composer.write("/gi")
    await expect(composer.form.get_by_role("option")).to_have_count(2)
    await composer.press("Enter")
    await expect(composer.field("to")).to_be_focused()
    await composer.write("gra")
    await expect(composer.form.get_by_role("option")).to_have_count(1)
    await composer.press("Enter", "Tab")
    await composer.write("3")
    await composer.press("Enter")
    await expect(composer.box).to_be_focused()
    assert await composer.sent == [
        {
            "op": "command",
            "channel": "7",
            "name": "gift give",
            "options": {"to": "2", "count": 3},
        }
    ]


async def test_what_is_missing_or_out_of_bounds_is_told_at_its_field(composer: Composer) -> None:
    await composer.write("/gift give ")
    await composer.field("count").fill("12")
    await composer.press("Enter")
    alert = composer.form.get_by_role("alert")
    await expect(alert.filter(has_text="This option is required")).to_be_visible()
    await expect(alert.filter(has_text="Write a number from 1 to 9")).to_be_visible()
    await composer.field("count").fill("9")
    await expect(alert.filter(has_text="Write a number")).to_have_count(0)
    await expect(alert.filter(has_text="This option is required")).to_be_visible()
    assert await composer.sent == []


async def test_enter_pressed_three_times_sends_one_command(composer: Composer) -> None:
    await composer.tab.evaluate(HOLDING)
    await composer.write("/gift list")
    await composer.press("Enter", "Enter", "Enter", "Enter")
    await composer.tab.evaluate("window.release({})")
    await expect(composer.box).to_be_focused()
    assert len(await composer.sent) == 1


async def test_the_keyboard_gets_out_of_a_command_that_was_refused(composer: Composer) -> None:
    await composer.tab.evaluate(REFUSING)
    await composer.write("/gift list")
    await composer.press("Enter", "Enter")
    await expect(composer.form.get_by_text("The application did not respond")).to_be_visible()
    await composer.press("Escape")
    await expect(composer.box).to_be_focused()


async def test_enter_pressed_twice_sends_one_message(composer: Composer) -> None:
    await composer.tab.evaluate(HOLDING)
    await composer.write("hello")
    await composer.press("Enter", "Enter")
    await composer.tab.evaluate("window.release({})")
    assert [one["content"] for one in await composer.sent] == ["hello"]


async def test_a_command_without_an_answer_is_still_there_and_comes_back(
    composer: Composer,
) -> None:
    await composer.tab.evaluate(REFUSING)
    await composer.write("/paint a calm sea")
    await expect(composer.field("words")).to_have_value("a calm sea")
    await composer.form.get_by_role("button", name="A boat at dusk").click()
    await expect(composer.form.get_by_text("boat.jpg")).to_be_visible()
    await composer.form.get_by_role("button", name="+ coats").click()
    await composer.write("2")
    await composer.press("Enter")
    await expect(composer.form.get_by_text("The application did not respond")).to_be_visible()
    await composer.press("Escape")
    await expect(composer.box).to_be_focused()
    await composer.press("ArrowUp")
    await expect(composer.field("words")).to_have_value("a calm sea")
    await expect(composer.field("coats")).to_have_value("2")
    await expect(composer.form.get_by_text("boat.jpg")).to_be_visible()


async def test_a_message_that_is_not_taken_is_in_the_box_again(composer: Composer) -> None:
    await composer.tab.evaluate(REFUSING)
    await composer.write("long thoughts")
    await composer.press("Enter")
    await expect(composer.box).to_have_value("long thoughts")
    assert await composer.tab.evaluate("window.told") == ["The application did not respond"]


@pytest.mark.parametrize("words", ["/pant", "/gift/list"])
async def test_a_command_that_is_not_there_is_not_sent_as_a_message(
    words: str, composer: Composer
) -> None:
    await composer.write(words)
    await composer.press("Enter")
    await expect(composer.form.get_by_text("No such command here").first).to_be_visible()
    await expect(composer.box).to_have_value(words)
    assert await composer.sent == []
    await composer.box.fill(f" {words}")
    await composer.press("Enter")
    assert [one["content"] for one in await composer.sent] == [words]


async def test_where_there_are_no_commands_a_slash_says_so(composer: Composer) -> None:
    await composer.tab.evaluate("(scene) => window.enter(scene)", SCENE | {"commands": []})
    await composer.write("/")
    await expect(composer.form.get_by_text("I offer no commands").first).to_be_visible()


async def test_an_error_that_is_over_goes_and_any_other_stays(composer: Composer) -> None:
    await composer.tab.evaluate(REFUSING)
    error = composer.form.get_by_text("The application did not respond")
    await composer.write("/gift list")
    await composer.press("Enter")
    for is_away in (True, False):
        await composer.tab.evaluate("(away) => window.away(away)", is_away)
        await composer.press("Enter")
        await expect(error).to_be_visible()
        await composer.tab.evaluate("() => window.away(false)")
        await expect(error).to_have_count(0 if is_away else 1)


async def test_a_refused_file_is_told_once(composer: Composer) -> None:
    await composer.tab.route(
        "**/uploads?*", lambda route: route.fulfill(status=413, json={"error": "It is too large."})
    )
    await composer.write("/paint ")
    await composer.form.locator("input[type=file]").first.set_input_files(
        {"name": "huge.png", "mimeType": "image/png", "buffer": b"huge"}
    )
    told = composer.form.get_by_text("It is too large.")
    await expect(told).to_have_count(1)
    await composer.field("words").fill("calm")
    await composer.press("Enter")
    await expect(told).to_have_count(1)


async def test_an_option_is_described_in_full_and_its_choices_cover_no_other(
    composer: Composer,
) -> None:
    await composer.write("/gift give ")
    await expect(composer.form.get_by_text("to: Whom")).to_be_visible()
    await expect(composer.form.get_by_role("option")).to_have_count(2)
    choices = await composer.form.locator(".combobox-rows").first.bounding_box()
    form = await composer.form.locator(".command-form").bounding_box()
    assert choices is not None
    assert form is not None
    assert choices["y"] + choices["height"] <= form["y"]
    await composer.field("count").click()
    await expect(composer.form.get_by_text("count: How many")).to_be_visible()


async def test_all_samples_are_seen_on_a_phone(composer: Composer) -> None:
    await composer.tab.set_viewport_size({"width": 360, "height": 800})
    await composer.write("/paint ")
    samples = composer.form.locator(".sample")
    await expect(samples).to_have_count(6)
    for one in await samples.all():
        box = await one.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 360


async def test_a_list_that_is_open_follows_what_is_offered(composer: Composer) -> None:
    await composer.write("/gi")
    await composer.press("ArrowDown")
    gift = SCENE["commands"][1]
    give, everything = gift["options"]
    translated = {**gift, "options": [give, {**everything, "description": "Alle"}]}
    await composer.tab.evaluate(
        "(scene) => window.enter(scene)", {**SCENE, "commands": [translated]}
    )
    chosen = composer.form.get_by_role("option", selected=True)
    await expect(chosen).to_have_text(re.compile("/gift list.*Alle"))
    # A list that was closed stays closed.
    await composer.press("Escape")
    await composer.tab.evaluate("(scene) => window.enter(scene)", SCENE)
    await expect(composer.form.get_by_role("option")).to_have_count(0)


async def test_words_typed_while_the_picture_is_to_be_chosen_are_the_text(
    composer: Composer,
) -> None:
    await composer.write("/pai")
    await composer.press("Enter")
    await expect(composer.form.get_by_role("button", name="A boat at dusk")).to_be_focused()
    await composer.write("waves roll")
    await expect(composer.field("words")).to_have_value("waves roll")


async def test_options_that_are_typed_with_their_names_fill_their_fields(
    composer: Composer,
) -> None:
    # Pasted in one go.
    await composer.box.fill("/gift give to: Grace count: 3")
    await expect(composer.field("count")).to_have_value("3")
    await composer.form.get_by_role("button", name="Send").click()
    await expect(composer.box).to_be_focused()
    assert (await composer.sent)[0]["options"] == {"to": "2", "count": 3}
    # Typed letter by letter: a word that is not the name of an option is plain text.
    await composer.write("/paint words: at 12:30 a calm sea coats: 2")
    await expect(composer.field("words")).to_have_value("at 12:30 a calm sea")
    await expect(composer.field("coats")).to_have_value("2")
    # Backspace turns the name back into text.
    await composer.press("Backspace", "Backspace")
    await expect(composer.field("coats")).to_have_count(0)
    await composer.write(" of paint")
    await expect(composer.field("words")).to_have_value("at 12:30 a calm sea coats: of paint")


async def test_suggestions_are_asked_for_and_their_refusal_is_shown(composer: Composer) -> None:
    await composer.tab.evaluate(
        """() => {
          window.answer = async (op, { typed }) => {
            if (typed === "zz") throw new Error("Nobody answers");
            return { choices: [{ name: "The red one", value: "red" }] };
          };
        }"""
    )
    await composer.write("/gift give ")
    await composer.form.get_by_role("button", name="+ which").click()
    await composer.write("zz")
    await expect(composer.form.get_by_text("Nobody answers")).to_be_visible()
    await composer.press("Backspace")
    await composer.form.get_by_role("option", name="The red one").click()
    await expect(composer.field("which")).to_have_value("The red one")
    asked = [one for one in await composer.sent if one["op"] == "complete"][-1]
    assert (asked["name"], asked["option"], asked["typed"]) == ("gift give", "which", "z")


async def test_tab_passes_by_an_option_and_backspace_removes_it(composer: Composer) -> None:
    await composer.write("/gift give ")
    await composer.form.get_by_role("button", name="+ where").click()
    await expect(composer.form.get_by_role("option")).to_have_count(2)
    await composer.press("Tab")
    await expect(composer.field("where")).to_have_value("")
    await composer.field("where").click()
    await composer.press("Backspace")
    await expect(composer.field("where")).to_have_count(0)
    await expect(composer.field("count")).to_be_focused()


async def test_a_list_is_whole_on_a_small_screen(composer: Composer) -> None:
    await composer.tab.set_viewport_size({"width": 320, "height": 420})
    await composer.write("/gift give ")
    options = composer.form.get_by_role("option")
    await expect(options).to_have_count(2)
    await options.last.click()
    await expect(composer.field("to")).to_have_value("Grace")


async def test_pasted_and_chosen_files_go_with_the_message(composer: Composer) -> None:
    await composer.tab.evaluate(
        """() => {
          const held = new DataTransfer();
          held.items.add(new File(["drawn"], "pasted.txt", { type: "text/plain" }));
          const paste = new ClipboardEvent("paste", { clipboardData: held, bubbles: true });
          document.querySelector("#message-box").dispatchEvent(paste);
        }"""
    )
    await expect(composer.form.get_by_text("pasted.txt")).to_have_count(1)
    await composer.form.locator("input[type=file]").set_input_files(
        {"name": "second.txt", "mimeType": "text/plain", "buffer": b"written"}
    )
    await expect(composer.form.get_by_text("second.txt")).to_be_visible()
    await composer.form.get_by_role("button", name="Remove pasted.txt").click()
    await composer.write("look")
    await composer.press("Enter")
    (alert,) = await composer.sent
    assert (alert["content"], len(alert["uploads"])) == ("look", 1)
    await expect(composer.form.get_by_text("second.txt")).to_have_count(0)


async def test_where_one_may_not_write_the_box_says_so(composer: Composer) -> None:
    await composer.write("/paint by hand")
    closed = {**SCENE, "commands": [], "may": {"send": False, "commands": False}}
    await composer.tab.evaluate("(scene) => window.enter(scene)", closed)
    await expect(composer.box).to_be_disabled()
    await expect(composer.box).to_have_attribute("placeholder", "You can't write in this channel")
    await composer.tab.evaluate("(scene) => window.enter(scene)", SCENE)
    await composer.box.click()
    await composer.press("ArrowUp")
    await expect(composer.field("words")).to_have_value("by hand")
