"""The pipeline on real pictures: each kind of picture, and the first frame that comes of it."""

import io
from dataclasses import replace

import pytest
from PIL import Image, ImageCms

from bot.domain.first_frame import Adjustment, Format
from bot.domain.models.model import WAN22_I2V_FLASH as MODEL
from bot.errors import PictureProblem, PictureRefused
from bot.imaging.pipeline import PreparedFrame, make
from tests.factories import make_picture
from tests.imaging.pictures import (
    NOTE,
    animated,
    deep_png,
    exif,
    masked_bmp,
    multi_picture,
    noise,
    opened,
    photograph,
    png_header,
    saved,
    swapped_profile,
)

Color = tuple[int, ...]


def color_at(made: PreparedFrame, place: tuple[int, int] = (5, 5)) -> Color:
    pixel = opened(made.content).convert("RGB").getpixel(place)
    assert isinstance(pixel, tuple)
    return pixel


def near(one: Color, other: Color, by: int = 4) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def refused(data: bytes) -> PictureRefused:
    with pytest.raises(PictureRefused) as caught:
        make(data, MODEL)
    return caught.value


def assert_sound(made: PreparedFrame) -> None:
    """Check what holds for every first frame, whatever it was made of."""
    with Image.open(io.BytesIO(made.content), formats=[made.format.value]) as image:
        image.load()
        assert image.size == made.size
        assert all(360 <= side <= 2000 for side in image.size)
        assert not image.has_transparency_data
        assert not image.getexif()
        assert not {"icc_profile", "exif", "xmp", "comment", "photoshop"} & image.info.keys()
    assert len(made.content) <= 10_000_000
    assert NOTE not in made.content


# --- pictures that need no change ---------------------------------------------------------------


@pytest.mark.parametrize("format", sorted(set(Format) - {Format.BMP}))
def test_a_fine_picture_goes_through_byte_for_byte(format: Format) -> None:
    data = make_picture(format.value)
    made = make(data, MODEL)
    assert made.content == data
    assert (made.format, made.size, made.mended) == (format, (640, 480), ())
    assert_sound(made)


@pytest.mark.parametrize(
    "data",
    [
        make_picture("JPEG", progressive=True),
        saved(Image.new("L", (400, 400), 99), "JPEG"),
        saved(Image.new("P", (400, 400), 1), "PNG"),
        make_picture("WEBP", lossless=True),
        make_picture("PNG", dpi=(300, 300)),
    ],
    ids=["progressive", "gray JPEG", "palette", "VP8L", "with dpi"],
)
def test_rarer_kinds_that_need_no_change(data: bytes) -> None:
    made = make(data, MODEL)
    assert (made.content == data, made.mended) == (True, ())


# --- other formats ------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["GIF", "TIFF"])
def test_another_format_is_named(format: str) -> None:
    error = refused(make_picture(format))
    assert (error.problem, error.found) == (PictureProblem.FORMAT, format)


def test_an_empty_file_is_no_picture() -> None:
    assert refused(b"").problem is PictureProblem.NOT_A_PICTURE


# --- colors -------------------------------------------------------------------------------------


def test_cmyk_looks_the_same_in_srgb() -> None:
    # Pillow writes CMYK as Adobe does: inverted, and marked as such.
    made = make(saved(Image.new("CMYK", (400, 400), (0, 255, 255, 0)), "JPEG"), MODEL)
    assert made.mended == (Adjustment.SRGB,)
    assert near(color_at(made), (255, 0, 0))
    assert_sound(made)


def test_gray_of_16_bits_is_scaled_to_8_not_cut_off() -> None:
    made = make(saved(Image.new("I;16", (400, 400), 100 * 257)), MODEL)
    assert (made.format, made.mended) == (Format.PNG, (Adjustment.SRGB,))
    assert color_at(made) == (100, 100, 100)
    assert_sound(made)


