"""Color, animation and transparency in PNGs: frames look as they do in Chromium."""

import base64
import io
import struct
import zlib

import pytest
from PIL import Image, ImageChops
from playwright.async_api import Page

from bot.domain.first_frame import Adjustment
from bot.domain.models.model import WAN22_I2V_FLASH as MODEL
from bot.imaging import profiles
from bot.imaging.pipeline import make
from tests.demo.browsers import chromium
from tests.imaging.pictures import (
    gray_png,
    opened,
    part_of_animation,
    png,
    saved,
    srgb_profile,
    swapped_profile,
)
from tests.imaging.test_pipeline import Color, color_at, near

Mark = tuple[bytes, bytes]


def gamma(value: int) -> Mark:
    """A gAMA chunk; the value is in 100,000ths."""
    return b"gAMA", struct.pack(">I", value)


def primaries(red: tuple[int, int], green: tuple[int, int], blue: tuple[int, int]) -> Mark:
    return b"cHRM", struct.pack(">8I", 31_270, 32_900, *red, *green, *blue)


def numbers(*code: int) -> Mark:
    return b"cICP", bytes(code)


LINEAR = gamma(100_000)
SRGB = (b"sRGB", b"\0")
SRGB_PRIMARIES = primaries((64_000, 33_000), (30_000, 60_000), (15_000, 6_000))
ADOBE = primaries((64_000, 33_000), (21_000, 71_000), (15_000, 6_000))
P3, BT709, BT2020 = numbers(12, 13, 0, 1), numbers(1, 1, 0, 1), numbers(9, 14, 0, 1)
UNKNOWN = numbers(2, 2, 0, 1)
# Computed with the sRGB formula from linear light: 1.055 x ** (1 / 2.4) - 0.055.
SEEN = {200: 228, 120: 181, 60: 132}


