"""Makes the README's picture and loop from the running demo: `make pictures`.

A browser uses the demo as a person does, with the real bot behind it, and is photographed at each
step. Waiting is cut out of the loop: each step is shown for as long as it takes to read, and the
video is sampled at even distances, so that the speed of the machine changes neither. Needs
Chromium, and the fonts that `.ci/run` installs.
"""

import asyncio
import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Locator, async_playwright
from playwright.async_api import Page as Window

from sandbox.demo import Demo, open_demo
from tests.requirements import BROWSERS

FOLDER = Path(__file__).parent
PICTURE = FOLDER / "demo.png"
LOOP = FOLDER / "demo.webp"
MOST_BYTES = 3_000_000
"""Of the loop: more is slow on a telephone."""

PROMPT = "The boat drifts slowly towards the sun, gentle waves"
WINDOW = {"width": 1280, "height": 860}
LOOP_WINDOW = {"width": 800, "height": 740}
"""Narrow enough that the list of channels makes room for the messages."""
# Milliseconds that a step is shown.
KEY, READ, LONG_READ, LAST = 70, 600, 900, 1200
KEYS_AT_ONCE = 4
FRAMES_A_SECOND = 8
QUALITY = 85
LOOK_EVERY_SECONDS = 0.1
PATIENCE_MS = 90_000


@dataclass
class Loop:
    """The steps of an animated picture."""

    frames: list[Image.Image] = field(default_factory=list)
    durations: list[int] = field(default_factory=list)

    async def add(self, window: Window, milliseconds: int) -> None:
        """Show what the window shows now for so long."""
        png = await window.screenshot(caret="initial", animations="disabled")
        self.frames.append(Image.open(io.BytesIO(png)).convert("RGB"))
        self.durations.append(milliseconds)

    def encoded(self) -> bytes:
        """The animated WEBP; it repeats forever."""
        out = io.BytesIO()
        first, *rest = self.frames
        # Flat areas are stored without loss, or what was there before would shine through them.
        options = {"quality": QUALITY, "method": 6, "allow_mixed": True, "loop": 0}
        first.save(
            out, "WEBP", save_all=True, append_images=rest, duration=self.durations, **options
        )
        return out.getvalue()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The machine's browser."""
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        sys.exit(f"none of these is installed: {', '.join(BROWSERS)}")
    # Chromium's own sandbox does not start for root.
    args = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=args)
        try:
            yield browser
        finally:
            await browser.close()


async def enter(browser: Browser, demo: Demo, size: dict[str, int]) -> Window:
    """A new window on the demo, for Ada."""
    window = await browser.new_page(viewport={"width": size["width"], "height": size["height"]})
    window.set_default_timeout(PATIENCE_MS)
    await window.goto(f"{demo.url}?as=Ada")
    await window.get_by_role("heading", name="Welcome to #general!").wait_for()
    await window.wait_for_function("() => [...document.images].every((one) => one.complete)")
    return window


async def record(browser: Browser, demo: Demo, frames_a_second: float = FRAMES_A_SECOND) -> Loop:
    """From an empty channel to the video that plays."""
    window = await enter(browser, demo, LOOP_WINDOW)
    loop = Loop()
    await loop.add(window, READ)
    await type_command(window, loop)
    await window.keyboard.press("Enter")
    await follow(window, loop)
    await play(window, loop, frames_a_second)
    await window.close()
    return loop


async def type_command(window: Window, loop: Loop) -> None:
    """Type `/animate` with the sample picture and a prompt."""
    await window.locator("#composer").get_by_role("combobox").focus()
    for key in "/ani":
        await window.keyboard.type(key)
        await loop.add(window, 3 * KEY)
    await loop.add(window, READ)
    await window.keyboard.press("Enter")
    sample = window.locator("#composer").get_by_role("button", name="A boat at dusk")
    await sample.wait_for()
    await loop.add(window, LONG_READ)
    await sample.press("Enter")
    prompt = window.locator("#composer").get_by_role("textbox", name="prompt")
    await prompt.wait_for()
    await loop.add(window, READ)
    for start in range(0, len(PROMPT), KEYS_AT_ONCE):
        await window.keyboard.type(PROMPT[start : start + KEYS_AT_ONCE])
        await loop.add(window, KEY)
    await loop.add(window, READ)


async def follow(window: Window, loop: Loop) -> None:
    """Photograph the card each time it says something else, until the video is there.

    Raises:
        TimeoutError: there is no video, for instance because the bot refused.
    """
    shown = ""
    video = window.locator("video")
    messages = window.get_by_role("log").locator("article")
    await messages.first.wait_for()
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while not await video.count():
            # How long ago it started changes every second; those steps are waiting.
            words = re.sub(r"Started .*", "", await messages.last.inner_text())
            if words != shown:
                shown = words
                await loop.add(window, LONG_READ)
            await asyncio.sleep(LOOK_EVERY_SECONDS)


async def play(window: Window, loop: Loop, frames_a_second: float) -> None:
    """Photograph the video, at even distances."""
    video = await loaded(window)
    # The bot adds two, one after the other.
    await window.locator(".reaction:not(.add)").nth(1).wait_for()
    length = float(await video.evaluate("(video) => video.duration"))
    frames = round(length * frames_a_second)
    for number in range(frames):
        await seek(video, (number + 0.5) * length / frames)
        await loop.add(window, round(1000 / frames_a_second))
    loop.durations[-1] += LAST


async def loaded(window: Window) -> Locator:
    """The newest video, once it has been read, as it looks while it plays: without controls."""
    await window.wait_for_function(
        "() => [...document.querySelectorAll('video')].at(-1)?.readyState >= 2"
    )
    video = window.locator("video").last
    await video.evaluate("(video) => { video.controls = false; }")
    return video


async def seek(video: Locator, seconds: float) -> None:
    """Show the video's frame at a time."""
    await video.evaluate(
        """async (video, seconds) => {
          const shown = new Promise((done) => video.requestVideoFrameCallback(done));
          video.currentTime = seconds;
          await shown;
        }""",
        seconds,
    )


async def photograph(browser: Browser, demo: Demo) -> bytes:
    """The channel with a video in it, and what happens behind the scenes beside it."""
    window = await enter(browser, demo, WINDOW)
    await seek(await loaded(window), 1.0)
    png = await window.screenshot(animations="disabled")
    await window.close()
    return png


async def main() -> None:
    """Write both files."""
    with tempfile.TemporaryDirectory(prefix="flipbook-pictures-") as folder:
        async with open_demo(folder=Path(folder), port=0) as demo, chromium() as browser:
            loop = (await record(browser, demo)).encoded()
            picture = await photograph(browser, demo)
    if len(loop) > MOST_BYTES:
        sys.exit(f"the loop has {len(loop)} bytes, and at most {MOST_BYTES} are wanted")
    LOOP.write_bytes(loop)
    PICTURE.write_bytes(picture)


if __name__ == "__main__":
    asyncio.run(main())
