"""Parts of the page in a real browser, one at a time: Markdown, in-place updates, forms."""

from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import FilePayload, expect
from playwright.async_api import Page as Tab

from tests.demo.browsers import chromium
from tests.demo.conftest import Page
from tests.demo.page_client import tab
from tests.requirements import need_font

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def browser_tab(page: Page, window: Tab) -> Tab:
    """A tab at the page's address, in which its modules can be imported."""
    await window.goto(page.url)
    return window


_SHOWN = """async (text) => {
  const { markdown } = await import("/static/js/markdown.js");
  const scene = { me: { id: "1" }, members: [{ id: "1", name: "ada", display_name: "Ada" }],
    channels: [{ id: "2", name: "general" }], roles: [] };
  const box = document.createElement("div");
  box.append(...markdown(text, { state: { scene } }));
  return box.innerHTML;
}"""


_WRITTEN = {
    "**a *b* c**": '<div class="text"><strong>a <em>b</em> c</strong></div>',
    "snake_case_words": '<div class="text">snake_case_words</div>',
    r"\*as it is\* \_too\_": '<div class="text">*as it is* _too_</div>',
    "`a **b**`": '<div class="text"><code>a **b**</code></div>',
    "> so\n> it is": '<blockquote><div class="text">so\nit is</div></blockquote>',
    "-# small": '<div class="small">small</div>',
    "<@1>": '<div class="text"><span class="mention own" data-user="1">@Ada</span></div>',
    "```\n<b>\n```": "<pre><code>&lt;b&gt;</code></pre>",
}


async def test_discords_markdown_is_shown_as_discord_shows_it(browser_tab: Tab) -> None:
    shown = {text: await browser_tab.evaluate(_SHOWN, text) for text in _WRITTEN}
    assert shown == _WRITTEN


async def test_what_people_write_never_becomes_html_or_a_script(browser_tab: Tab) -> None:
    hostile = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) <script>alert(1)</script>"
    shown = await browser_tab.evaluate(_SHOWN, hostile)
    assert "<img" not in shown
    assert "<script" not in shown
    assert "href" not in shown
    assert "javascript:alert(1)" in shown  # as text


_CHANGED = """async () => {
  const { h, morph } = await import("/static/js/dom.js");
  const pressed = [];
  const made = (keep, words, name) => h("div", {}, words.map((one) => h("p", {}, one)),
    h("div", { dataset: { keep } }, h("video")),
    h("button", { onclick: () => pressed.push(name) }, name));
  const old = made("a.mp4", ["one"], "first");
  document.body.append(old);
  const [video, button] = [old.querySelector("video"), old.querySelector("button")];
  button.focus();
  morph(old, made("a.mp4", ["one", "two"], "second"));
  button.click();
  const kept = [old.querySelector("video") === video, document.activeElement === button];
  const words = old.innerText.split("\\n").filter(Boolean);
  morph(old, made("b.mp4", ["one"], "third"));
  return { kept, words, pressed, replaced: old.querySelector("video") !== video };
}"""


async def test_an_edit_leaves_the_video_and_the_focus_where_they_are(browser_tab: Tab) -> None:
    found = await browser_tab.evaluate(_CHANGED)
    assert found["kept"] == [True, True]
    assert found["words"] == ["one", "two", "second"]
    assert found["pressed"] == ["second"]  # by the newest handler, and only by that
    assert found["replaced"]


_OPENED = """async (modal) => {
  const { mountModals } = await import("/static/js/modal.js");
  const hearers = {};
  window.sent = [];
  const connection = {
    on: (op, hear) => (hearers[op] = hear),
    request: (op, fields) => {
      window.sent.push([op, fields]);
      return window.refuse ? Promise.reject(new Error(window.refuse)) : Promise.resolve({});
    },
  };
  mountModals({ connection, state: { scene: null } });
  hearers.modal({ interaction: "7", modal });
}"""

_FORM: dict[str, Any] = {
    "custom_id": "form",
    "title": "Change it",
    "components": [
        {
            "type": 18,
            "label": "What should happen?",
            "component": {"type": 4, "style": 2, "custom_id": "prompt", "max_length": 20},
        },
        {
            "type": 18,
            "label": "Resolution",
            "component": {
                "type": 3,
                "custom_id": "resolution",
                "options": [
                    {"label": "480P", "value": "480P"},
                    {"label": "720P", "value": "720P", "default": True},
                ],
            },
        },
    ],
}


async def test_a_form_by_keyboard_says_what_is_missing_and_sends_what_was_written(
    browser_tab: Tab,
) -> None:
    await browser_tab.evaluate(_OPENED, _FORM)
    dialog = browser_tab.get_by_role("dialog", name="Change it")
    await dialog.get_by_role("button", name="Submit").press("Enter")
    assert "This field is required." in await dialog.inner_text()
    assert await browser_tab.evaluate("sent") == []

    # the focus is on the field with the missing value
    await browser_tab.keyboard.type("A storm comes")
    assert "13 / 20" in await dialog.inner_text()
    await dialog.get_by_role("button", name="Resolution").press("Enter")
    await browser_tab.keyboard.press("ArrowUp")
    await browser_tab.keyboard.press("Enter")
    await dialog.get_by_role("button", name="Submit").press("Enter")
    await dialog.wait_for(state="detached")
    fields = {"prompt": "A storm comes", "resolution": ["480P"]}
    assert await browser_tab.evaluate("sent") == [
        ["submit", {"interaction": "7", "fields": fields}]
    ]


