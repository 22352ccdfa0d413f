import io

import pytest
from PIL import Image

from sandbox import samples


def opened(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture))


def test_the_fine_sample_needs_no_adjustment() -> None:
    picture = opened(samples.fine())
    picture.load()
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (1280, 720))


def test_the_transparent_sample_is_transparent() -> None:
    assert opened(samples.transparent()).has_transparency_data


def test_the_rotated_sample_lies_on_its_side() -> None:
    picture = opened(samples.rotated())
    assert picture.size == (1280, 960)
    assert picture.getexif()[0x0112] == 6


def test_the_large_and_the_small_sample_break_the_limits_of_sides() -> None:
    assert opened(samples.too_large()).size == (4032, 3024)
    assert opened(samples.too_small()).size == (640, 359)


def test_only_a_full_decode_finds_the_broken_sample() -> None:
    picture = opened(samples.broken())
    assert picture.size == (1280, 720)
    with pytest.raises(OSError, match="truncated"):
        picture.load()