def test_colors_of_16_bits() -> None:
    made = make(deep_png((400, 400), (200 * 257, 100 * 257, 7 * 257)), MODEL)
    assert made.mended == (Adjustment.SRGB,)
    assert color_at(made) == (200, 100, 7)
    assert_sound(made)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_an_embedded_profile_is_converted(format: str) -> None:
    red = Image.new("RGB", (400, 400), (255, 0, 0))
    save = {"quality": 95} if format == "JPEG" else {"lossless": True} if format == "WEBP" else {}
    made = make(saved(red, format, icc_profile=swapped_profile(), **save), MODEL)
    assert Adjustment.SRGB in made.mended
    assert near(color_at(made), (0, 0, 255))
    assert_sound(made)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_a_profile_that_is_srgb_is_dropped_and_the_pixels_kept(format: str) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = make_picture(format)
    made = make(make_picture(format, icc_profile=srgb), MODEL)
    assert (made.content, made.mended) == (plain, ())


@pytest.mark.parametrize("profile", [b"nonsense", bytes(200)])
def test_a_broken_profile_is_ignored(profile: bytes) -> None:
    made = make(make_picture("JPEG", icc_profile=profile), MODEL)
    assert made.content == make_picture("JPEG")


# --- bytes --------------------------------------------------------------------------------------


def test_a_photograph_of_12_megapixels_becomes_a_jpeg_of_2000() -> None:
    data = saved(photograph(), "JPEG", quality=99, subsampling=0)
    assert len(data) > 10_000_000
    made = make(data, MODEL)
    assert (made.format, made.size, made.mended) == (
        Format.JPEG,
        (2000, 1500),
        (Adjustment.SCALED,),
    )
    assert_sound(made)


def test_too_many_bytes_for_its_pixels_are_encoded_again() -> None:
    data = saved(noise((2000, 1800)), "PNG")
    assert len(data) > 10_000_000
    made = make(data, MODEL)
    assert (made.format, made.mended) == (Format.JPEG, (Adjustment.REENCODED,))
    assert_sound(made)


def test_a_heavy_bmp_becomes_a_png_without_loss() -> None:
    image = Image.linear_gradient("L").resize((2000, 2000)).convert("RGB")
    made = make(saved(image, "BMP"), MODEL)
    assert made.format is Format.PNG
    assert opened(made.content).tobytes() == image.tobytes()


def test_what_cannot_be_made_to_fit_is_refused() -> None:
    # No picture of at most 2000 x 2000 pixels needs 10 MB at the lowest quality; noise takes 5 MB.
    small = replace(MODEL, picture_bytes=50_000)
    with pytest.raises(PictureRefused) as caught:
        make(saved(noise((600, 600)), "PNG"), small)
    assert caught.value.problem is PictureProblem.CANNOT_SHRINK
    assert (caught.value.bytes or 0) > 50_000


def test_more_than_50_megabytes_are_refused_unread() -> None:
    assert refused(bytes(50_000_001)).problem is PictureProblem.TOO_MANY_BYTES


# --- sides --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(359, 500), (500, 359)])
def test_a_side_under_360(size: tuple[int, int]) -> None:
    error = refused(make_picture("PNG", size))
    assert (error.problem, error.size) == (PictureProblem.TOO_SMALL, size)


def test_a_side_under_360_once_scaled() -> None:
    error = refused(make_picture("JPEG", (6000, 400)))
    assert (error.problem, error.size) == (PictureProblem.TOO_NARROW, (6000, 400))


def test_360_and_2000_are_fine() -> None:
    data = make_picture("PNG", (2000, 360))
    assert make(data, MODEL).content == data


def test_a_scaled_drawing_stays_a_png() -> None:
    drawing = Image.new("RGB", (3000, 3000), "white")
    drawing.paste((200, 0, 0), (100, 100, 1500, 2000))
    made = make(saved(drawing), MODEL)
    assert (made.format, made.size, made.mended) == (Format.PNG, (2000, 2000), (Adjustment.SCALED,))
    assert_sound(made)


# --- transparency -------------------------------------------------------------------------------