def shades(*marks: Mark) -> bytes:
    """A picture with a gray gradient above and a color gradient below."""
    above = bytes(x * 16 // 25 for x in range(400) for _channel in "RGB")
    below = b"".join(bytes([x * 16 // 25, x // 4, 60]) for x in range(400))
    return png([above, below], *marks)


def gray(*marks: Mark, bits: int = 8) -> bytes:
    row = b"".join(bytes([x * 16 // 25]) * (bits // 8) for x in range(400))
    return png([row], *marks, bits=bits, color=0)


def plain(color: tuple[int, ...], *marks: Mark, kind: int = 2, bits: int = 8) -> bytes:
    pixel = b"".join(bytes([value]) * (bits // 8) for value in color)
    return png([pixel * 400], *marks, color=kind, bits=bits)


def packed(profile: bytes) -> Mark:
    return b"iCCP", b"x\0\0" + zlib.compress(profile)


def animation_with_a_default() -> bytes:
    default, *frames = (Image.new("RGB", (400, 400), name) for name in ("red", "blue", "lime"))
    return saved(default, save_all=True, append_images=frames, default_image=True, duration=60_000)


GRAY_PROFILE = profiles.by_gamma(1.0, gray=True)
# The profile claims to be for CMYK, and would exchange colors if it were used.
CMYK_PROFILE = swapped_profile().replace(b"RGB XYZ ", b"CMYKXYZ ")


# --- gAMA, cHRM and cICP ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        plain((200, 120, 60), LINEAR),
        plain((200, 120, 60), LINEAR, SRGB_PRIMARIES),
        plain((200, 120, 60), LINEAR, bits=16),
        plain((200, 120, 60, 255), LINEAR, kind=6),
        plain((200, 120, 60), numbers(1, 8, 0, 1)),
        plain((200, 120, 60), UNKNOWN, LINEAR),
    ],
    ids=["gAMA", "with cHRM", "16 bits", "with alpha", "cICP", "unknown cICP before it"],
)
def test_linear_light_comes_out_as_srgb(data: bytes) -> None:
    made = make(data, MODEL)
    assert made.mended == (Adjustment.SRGB,)
    assert near(color_at(made), tuple(SEEN.values()), 1)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("alpha", [False, True])
def test_linear_gray_comes_out_as_srgb(bits: int, alpha: bool) -> None:
    data = plain((120, 255) if alpha else (120,), LINEAR, kind=4 if alpha else 0, bits=bits)
    made = make(data, MODEL)
    assert made.mended == (Adjustment.SRGB,)
    assert near(color_at(made), (181, 181, 181), 1)


def test_half_transparent_linear_gray_is_mixed_with_white_as_it_is_seen() -> None:
    made = make(plain((120, 128), LINEAR, kind=4), MODEL)
    assert made.mended == (Adjustment.FLATTENED, Adjustment.SRGB)
    assert near(color_at(made), (218, 218, 218), 1)


@pytest.mark.parametrize(
    ("marks", "color"),
    [
        ((numbers(1, 13, 0, 1), packed(swapped_profile()), LINEAR), (200, 120, 60)),
        ((packed(swapped_profile()), LINEAR), (60, 120, 200)),
        ((packed(srgb_profile()), LINEAR), (200, 120, 60)),
        ((SRGB, LINEAR), (200, 120, 60)),
        ((gamma(45_455),), (200, 120, 60)),
        ((gamma(1),), (200, 120, 60)),
    ],
    ids=["cICP", "iCCP", "iCCP of sRGB", "sRGB", "gAMA of sRGB", "no gAMA"],
)
def test_which_of_several_color_chunks_counts(marks: tuple[Mark, ...], color: Color) -> None:
    """The order of the PNG specification, third edition, 4.3: cICP, iCCP, sRGB, gAMA."""
    made = make(plain((200, 120, 60), *marks), MODEL)
    assert near(color_at(made), color, 1)
    assert made.mended == (() if color == (200, 120, 60) else (Adjustment.SRGB,))


@pytest.mark.parametrize("mark", [P3, BT2020, ADOBE], ids=["P3", "BT.2020", "Adobe RGB"])
def test_wide_primaries_become_stronger_values_in_srgb(mark: Mark) -> None:
    red, green, blue = color_at(make(plain((200, 100, 100), gamma(45_455), mark), MODEL))
    assert red > 208
    assert green < 101
    assert blue < 101


@pytest.mark.parametrize("light", ["PQ", "HLG"])
@pytest.mark.parametrize("kind", [0, 2])
def test_hdr_looks_as_bright_as_it_is_meant(light: str, kind: int) -> None:
    """ITU-R BT.2408, table 1: the code values and the brightness of 18% gray and of white."""
    code = numbers(9, {"PQ": 16, "HLG": 18}[light], 0, 1)

    def shown(percent: int) -> int:
        color = (round(percent * 2.55),) * (1 if kind == 0 else 3)
        red, green, blue = color_at(make(plain(color, code, kind=kind), MODEL))
        assert red == green == blue
        return red

    # 26 of 203 cd/m² are 100 in sRGB. Half of the range above 80% is reserved for brighter light.
    assert shown(38) == pytest.approx(101, abs=4)
    assert shown(58 if light == "PQ" else 75) == pytest.approx(243, abs=2)
    assert shown(100) == 255
    assert shown(0) == 0
    assert shown(65 if light == "PQ" else 85) in range(248, 255)


def test_the_limited_range_of_television() -> None:
    narrow = numbers(1, 13, 0, 0)
    assert color_at(make(plain((16, 16, 16), narrow), MODEL)) == (0, 0, 0)
    assert color_at(make(plain((235, 240, 255), narrow), MODEL)) == (255, 255, 255)


@pytest.mark.parametrize(
    "mark", [(b"cICP", b"\x0c"), (b"cHRM", bytes(32)), (b"cHRM", b"\xff" * 32)]
)
def test_invalid_color_chunks_are_ignored(mark: Mark) -> None:
    assert near(color_at(make(plain((200, 120, 60), mark, LINEAR), MODEL)), tuple(SEEN.values()))


# --- profiles -----------------------------------------------------------------------------------

MISMATCHED = {
    "gray in colors": plain((200, 120, 60), packed(GRAY_PROFILE)),
    "CMYK in colors": plain((200, 120, 60), packed(CMYK_PROFILE)),
    "colors in gray": plain((120,), packed(swapped_profile()), kind=0),
    "CMYK in gray": plain((120,), packed(CMYK_PROFILE), kind=0),
    "CMYK in a JPEG": saved(Image.new("RGB", (400, 400), "red"), "JPEG", icc_profile=CMYK_PROFILE),
    "gray in a JPEG": saved(Image.new("RGB", (400, 400), "red"), "JPEG", icc_profile=GRAY_PROFILE),
}


@pytest.mark.parametrize("kind", MISMATCHED)
def test_a_profile_for_other_channels_is_ignored(kind: str) -> None:
    made = make(MISMATCHED[kind], MODEL)
    assert made.mended == ()
    assert opened(made.content).tobytes() == opened(MISMATCHED[kind]).tobytes()


def test_an_rgb_profile_in_a_cmyk_picture_is_ignored() -> None:
    image = Image.new("CMYK", (400, 400), (0, 255, 255, 0))
    made = make(saved(image, "JPEG", icc_profile=swapped_profile()), MODEL)
    assert near(color_at(made), (255, 0, 0))


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("alpha", [False, True])
def test_a_gray_profile_is_converted(bits: int, alpha: bool) -> None:
    mark = packed(GRAY_PROFILE)
    data = plain((120, 255) if alpha else (120,), mark, kind=4 if alpha else 0, bits=bits)
    made = make(data, MODEL)
    assert made.mended == (Adjustment.SRGB,)
    assert near(color_at(made), (181, 181, 181), 1)


# --- transparency -------------------------------------------------------------------------------


def test_half_transparent_pixels_are_mixed_with_white_in_the_colors_as_seen() -> None:
    """In this profile red means blue: half-transparent red becomes light blue, not light red."""
    image = Image.new("RGBA", (400, 400), (200, 0, 40, 128))
    made = make(saved(image, icc_profile=swapped_profile()), MODEL)
    opaque = make(
        saved(Image.new("RGB", (400, 400), (200, 0, 40)), icc_profile=swapped_profile()), MODEL
    )
    seen = tuple((value * 128 + 255 * 127) // 255 for value in color_at(opaque))
    assert near(color_at(made), seen, 2)
    assert made.mended == (Adjustment.FLATTENED, Adjustment.SRGB)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_a_transparent_gray_of_few_bits(bits: int) -> None:
    shades = 1 << bits
    key = shades // 2
    made = make(gray_png(bits, key), MODEL)
    assert made.mended == (Adjustment.FLATTENED,)
    for shade in {0, key, shades - 1}:
        wanted = 255 if shade == key else shade * 255 // (shades - 1)
        at = (400 * shade + 200) // shades
        assert color_at(made, (at, 9)) == (wanted,) * 3


# --- animations ---------------------------------------------------------------------------------


def test_an_animation_whose_default_picture_is_no_frame_shows_its_first_frame() -> None:
    made = make(animation_with_a_default(), MODEL)
    assert made.mended == (Adjustment.STILL,)
    assert color_at(made) == (0, 0, 255)


def test_a_first_frame_that_is_a_part_of_the_canvas_is_on_white() -> None:
    made = make(part_of_animation((40, 300)), MODEL)
    assert (made.size, made.mended) == ((400, 400), (Adjustment.FLATTENED, Adjustment.STILL))
    inside = ((40, 300), (139, 349), (90, 320))
    assert {color_at(made, place) for place in inside} == {(0, 0, 255)}
    outside = ((39, 300), (40, 299), (140, 349), (139, 350), (5, 5), (399, 399))
    assert {color_at(made, place) for place in outside} == {(255, 255, 255)}


@pytest.mark.parametrize("corner", [(301, 0), (0, 351), (2**32 - 1, 0)])
def test_a_first_frame_outside_of_the_canvas_is_ignored(corner: tuple[int, int]) -> None:
    made = make(part_of_animation(corner), MODEL)
    assert color_at(made) == (255, 0, 0)


# --- a second decoder ---------------------------------------------------------------------------

# HDR is left out: Chromium renders it darker, for a display that is brighter than most.
CORPUS = {
    "nothing": shades(),
    "gAMA of sRGB": shades(gamma(45_455)),
    "gAMA of sRGB, cHRM": shades(gamma(45_455), SRGB_PRIMARIES),
    "linear": shades(LINEAR),
    "Adobe RGB": shades(gamma(45_455), ADOBE),
    "cHRM alone": shades(ADOBE),
    "linear under sRGB": shades(SRGB, LINEAR),
    "P3": shades(P3),
    "BT.709": shades(BT709),
    "BT.2020": shades(BT2020),
    "linear by cICP": shades(numbers(1, 8, 0, 1)),
    "unknown cICP": shades(UNKNOWN, LINEAR, SRGB_PRIMARIES),
    "profile": shades(packed(swapped_profile())),
    "profile under cICP": shades(P3, packed(swapped_profile())),
    "linear gray": gray(LINEAR),
    "linear gray, cHRM": gray(LINEAR, SRGB_PRIMARIES),
    "linear gray, 16 bits": gray(LINEAR, bits=16),
    "gray by a profile": gray(packed(GRAY_PROFILE)),
    "half of linear gray": plain((120, 128), LINEAR, kind=4),
    "half of P3": plain((200, 0, 40, 128), P3, kind=6),
    "transparent gray, 1 bit": gray_png(1, 1),
    "transparent gray, 2 bits": gray_png(2, 2),
    "transparent gray, 4 bits": gray_png(4, 5),
    "transparent gray": gray_png(8, 90),
    "animation with a default": animation_with_a_default(),
    "part of an animation": part_of_animation((40, 300)),
} | {name: data for name, data in MISMATCHED.items() if "JPEG" not in name}


async def in_chromium(page: Page, data: bytes) -> Image.Image:
    address = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    await page.set_content(f"<body style='margin: 0'><img src='{address}'></body>")
    await page.evaluate("() => document.images[0].decode()")
    return Image.open(io.BytesIO(await page.screenshot())).convert("RGB")


async def test_chromium_shows_the_same() -> None:
    different = {}
    async with chromium("--force-color-profile=srgb") as browser:
        page = await browser.new_page(viewport={"width": 400, "height": 400})
        for name, data in CORPUS.items():
            made = opened(make(data, MODEL).content).convert("RGB")
            theirs = await in_chromium(page, data)
            most = max(ImageChops.difference(made, theirs).tobytes())
            if most > 2:
                different[name] = most
    assert different == {}
