"""The demo's page in a real Chromium; every test fails on errors in the page."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, ConsoleMessage, Locator, async_playwright, expect
from playwright.async_api import Page as Window

from sandbox.demo import Demo
from tests.flows.harness import PATIENCE
from tests.requirements import BROWSERS, need_program

PATIENCE_MS = PATIENCE * 1000
"""The timeout of everything that waits for a browser."""

expect.set_options(timeout=PATIENCE_MS)


@asynccontextmanager
async def chromium(*more: str, **environment: str) -> AsyncIterator[Browser]:
    """Start a browser with additional arguments; skips the test if there is none."""
    program = need_program(*BROWSERS)
    # Chromium's own sandbox does not start as root.
    args = [*more, "--no-sandbox"] if os.geteuid() == 0 else [*more]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(program), args=args, env={**os.environ, **environment}
        )
        try:
            yield browser
        finally:
            await browser.close()


class DemoWindow:
    """A browser window with the demo, and lookups of what people see in it."""

    def __init__(self, window: Window) -> None:
        self.page = window
        self.wrong: list[str] = []
        window.on("pageerror", lambda error: self.wrong.append(str(error)))
        window.on("console", self._on_console)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.wrong.append(message.text)

    @property
    def messages(self) -> Locator:
        return self.page.get_by_role("log").locator("article")

    @property
    def composer(self) -> Locator:
        return self.page.locator("#composer")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("complementary")

    async def video(self) -> Locator:
        """Wait for the newest video until the browser can play it."""
        found = self.messages.last.locator("video")
        await found.wait_for()
        await self.page.wait_for_function(
            "() => [...document.querySelectorAll('video')].at(-1)?.readyState >= 1"
        )
        return found

    async def is_as_wide_as_the_window(self) -> bool:
        """Return whether the page fits the window without horizontal scrolling."""
        return bool(
            await self.page.evaluate(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            )
        )


@asynccontextmanager
async def open_window(
    browser: Browser, demo: Demo, person: str = "Ada", *, width: int = 1280, height: int = 800
) -> AsyncIterator[DemoWindow]:
    """Open a window on the demo as some person, and check at the end that no errors occurred."""
    context = await browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(PATIENCE_MS)
    window = DemoWindow(await context.new_page())
    await window.page.goto(f"{demo.url}?as={person}")
    await window.page.get_by_role("heading", name="Welcome to #general!").wait_for()
    yield window
    await context.close()
    assert window.wrong == []


async def use(window: DemoWindow, command: str, user: str | None = None, **options: str) -> None:
    """Type a command into the box, fill in its fields, and send it."""
    # A space after the name opens its fields.
    await window.page.get_by_role("combobox", name="Message").press_sequentially(f"/{command} ")
    if user is not None:
        await (await _field(window, "user")).press_sequentially(user)
        await window.composer.get_by_role("option", name=user).click()
    for name, value in options.items():
        await (await _field(window, name)).fill(value)
    await window.composer.get_by_role("button", name="Send").click()


async def _field(window: DemoWindow, name: str) -> Locator:
    """Return an option's field; adds the option first if it is optional."""
    await expect(window.composer.get_by_role("heading", level=2)).to_be_visible()
    chip = window.composer.get_by_role("button", name=f"+ {name}", exact=True)
    if await chip.count():
        await chip.click()
    inputs = window.page.locator("input, textarea")
    return window.composer.get_by_label(name, exact=True).and_(inputs)