def half(mode: str, solid: Color, clear: Color) -> Image.Image:
    """A picture whose left half is opaque and whose right half is fully transparent."""
    image = Image.new(mode, (400, 400), solid)
    # Paste a picture: in 16-bit modes, Pillow fills a region with a wrong value.
    image.paste(Image.new(mode, (200, 400), clear), (200, 0))
    return image


@pytest.mark.parametrize(
    ("data", "left"),
    [
        (saved(half("RGBA", (200, 0, 0, 255), (9, 9, 9, 0))), (200, 0, 0)),
        (saved(half("LA", (90, 255), (9, 0))), (90, 90, 90)),
        (saved(half("L", (90,), (9,)), transparency=9), (90, 90, 90)),
        (saved(half("RGB", (200, 0, 0), (9, 9, 9)), transparency=(9, 9, 9)), (200, 0, 0)),
        (saved(half("I;16", (90 * 257,), (9,)), transparency=9), (90, 90, 90)),
        (saved(half("1", (0,), (1,)), transparency=1), (0, 0, 0)),
        (saved(half("RGBA", (200, 0, 0, 255), (9, 9, 9, 0)), "WEBP", lossless=True), (200, 0, 0)),
        (masked_bmp(half("RGBA", (200, 0, 0, 255), (9, 9, 9, 0))), (200, 0, 0)),
        (
            saved(half("RGBA", (200, 0, 0, 255), (9, 9, 9, 0)).quantize(8)),
            (200, 0, 0),
        ),
    ],
    ids=["RGBA", "LA", "gray key", "RGB key", "16-bit gray key", "1", "WEBP", "BMP", "palette"],
)
def test_transparency_becomes_white(data: bytes, left: Color) -> None:
    made = make(data, MODEL)
    assert Adjustment.FLATTENED in made.mended
    assert near(color_at(made), left)
    assert near(color_at(made, (300, 300)), (255, 255, 255))
    assert_sound(made)


def test_half_transparent_is_mixed_with_white() -> None:
    made = make(saved(Image.new("RGBA", (400, 400), (255, 0, 0, 128))), MODEL)
    assert near(color_at(made), (255, 127, 127), by=1)


def test_a_transparent_color_of_16_bits() -> None:
    pixel = (0xC812, 0x6434, 0x0756)
    key = b"".join(value.to_bytes(2, "big") for value in pixel)
    made = make(deep_png((400, 400), pixel, key), MODEL)
    assert made.mended == (Adjustment.FLATTENED, Adjustment.SRGB)
    assert color_at(made) == (255, 255, 255)


def test_an_opaque_alpha_channel_goes_and_nothing_is_told() -> None:
    image = opened(make_picture("PNG"))
    opaque = image.convert("RGBA")
    made = make(saved(opaque), MODEL)
    assert (made.format, made.mended) == (Format.PNG, ())
    assert opened(made.content).tobytes() == image.tobytes()
    assert_sound(made)


def test_a_large_transparent_picture_is_flattened_and_scaled_in_place() -> None:
    # The picture is wide enough for several strips, each of which is averaged by two.
    picture = Image.new("RGBA", (9001, 4003), (0, 0, 200, 255))
    picture.paste((0, 0, 0, 0), (4501, 0, 9001, 4003))
    made = make(saved(picture, compress_level=1), MODEL)
    assert made.size == (2000, 889)
    assert made.mended == (Adjustment.FLATTENED, Adjustment.SCALED)
    for y in (5, 400, 883):
        assert near(color_at(made, (990, y)), (0, 0, 200))
        assert near(color_at(made, (1010, y)), (255, 255, 255))
        assert near(color_at(made, (1999, y)), (255, 255, 255))


# --- orientation --------------------------------------------------------------------------------

