"""Real pictures, made by the test that needs them."""

import io
import random
import struct
import zlib
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageCms

from tests.factories import make_picture

NOTE = b"taken at 48.8584 N 2.2945 E by Ada"


def saved(image: Image.Image, format: str = "PNG", **save: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **save)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def exif(orientation: int = 1) -> Image.Exif:
    """EXIF data with a description and an orientation."""
    tags = Image.Exif()
    tags[0x010E] = NOTE.decode()
    if orientation != 1:
        tags[0x0112] = orientation
    return tags


def noise(size: tuple[int, int], mode: str = "RGB", seed: int = 1) -> Image.Image:
    data = random.Random(seed).randbytes(size[0] * size[1] * len(mode))
    return Image.frombytes(mode, size, data)


def photograph(size: tuple[int, int] = (4032, 3024)) -> Image.Image:
    """A picture like a camera's: large soft shapes under fine grain, with many colors."""
    width, height = size
    grain = Image.effect_noise(size, 20)
    shapes = noise((width // 64 + 1, height // 64 + 1)).resize(size, Image.Resampling.BICUBIC)
    return Image.blend(shapes, Image.merge("RGB", (grain, grain, grain)), 0.3)


def chunk(kind: bytes, payload: bytes) -> bytes:
    checksum = zlib.crc32(kind + payload)
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", checksum)


def png_header(width: int, height: int, *, bits: int = 8, color: int = 2) -> bytes:
    """A PNG that announces a size but has hardly any pixels."""
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)
    data = zlib.compress(bytes(64))
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def deep_png(size: tuple[int, int], pixel: tuple[int, int, int], key: bytes = b"") -> bytes:
    """An RGB PNG of 16 bits, which Pillow cannot write; ``key`` is for its tRNS chunk."""
    width, height = size
    row = b"\x00" + struct.pack(">HHH", *pixel) * width
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    transparency = chunk(b"tRNS", key) if key else b""
    pixels = chunk(b"IDAT", zlib.compress(row * height))
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + transparency + pixels + chunk(b"IEND", b"")


def png(
    rows: Sequence[bytes],
    *marks: tuple[bytes, bytes],
    size: tuple[int, int] = (400, 400),
    bits: int = 8,
    color: int = 2,
) -> bytes:
    """A PNG built by hand: these rows stretched to the height, and chunks before the pixels."""
    width, height = size
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)
    lines = ((b"\0" + rows[y * len(rows) // height]) for y in range(height))
    chunks = (
        (b"IHDR", header),
        *marks,
        (b"IDAT", zlib.compress(b"".join(lines))),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in chunks)


def gray_png(bits: int, key: int) -> bytes:
    """A PNG with one stripe for each shade of gray, one of which is transparent."""
    width, shades = 400, 1 << bits
    values = [x * shades // width for x in range(width)]
    per_byte = 8 // bits

    row = bytes(
        sum(values[x + n] << (8 - bits * (n + 1)) for n in range(per_byte))
        for x in range(0, width, per_byte)
    )
    return png([row], (b"tRNS", struct.pack(">H", key)), bits=bits, color=0)


def part_of_animation(corner: tuple[int, int], size: tuple[int, int] = (100, 50)) -> bytes:
    """An animation: its default picture, red, is no frame; its first frame, blue, is smaller."""
    whole = png([b"\xff\0\0" * 400], (b"acTL", struct.pack(">II", 1, 0)))
    row = b"\0" + b"\0\0\xff" * size[0]
    # Sequence number, size, offset, a delay of one minute, no disposal, no blending.
    control = struct.pack(">5I2H2B", 0, *size, *corner, 60, 1, 0, 0)
    data = struct.pack(">I", 1) + zlib.compress(row * size[1])
    return whole[:-12] + chunk(b"fcTL", control) + chunk(b"fdAT", data) + whole[-12:]


def masked_bmp(image: Image.Image) -> bytes:
    """A BMP of 32 bits with an alpha mask in a V4 header, the only kind that is transparent."""
    width, height = image.size
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    header = struct.pack("<IiiHHIIiiII", 108, width, -height, 1, 32, 3, 0, 0, 0, 0, 0)
    rows = image.tobytes("raw", "BGRA")
    start = struct.pack("<2sIII", b"BM", 122 + len(rows), 0, 122)
    return start + (header + masks).ljust(108, b"\x00") + rows


def animated(format: str, size: tuple[int, int] = (400, 400)) -> bytes:
    """An animation of a red and a blue frame."""
    frames = [Image.new("RGB", size, color) for color in ("red", "blue")]
    return saved(
        frames[0], format, save_all=True, append_images=frames[1:], duration=100, lossless=True
    )


def multi_picture(size: tuple[int, int] = (640, 480)) -> bytes:
    """A JPEG followed by a second one, as telephones write them."""
    first, second = (opened(make_picture("JPEG", size)) for _ in range(2))
    return saved(first, "MPO", save_all=True, append_images=[second])


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped_profile() -> bytes:
    """A working color profile with red and blue exchanged.

    It is sRGB with the tags of the two primaries exchanged, so the result of a conversion is known.
    """
    return (
        srgb_profile().replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    )
