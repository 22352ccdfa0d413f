"""A labeled video plays in Chromium as it did before."""

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page as Window

from bot.video.labeler import VideoLabel, write_label
from tests.video import clips

pytestmark = pytest.mark.asyncio(loop_scope="session")

LABEL = VideoLabel(model="wan22_i2v_flash", made_at=datetime(2026, 11, 28, 12, 30, tzinfo=UTC))
FORMS = {
    "index first": lambda video: video,
    "index last": clips.index_last,
    "fragmented": clips.fragmented,
    "sizes of eight bytes": clips.large_sizes,
    "last box of size 0": clips.open_ended,
}
# Where it was when it ended, its size, and what it shows in the middle.
PLAYED = """async address => {
  const video = document.createElement('video');
  video.muted = true;
  video.playbackRate = 16;
  video.src = address;
  const ended = new Promise((resolve, reject) => {
    video.onended = resolve;
    video.onerror = () => reject(video.error.message);
  });
  await video.play();
  await ended;
  const end = [video.currentTime, video.videoWidth, video.videoHeight];
  const seeked = new Promise(resolve => { video.onseeked = resolve; });
  video.currentTime = 0.25;
  await seeked;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext('2d').drawImage(video, 0, 0);
  return [...end, canvas.toDataURL()];
}"""


@pytest.mark.parametrize("form", FORMS)
async def test_a_labeled_video_plays_and_shows_the_same(
    form: str, window: Window, some_video: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "video.mp4"
    path.write_bytes(FORMS[form](some_video))
    before = await played(window, path.read_bytes())
    write_label(path, LABEL)
    assert await played(window, path.read_bytes()) == before
    assert before[0] >= 5  # seconds


async def played(window: Window, video: bytes) -> list[Any]:
    """What comes of playing a video to its end."""
    content = base64.b64encode(video).decode()
    return list(await window.evaluate(PLAYED, f"data:video/mp4;base64,{content}"))