# For each orientation, the corner of the stored picture that is meant to be at the top left.
STORED_CORNER = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (0, 1), 7: (1, 1)} | {
    8: (1, 0)
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_turned_upright(format: str, orientation: int) -> None:
    stored = Image.new("RGB", (500, 400), "white")
    across, down = STORED_CORNER[orientation]
    left, top = across * 400, down * 300
    stored.paste((200, 0, 0), (left, top, left + 100, top + 100))
    made = make(saved(stored, format, exif=exif(orientation)), MODEL)
    assert made.size == ((400, 500) if orientation >= 5 else (500, 400))
    assert near(color_at(made, (20, 20)), (200, 0, 0), by=12)
    assert near(color_at(made, (made.size[0] - 20, 20)), (255, 255, 255), by=12)
    assert (Adjustment.UPRIGHT in made.mended) == (orientation != 1)
    assert_sound(made)


def test_a_rotated_photograph_is_turned_and_scaled() -> None:
    data = make_picture("JPEG", (4032, 3024), exif=exif(6))
    made = make(data, MODEL)
    assert made.size == (1500, 2000)
    assert made.mended == (Adjustment.UPRIGHT, Adjustment.SCALED, Adjustment.CLEANED)
    assert_sound(made)


def test_measured_after_it_is_turned() -> None:
    error = refused(make_picture("JPEG", (640, 300), exif=exif(6)))
    assert (error.problem, error.size) == (PictureProblem.TOO_SMALL, (300, 640))


# --- animated -----------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_the_first_frame_of_an_animation(format: str) -> None:
    made = make(animated(format), MODEL)
    assert made.mended == (Adjustment.STILL,)
    assert near(color_at(made), (255, 0, 0))
    assert getattr(opened(made.content), "n_frames", 1) == 1
    assert_sound(made)


def test_the_first_picture_of_a_telephone() -> None:
    data = multi_picture()
    assert data.count(b"\xff\xd8\xff") == 2
    made = make(data, MODEL)
    assert (made.format, made.size, made.mended) == (Format.JPEG, (640, 480), (Adjustment.CLEANED,))
    assert made.content.count(b"\xff\xd8\xff") == 1
    assert_sound(made)


# --- damaged, and bombs -------------------------------------------------------------------------


@pytest.mark.parametrize("format", list(Format))
@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.8, 0.95, 0.999])
def test_truncated(format: Format, part: float) -> None:
    data = make_picture(format.value)
    # A PNG ends with a checksum and an empty chunk.
    end = min(int(len(data) * part), len(data) - 60)
    error = refused(data[:end])
    assert (error.problem, error.found) == (PictureProblem.DAMAGED, format.value)


def test_a_flipped_bit_in_a_png_is_found() -> None:
    data = bytearray(make_picture("PNG"))
    data[len(data) // 2] ^= 1
    assert refused(bytes(data)).problem is PictureProblem.DAMAGED


def test_a_png_with_a_wrong_checksum_is_damaged() -> None:
    data = bytearray(make_picture("PNG"))
    data[data.index(b"IEND") - 5] ^= 1
    assert refused(bytes(data)).problem is PictureProblem.DAMAGED


@pytest.mark.parametrize("color", [2, 6])
def test_a_bomb_is_refused_by_its_header(color: int) -> None:
    error = refused(png_header(60_000, 60_000, color=color))
    assert (error.problem, error.size) == (PictureProblem.BOMB, (60_000, 60_000))


def test_a_header_that_announces_more_than_there_is() -> None:
    assert refused(png_header(1000, 1000)).problem is PictureProblem.DAMAGED


def test_two_headers_are_damage_whichever_one_would_be_believed() -> None:
    png = make_picture("PNG")
    header = png[8:33]
    assert refused(png[:33] + header + png[33:]).problem is PictureProblem.DAMAGED
    jpeg = make_picture("JPEG")
    at = jpeg.index(b"\xff\xc0")
    frame = jpeg[at : at + 19]
    assert refused(jpeg[:at] + frame + jpeg[at:]).problem is PictureProblem.DAMAGED


# --- determinism --------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_the_same_picture_gives_the_same_bytes(format: str) -> None:
    data = make_picture(format, (2400, 1800))
    assert make(data, MODEL) == make(data, MODEL)