async def test_a_form_that_is_refused_keeps_what_was_written_and_escape_closes_it(
    browser_tab: Tab,
) -> None:
    await browser_tab.evaluate(_OPENED, _FORM)
    await browser_tab.evaluate("window.refuse = 'The application did not respond.'")
    dialog = browser_tab.get_by_role("dialog", name="Change it")
    await browser_tab.keyboard.type("A storm")
    await dialog.get_by_role("button", name="Submit").click()
    await dialog.get_by_role("alert").get_by_text("The application did not respond.").wait_for()
    assert await dialog.get_by_role("textbox").first.input_value() == "A storm"

    await browser_tab.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
    assert (await browser_tab.evaluate("sent"))[-1] == ["cancel_modal", {"interaction": "7"}]


_CHOICES = [{"label": "Small", "value": "s"}, {"label": "Large", "value": "l", "default": True}]
_TICKED: dict[str, Any] = {
    "custom_id": "form",
    "title": "Choose",
    "components": [
        {"type": 18, "label": label, "component": {"custom_id": name} | more}
        for label, name, more in (
            ("Size", "size", {"type": 21, "options": _CHOICES}),
            ("Days", "days", {"type": 22, "options": _CHOICES, "min_values": 2}),
            ("Sure", "sure", {"type": 23}),
            ("Mood", "mood", {"type": 3, "options": _CHOICES, "required": False}),
            ("Files", "files", {"type": 19, "max_values": 2, "file_types": ["image", ".txt"]}),
        )
    ],
}


async def test_a_form_is_ticked_and_takes_files(browser_tab: Tab, page: Page) -> None:
    await browser_tab.evaluate(_OPENED, _TICKED)
    dialog = browser_tab.get_by_role("dialog", name="Choose")
    submit = dialog.get_by_role("button", name="Submit")
    await dialog.get_by_role("radio", name="Small").check()
    await dialog.get_by_role("checkbox", name="Sure").check()
    await submit.click()
    assert "Choose at least 2." in await dialog.inner_text()
    days = dialog.get_by_role("group", name="Days")
    await days.get_by_role("checkbox", name="Small").check()
    await submit.click()
    assert await dialog.get_by_text("Choose one.").count() == 1, "a file is missing"
    await dialog.get_by_role("button", name="Mood").click()
    await browser_tab.get_by_role("option", name="Large").click()
    chooser = dialog.locator("input[type=file]")
    assert await chooser.get_attribute("accept") == "image/*,.txt"
    for name in ("a.txt", "b.txt"):
        file = FilePayload(name=name, mimeType="text/plain", buffer=name.encode())
        await chooser.set_input_files([file])
        await dialog.get_by_text(name).wait_for()
    await expect(dialog.get_by_role("button", name="Choose a file")).to_have_count(0)
    await submit.click()
    await dialog.wait_for(state="detached")
    [[_, sent]] = await browser_tab.evaluate("sent")
    files = sent["fields"].pop("files")
    assert sent["fields"] == {"size": "s", "days": ["s", "l"], "sure": True, "mood": []}
    assert len({one["upload"] for one in files}) == 2


async def test_an_open_menu_follows_what_is_changed_elsewhere(browser_tab: Tab, page: Page) -> None:
    command = {"name": "wave", "description": "Say hello", "type": 1}
    words = {"description_localizations": {"zh-CN": "打招呼"}}
    page.discord.commands.put_all(None, [command | words])
    await browser_tab.get_by_role("button", name="Switch user").click()
    chinese = browser_tab.get_by_role("menuitemradio", name="中文")
    await expect(chinese).to_have_attribute("aria-checked", "false")
    async with tab(page.url) as elsewhere:
        await elsewhere.ask("language", locale="zh-CN")
    await expect(chinese).to_have_attribute("aria-checked", "true")


_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>"""
# Text that people read, in each kind of element; the emoji of buttons are drawn.
_TEXTS = """() => {
  const box = document.createElement("div");
  box.id = "texts";
  for (const name of ["p", "b", "button", "code", "textarea", "small", "time", "a"]) {
    const part = document.createElement(name);
    part.textContent = "# 1234567890 * and $0.20";
    box.append(part);
  }
  document.body.append(box);
}"""


async def test_digits_and_spaces_are_no_emoji_where_few_fonts_are_installed(
    page: Page, tmp_path: Path
) -> None:
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    for font in ("DejaVuSans.ttf", "DejaVuSansMono.ttf", "NotoColorEmoji.ttf"):
        (fonts / font).symlink_to(need_font(font))
    config = tmp_path / "fonts.conf"
    config.write_text(_FONTS.format(fonts=fonts, cache=tmp_path / "cache"))
    async with chromium(FONTCONFIG_FILE=str(config)) as browser:
        opened = await browser.new_page()
        await opened.goto(page.url)
        await opened.evaluate(_TEXTS)
        devtools = await opened.context.new_cdp_session(opened)
        for command in ("DOM.enable", "CSS.enable"):
            await devtools.send(command)
        root = (await devtools.send("DOM.getDocument"))["root"]["nodeId"]
        wanted = {"nodeId": root, "selector": "#texts"}
        texts = (await devtools.send("DOM.querySelector", wanted))["nodeId"]
        used = await devtools.send("CSS.getPlatformFontsForNode", {"nodeId": texts})
        assert {font["familyName"] for font in used["fonts"]} == {"DejaVu Sans", "DejaVu Sans Mono"}
