from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.first_frame import (
    PIXELS_MAX,
    SOURCE_BYTES_MAX,
    Adjustment,
    Facts,
    Format,
    check_format,
    check_source_bytes,
    fit,
    in_order,
    plan,
    turned,
)
from bot.domain.models.model import WAN22_I2V_FLASH as MODEL
from bot.errors import PictureProblem, PictureRefused

FINE = Facts(format=Format.PNG, size=(640, 480), bytes=1000)


def problem_of(size: tuple[int, int], format: Format = Format.PNG) -> PictureProblem:
    with pytest.raises(PictureRefused) as caught:
        fit(size, format, MODEL)
    assert caught.value.size == size
    return caught.value.problem


@pytest.mark.parametrize("name", ["JPEG", "PNG", "BMP", "WEBP"])
def test_four_formats_are_taken(name: str) -> None:
    assert check_format(name) == name


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("HEIC", PictureProblem.HEIC),
        ("GIF", PictureProblem.FORMAT),
        ("TIFF", PictureProblem.FORMAT),
        ("AVIF", PictureProblem.FORMAT),
        ("SVG", PictureProblem.FORMAT),
        ("PDF", PictureProblem.NOT_A_PICTURE),
        ("MP4", PictureProblem.NOT_A_PICTURE),
        ("text", PictureProblem.NOT_A_PICTURE),
        ("", PictureProblem.NOT_A_PICTURE),
    ],
)
def test_everything_else_is_refused_by_its_own_name(name: str, problem: PictureProblem) -> None:
    with pytest.raises(PictureRefused) as caught:
        check_format(name)
    assert (caught.value.problem, caught.value.found) == (problem, name)


def test_fifty_megabytes_are_read_and_one_byte_more_is_not() -> None:
    check_source_bytes(SOURCE_BYTES_MAX)
    with pytest.raises(PictureRefused) as caught:
        check_source_bytes(SOURCE_BYTES_MAX + 1)
    assert caught.value.problem is PictureProblem.TOO_MANY_BYTES
    assert caught.value.bytes == SOURCE_BYTES_MAX + 1


@pytest.mark.parametrize(
    ("size", "fitted"),
    [
        ((360, 360), (360, 360)),
        ((2000, 2000), (2000, 2000)),
        ((2001, 360), (2000, 360)),
        ((4032, 3024), (2000, 1500)),
        ((3024, 4032), (1500, 2000)),
        ((6000, 1080), (2000, 360)),
        ((12000, 9000), (2000, 1500)),
    ],
)
def test_the_long_side_is_brought_to_2000_and_the_aspect_kept(
    size: tuple[int, int], fitted: tuple[int, int]
) -> None:
    assert fit(size, Format.JPEG, MODEL) == fitted


@pytest.mark.parametrize("size", [(359, 500), (500, 359), (359, 359), (1, 1), (359, 9000)])
def test_a_picture_that_is_too_small(size: tuple[int, int]) -> None:
    assert problem_of(size) is PictureProblem.TOO_SMALL


@pytest.mark.parametrize("size", [(6000, 400), (400, 6000), (2003, 360), (100_000, 1000)])
def test_a_picture_that_is_too_narrow_once_it_is_scaled(size: tuple[int, int]) -> None:
    assert problem_of(size) is PictureProblem.TOO_NARROW


def test_a_bomb_is_refused_by_what_it_announces() -> None:
    assert fit((12_000, 10_000), Format.PNG, MODEL) == (2000, 1667)
    assert problem_of((12_000, 10_001)) is PictureProblem.BOMB
    assert problem_of((60_000, 60_000)) is PictureProblem.BOMB
    assert problem_of((7_000, 6_000), Format.WEBP) is PictureProblem.BOMB


def test_no_pixels_at_all_is_damage() -> None:
    assert problem_of((0, 500)) is PictureProblem.DAMAGED


@given(st.integers(360, 40_000), st.integers(360, 40_000))
def test_what_fits_is_within_every_limit_and_never_enlarged(width: int, height: int) -> None:
    assume(width * height <= PIXELS_MAX)
    assume(min(width, height) * 2000 >= 360 * max(width, height))
    fitted = fit((width, height), Format.PNG, MODEL)
    assert all(360 <= side <= 2000 for side in fitted)
    assert fitted[0] <= width
    assert fitted[1] <= height
    # The short side is rounded by up to half a pixel.
    assert abs(fitted[0] * height - fitted[1] * width) <= max(width, height) / 2


def test_only_quarter_turns_swap_the_sides() -> None:
    sizes = [turned((3, 2), orientation) for orientation in range(1, 9)]
    assert sizes == [(3, 2)] * 4 + [(2, 3)] * 4


def test_a_fine_picture_keeps_its_pixels() -> None:
    planned = plan(FINE, MODEL)
    assert planned.keeps_pixels
    assert (planned.size, planned.adjustments) == ((640, 480), frozenset())


def test_metadata_and_further_frames_do_not_cost_pixels() -> None:
    planned = plan(replace(FINE, metadata=True, animated=True), MODEL)
    assert planned.keeps_pixels
    assert planned.adjustments == {Adjustment.CLEANED, Adjustment.STILL}


def test_ten_million_bytes_are_sent_and_one_more_is_encoded_again() -> None:
    assert plan(replace(FINE, bytes=10_000_000), MODEL).keeps_pixels
    planned = plan(replace(FINE, bytes=10_000_001), MODEL)
    assert not planned.keeps_pixels
    assert planned.adjustments == {Adjustment.REENCODED}


def test_a_scaled_picture_is_not_described_as_encoded_again() -> None:
    planned = plan(replace(FINE, size=(4032, 3024), bytes=12_000_000), MODEL)
    assert planned.adjustments == {Adjustment.SCALED}
    assert planned.size == (2000, 1500)


@pytest.mark.parametrize(
    ("facts", "adjustments"),
    [
        (replace(FINE, orientation=6), {Adjustment.UPRIGHT}),
        (replace(FINE, foreign_colors=True), {Adjustment.SRGB}),
        (replace(FINE, alpha=True), set()),
        (replace(FINE, redrawn=True), set()),
    ],
)
def test_adjustments_that_change_pixels(facts: Facts, adjustments: set[Adjustment]) -> None:
    planned = plan(facts, MODEL)
    assert not planned.keeps_pixels
    assert planned.adjustments == adjustments


def test_sizes_are_measured_upright() -> None:
    assert plan(replace(FINE, size=(640, 480), orientation=8), MODEL).size == (480, 640)
    with pytest.raises(PictureRefused) as caught:
        plan(replace(FINE, size=(640, 300), orientation=8), MODEL)
    assert caught.value.size == (300, 640)


def test_adjustments_are_told_in_one_order() -> None:
    assert in_order(frozenset({Adjustment.CLEANED, Adjustment.UPRIGHT})) == (
        Adjustment.UPRIGHT,
        Adjustment.CLEANED,
    )
