import io
from array import array
from itertools import pairwise

import av
import pytest
from PIL import Image, ImageChops, ImageStat

from sandbox import samples
from sandbox.video import FPS, SECONDS, Move, render, size_for
from tests.factories import make_picture

PICTURE = make_picture("PNG", (640, 480))


def pictures(video: bytes, *numbers: int) -> list[Image.Image]:
    with av.open(io.BytesIO(video), "r") as container:
        frames: list[Image.Image] = [
            frame.to_image()  # type: ignore[no-untyped-call]
            for frame in container.decode(video=0)
        ]
    return [frames[number] for number in numbers]


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the mean difference over all pixels and channels, 0 to 255."""
    means = ImageStat.Stat(ImageChops.difference(one, other)).mean
    return sum(means) / len(means)


@pytest.fixture(scope="module")
def video() -> bytes:
    return render(PICTURE, seed=7, resolution="480P")


def test_a_browser_plays_it(video: bytes) -> None:
    with av.open(io.BytesIO(video), "r") as container:
        stream = container.streams.video[0]
        assert container.duration == SECONDS * 1_000_000
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.width, stream.height) == size_for(640, 480, "480P")
        assert sum(1 for _ in container.decode(stream)) == SECONDS * FPS


def test_a_video_has_the_length_and_the_sound_that_it_should_have(video: bytes) -> None:
    longer = render(PICTURE, seed=7, resolution="480P", seconds=7, sound=True)
    with av.open(io.BytesIO(longer), "r") as container:
        assert container.duration == 7_000_000
        (sound,) = container.streams.audio
        assert sound.codec_context.name == "aac"
        assert sum(1 for _ in container.decode(video=0)) == 7 * FPS
    with av.open(io.BytesIO(longer), "r") as container:
        heard = b"".join(bytes(frame.planes[0]) for frame in container.decode(audio=0))
        assert len(set(array("f", heard))) > 1000
    with av.open(io.BytesIO(video), "r") as container:
        assert not container.streams.audio


def test_the_index_comes_first(video: bytes) -> None:
    assert video[4:8] == b"ftyp"
    assert video.index(b"moov") < video.index(b"mdat")


@pytest.mark.parametrize("resolution", ["480P", "720P", "1080P"])
@pytest.mark.parametrize("shape", [(1280, 720), (360, 2000), (2000, 360), (361, 367)])
def test_a_tier_keeps_its_pixels_and_the_shape(resolution: str, shape: tuple[int, int]) -> None:
    width, height = size_for(*shape, resolution)
    wanted = {"480P": 832 * 480, "720P": 1280 * 720, "1080P": 1920 * 1080}[resolution]
    assert width % 2 == height % 2 == 0
    assert width * height == pytest.approx(wanted, rel=0.04)
    assert width / height == pytest.approx(shape[0] / shape[1], rel=0.04)


def test_the_same_again_is_the_same_video(video: bytes) -> None:
    assert render(PICTURE, seed=7, resolution="480P") == video


def test_another_seed_is_another_move(video: bytes) -> None:
    other = render(PICTURE, seed=8, resolution="480P")
    first, last = pictures(video, 0, -1)
    other_first, other_last = pictures(other, 0, -1)
    assert difference(first, other_first) < 1
    assert difference(last, other_last) > 4


def test_the_video_opens_on_the_whole_picture_in_its_own_colors(video: bytes) -> None:
    whole = Image.open(io.BytesIO(PICTURE)).resize(size_for(640, 480, "480P"))
    first, last = pictures(video, 0, -1)
    assert difference(first, whole) < 4
    assert difference(first, last) > 10


def test_the_move_is_slow(video: bytes) -> None:
    shown = pictures(video, *range(SECONDS * FPS))
    steps = [difference(one, next_) for one, next_ in pairwise(shown)]
    assert 0 < max(steps) < 2


@pytest.mark.parametrize("seed", [*range(200), 2_147_483_647])
def test_the_camera_never_leaves_the_picture(seed: int) -> None:
    move = Move.of(seed)
    for step in range(11):
        left, top, right, bottom = move.box(step / 10, 640, 480)
        assert 0 <= left < right <= 640
        assert 0 <= top < bottom <= 480


def test_the_watermark_is_in_the_lower_right_corner(video: bytes) -> None:
    marked = render(PICTURE, seed=7, resolution="480P", watermark=True)
    (plain,), (shown,) = pictures(video, 60), pictures(marked, 60)
    width, height = plain.size
    corner = (width * 3 // 5, height * 7 // 8, width, height)
    rest = (0, 0, width, height * 3 // 4)
    assert difference(plain.crop(corner), shown.crop(corner)) > 5
    assert difference(plain.crop(rest), shown.crop(rest)) < 1


def test_a_transparent_picture_is_shown_on_white() -> None:
    (first,) = pictures(render(samples.transparent(), seed=1, resolution="480P"), 0)
    corner = first.getpixel((4, 4))
    assert isinstance(corner, tuple)
    assert min(corner) > 245


def test_a_file_that_is_no_picture_is_refused() -> None:
    with pytest.raises(OSError, match="cannot identify"):
        render(b"words", seed=1, resolution="480P")
