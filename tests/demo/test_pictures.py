"""The script that photographs the demo for the README still finds its way through the page."""

import io

import pytest
from PIL import Image, ImageChops
from playwright.async_api import Browser

from docs.demo_pictures import LOOP_WINDOW, WINDOW, Loop, photograph, record
from sandbox.demo import Demo
from sandbox.samples import scene
from sandbox.video import render

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_loop_goes_from_an_empty_channel_to_a_video_that_plays(
    browser: Browser, demo: Demo
) -> None:
    # The fixture's video has only one color, so nothing would be seen to move.
    still = io.BytesIO()
    scene((640, 360)).save(still, "PNG")
    demo.provider.video = render(still.getvalue(), seed=1, resolution="480P")
    loop = await record(browser, demo, frames_a_second=0.4)
    first, *_, before, last = loop.frames
    assert first.size == tuple(LOOP_WINDOW.values())
    # The last two frames differ only in the video, which is above the message box with its cursor.
    messages = (0, 0, first.width, first.height - 120)
    moved = ImageChops.difference(before.crop(messages), last.crop(messages)).getbbox()
    assert moved is not None
    assert moved[3] - moved[1] < first.height / 2
    assert loop.durations[-1] > loop.durations[-2]
    # Encode only two frames, as encoding is slow.
    end = Loop(loop.frames[-2:], loop.durations[-2:])
    with Image.open(io.BytesIO(end.encoded())) as animated:
        assert (animated.format, getattr(animated, "n_frames", 1)) == ("WEBP", 2)
    picture = Image.open(io.BytesIO(await photograph(browser, demo)))
    assert picture.size == tuple(WINDOW.values())
