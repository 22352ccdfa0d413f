"""BMPs of every kind that programs write, built by hand; ImageMagick decodes them to the same
colors.
"""

import io
import struct
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from bot.domain.first_frame import Adjustment
from bot.domain.models.model import WAN22_I2V_FLASH as MODEL
from bot.imaging.pipeline import make
from tests.imaging.pictures import masked_bmp, opened, photograph
from tests.imaging.test_damage import refused
from tests.requirements import need_program

SIZE = (361, 360)
Color = tuple[int, int, int, int]
# The colors of the left and the right half of each picture.
LEFT, RIGHT = (255, 0, 0, 255), (0, 85, 255, 255)


def channel(value: int, mask: int) -> int:
    """Scale a value of 8 bits to a mask."""
    if not mask:
        return 0
    low = (mask & -mask).bit_length() - 1
    most = mask >> low
    return (value * most + 127) // 255 << low


def with_masks(bits: int, masks: tuple[int, ...], left: Color, right: Color) -> bytes:
    width, height = SIZE
    pixels = [
        sum(channel(value, mask) for value, mask in zip(color, masks, strict=False))
        for color in (left, right)
    ]
    size = bits // 8
    row = b"".join(pixels[x >= width // 2].to_bytes(size, "little") for x in range(width))
    rows = row.ljust((width * bits + 31) // 32 * 4, b"\0") * height
    header = struct.pack("<IiiHHIIiiII", 108, width, height, 1, bits, 3, 0, 0, 0, 0, 0)
    four = struct.pack("<IIII", *masks, *(0,) * (4 - len(masks)))
    start = struct.pack("<2sIII", b"BM", 122 + len(rows), 0, 122)
    return start + (header + four).ljust(108, b"\0") + rows


MASKS = {
    "555": (16, (0x7C00, 0x3E0, 0x1F)),
    "565": (16, (0xF800, 0x7E0, 0x1F)),
    "444": (16, (0xF00, 0xF0, 0xF)),
    "4444": (16, (0xF00, 0xF0, 0xF, 0xF000)),
    "1-bit alpha": (16, (0x7C00, 0x3E0, 0x1F, 0x8000)),
    "1010102": (32, (0x3FF00000, 0xFFC00, 0x3FF, 0xC0000000)),
    "101010 from the top": (32, (0xFFC00000, 0x3FF000, 0xFFC)),
    "8888": (32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
    "888 in another order": (32, (0xFF, 0xFF00, 0xFF0000)),
}


def colors(content: bytes) -> list[tuple[int, ...]]:
    image = opened(content).convert("RGB")
    found = [image.getpixel(place) for place in ((5, 5), (350, 350))]
    return [pixel for pixel in found if isinstance(pixel, tuple)]


def near(one: tuple[int, ...], other: tuple[int, ...], by: int) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one[:3], other[:3], strict=True))


@pytest.mark.parametrize("kind", MASKS)
def test_masks_of_every_kind(kind: str, tmp_path: Path) -> None:
    bits, masks = MASKS[kind]
    data = with_masks(bits, masks, LEFT, RIGHT)
    made = make(data, MODEL)
    assert (made.size, made.mended) == (SIZE, ())
    left, right = colors(made.content)
    # All of these masks hold the left color exactly, and the right one as well as 5 bits allow.
    assert near(left, LEFT, 0)
    assert near(right, RIGHT, 4)
    path = tmp_path / "x.bmp"
    path.write_bytes(data)
    second = subprocess.run(
        [need_program("convert"), path, "-alpha", "off", "png:-"], capture_output=True, check=True
    )
    if "101010" not in kind:  # ImageMagick 6 does not support 10 bits per channel.
        for ours, theirs in zip((left, right), colors(second.stdout), strict=True):
            # ImageMagick leaves the lowest of 4 bits empty: 240 for white.
            assert near(ours, theirs, 16 if "444" in kind else 4)


@pytest.mark.parametrize("kind", ["4444", "1-bit alpha", "1010102", "8888"])
def test_all_alpha_bytes_zero_means_opaque(kind: str) -> None:
    bits, masks = MASKS[kind]
    made = make(with_masks(bits, masks, (*LEFT[:3], 0), (*RIGHT[:3], 0)), MODEL)
    assert made.mended == ()
    assert near(colors(made.content)[0], LEFT, 0)


@pytest.mark.parametrize("kind", ["1-bit alpha", "8888"])
def test_a_partly_transparent_bmp_is_put_on_white(kind: str) -> None:
    bits, masks = MASKS[kind]
    made = make(with_masks(bits, masks, LEFT, (*RIGHT[:3], 0)), MODEL)
    assert made.mended == (Adjustment.FLATTENED,)
    assert colors(made.content) == [LEFT[:3], (255, 255, 255)]


def run_lengths(lines: list[bytes]) -> bytes:
    """An RLE4 bitmap of lines that are already encoded, from the bottom up."""
    palette = b"".join(struct.pack("<BBBB", 17 * n, 0, 255 - 17 * n, 0) for n in range(16))
    rows = b"".join(line + b"\0\0" for line in lines) + b"\0\1"
    header = struct.pack("<IiiHHIIiiII", 40, *SIZE, 1, 4, 2, len(rows), 0, 0, 16, 0)
    offset = 14 + 40 + len(palette)
    start = struct.pack("<2sIII", b"BM", offset + len(rows), 0, offset)
    return start + header + palette + rows


def test_odd_runs_of_rle4() -> None:
    # A run of 5 alternating colors 1 and 2, 3 literal pixels, and the rest in color 4.
    line = bytes([5, 0x12, 0, 3, 0x3A, 0xB0, 255, 0x44, 98, 0x44])
    made = make(run_lengths([line] * SIZE[1]), MODEL)
    image = opened(made.content).convert("RGB")
    wanted = [1, 2, 1, 2, 1, 3, 10, 11, 4, 4]
    for x, number in enumerate(wanted):
        assert image.getpixel((x, 7)) == (255 - 17 * number, 0, 17 * number)
    assert image.getpixel((360, 359)) == (255 - 68, 0, 68)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_pillows_bmps_are_redrawn_without_loss(mode: str) -> None:
    image = photograph((640, 480)).convert(mode)
    out = io.BytesIO()
    image.save(out, "BMP")
    made = make(out.getvalue(), MODEL)
    assert made.mended == ()
    assert opened(made.content).convert("RGB").tobytes() == image.convert("RGB").tobytes()


def test_a_wrong_size_field_is_not_kept() -> None:
    plain = io.BytesIO()
    photograph((640, 480)).save(plain, "BMP")
    data = plain.getvalue()
    wrong = data[:2] + struct.pack("<I", 10**9) + data[6:] + b"behind it"
    assert make(wrong, MODEL).content == make(data, MODEL).content


def test_a_bmp_with_too_few_rows_is_damaged() -> None:
    for data in (
        masked_bmp(Image.new("RGBA", (400, 400), "red")),
        with_masks(16, MASKS["444"][1], LEFT, RIGHT),
    ):
        assert refused(data[: len(data) // 2]).found == "BMP"
