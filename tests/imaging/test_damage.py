"""Damaged pictures, and pictures that only look damaged; ImageMagick agrees."""

import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain.models.model import WAN22_I2V_FLASH as MODEL
from bot.errors import PictureProblem, PictureRefused
from bot.imaging.formats import libjpeg
from bot.imaging.pipeline import check_header, make
from tests.factories import make_picture
from tests.imaging.pictures import opened, photograph, saved
from tests.imaging.test_pool import pool, runs
from tests.requirements import need_program

PHOTOGRAPH = photograph((1200, 900))
PLAIN = saved(PHOTOGRAPH, "JPEG", quality=85)
PROGRESSIVE = saved(PHOTOGRAPH, "JPEG", quality=85, progressive=True)
RESTARTING = saved(PHOTOGRAPH, "JPEG", quality=85, restart_marker_rows=2)
GRAY = saved(PHOTOGRAPH.convert("L"), "JPEG", quality=85)
SOUND = {"plain": PLAIN, "progressive": PROGRESSIVE, "restarting": RESTARTING, "gray": GRAY}


def refused(data: bytes) -> PictureRefused:
    with pytest.raises(PictureRefused) as caught:
        make(data, MODEL)
    return caught.value


def middle(data: bytes) -> int:
    """Return a position in the largest scan's data, outside of any marker."""
    at = len(data) // 2
    while 0xFF in data[at - 2 : at + 3]:
        at += 1
    return at


def half(data: bytes) -> bytes:
    return data[: middle(data)] + b"\xff\xd9"


def unknown_marker(data: bytes) -> bytes:
    at = middle(data)
    return data[:at] + b"\xff\x9f" + data[at + 2 :]


def zeros(data: bytes) -> bytes:
    at = middle(data)
    return data[:at] + bytes(2000) + data[at + 2000 :]


def flipped(data: bytes) -> bytes:
    """Flip 400 bytes: with only a few, a decoder may resynchronize, and nobody could tell."""
    at = middle(data)
    drawn = random.Random(5)
    changed = bytes(byte ^ drawn.randrange(1, 255) for byte in data[at : at + 400])
    return data[:at] + changed.replace(b"\xff", b"\xfe") + data[at + 400 :]


def lost(data: bytes) -> bytes:
    at = middle(data)
    return data[:at] + data[at + 3000 :]


DAMAGES = (half, unknown_marker, zeros, flipped, lost)


@pytest.mark.parametrize("kind", SOUND)
def test_a_sound_jpeg_is_accepted_unchanged(kind: str) -> None:
    made = make(SOUND[kind], MODEL)
    assert (made.content, made.mended) == (SOUND[kind], ())


@pytest.mark.parametrize("kind", SOUND)
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_jpeg_is_refused(damage: Callable[[bytes], bytes], kind: str) -> None:
    data = damage(SOUND[kind])
    # Viewers would show a picture of the same size with stripes or a gray rest.
    error = refused(data)
    assert (error.problem, error.found) == (PictureProblem.DAMAGED, "JPEG")


@pytest.mark.parametrize("damage", [None, *DAMAGES], ids=lambda one: getattr(one, "__name__", ""))
def test_imagemagick_says_the_same(damage: Callable[[bytes], bytes] | None, tmp_path: Path) -> None:
    identify = need_program("identify")
    path = tmp_path / "x.jpg"
    path.write_bytes(damage(PLAIN) if damage else PLAIN)
    identified = subprocess.run(
        [identify, "-regard-warnings", "-verbose", path], capture_output=True, check=False
    )
    assert bool(identified.returncode) is bool(damage)


def test_a_picture_that_is_redrawn_is_checked_for_damage_too() -> None:
    large = saved(photograph((2400, 1800)), "JPEG", quality=85)
    assert make(large, MODEL).size == (2000, 1500)
    assert refused(half(large)).problem is PictureProblem.DAMAGED


def test_this_machines_library_tells_of_its_warnings() -> None:
    assert libjpeg.is_there()
    assert libjpeg.warning(PLAIN) == ""
    assert libjpeg.warning(half(PLAIN)) == "Corrupt JPEG data: premature end of data segment"


def test_zeros_before_the_end_as_some_cameras_write_them_are_left_out() -> None:
    with pytest.warns(UserWarning, match="extraneous bytes"):
        made = make(PLAIN[:-2] + bytes(30) + PLAIN[-2:], MODEL)
    assert made.content == PLAIN
    junk = PLAIN[:-2] + b"not of this picture" + PLAIN[-2:]
    assert refused(junk).problem is PictureProblem.DAMAGED


@pytest.mark.parametrize("kind", SOUND)
def test_a_jpeg_without_its_end_is_taken_if_all_of_it_is_there(kind: str) -> None:
    whole = SOUND[kind]
    for cut in (whole[:-2], whole[:-1]):
        assert opened(make(cut, MODEL).content).tobytes() == opened(whole).tobytes()
    assert refused(whole[:-40]).problem is PictureProblem.DAMAGED


def test_a_progressive_jpeg_without_its_last_scans_is_damaged() -> None:
    last = PROGRESSIVE.rindex(b"\xff\xda")
    before = PROGRESSIVE.rindex(b"\xff\xc4", 0, last)
    assert refused(PROGRESSIVE[:before]).problem is PictureProblem.DAMAGED


def test_a_png_without_its_end_is_taken_if_all_of_it_is_there() -> None:
    whole = make_picture("PNG")
    # Cut off the IEND chunk; with it a checksum; and with those the checksum of zlib.
    for cut in (whole[:-12], whole[:-5], whole[:-16], whole[:-18]):
        assert opened(make(cut, MODEL).content).tobytes() == opened(whole).tobytes()
    for cut in (whole[:-30], whole[: len(whole) // 2]):
        assert refused(cut).problem is PictureProblem.DAMAGED


def behind_a_table(data: bytes) -> bytes:
    """Insert stray bytes between a table and the scan that uses it."""
    scan = data.rindex(b"\xff\xda")
    return data[:scan] + b"of nothing" + data[scan:]


@pytest.mark.parametrize("damage", [unknown_marker, behind_a_table])
def test_what_no_jpeg_has_is_refused_before_anything_is_decoded(
    damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    """The check does not depend on the library that counts decoder warnings."""
    path = tmp_path / "x"
    path.write_bytes(damage(PROGRESSIVE))
    with pytest.raises(PictureRefused) as caught:
        check_header(path, MODEL)
    assert (caught.value.problem, caught.value.found) == (PictureProblem.DAMAGED, "JPEG")


@pytest.mark.parametrize("marker", sorted(set(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}))
def test_only_huffman_coded_pictures_of_8_bits_reach_a_decoder(marker: int, tmp_path: Path) -> None:
    data = re.sub(rb"\xff\xc0(?=\x00\x11\x08)", bytes([0xFF, marker]), PLAIN, count=1)
    assert data != PLAIN
    path = tmp_path / "x"
    path.write_bytes(data)
    for look in (lambda: check_header(path, MODEL), lambda: make(data, MODEL)):
        with pytest.raises(PictureRefused) as caught:
            look()
        assert caught.value.problem is PictureProblem.FORMAT
        assert "JPEG" in caught.value.found


async def test_a_worker_that_met_an_odd_picture_is_replaced(tmp_path: Path) -> None:
    odd, plain = tmp_path / "odd", tmp_path / "plain"
    odd.write_bytes(half(PLAIN))
    plain.write_bytes(PLAIN)
    async with pool() as maker:
        (first,) = maker.pids
        await maker.make(plain, tmp_path, MODEL)
        assert maker.pids == {first}
        with pytest.raises(PictureRefused):
            await maker.make(odd, tmp_path, MODEL)
        assert not runs(first)
        await maker.make(plain, tmp_path, MODEL)
        (second,) = maker.pids
        assert second != first
        # A worker is also replaced if it only warned. A picture that the rules refuse is not odd.
        odd.write_bytes(PLAIN[:-2] + bytes(30) + PLAIN[-2:])
        await maker.make(odd, tmp_path, MODEL)
        assert not runs(second)
