"""Files of two formats at once, and files that are much larger than they look."""

import asyncio
import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image

from bot.domain.models.model import WAN22_I2V_FLASH
from bot.errors import PictureRefused
from bot.imaging.pool.pool import open_frame_maker
from tests.factories import make_picture

SCRIPT = b"<script>alert(1)</script><?php system('id'); ?>"


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("evil.html", SCRIPT.decode())
    return out.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _with_text(png: bytes) -> bytes:
    """A PNG with a script in a text chunk after its header."""
    return png[:33] + _chunk(b"tEXt", b"Comment\x00" + SCRIPT) + png[33:]


def _with_comment(jpeg: bytes) -> bytes:
    """A JPEG with a script in a comment."""
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(SCRIPT) + 2) + SCRIPT + jpeg[2:]


def _png_bomb() -> bytes:
    """A PNG of 30,000 × 30,000 pixels: 2.7 GB once decoded, in a few hundred kilobytes."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(100_000_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", packed)
        + _chunk(b"IEND", b"")
    )


async def _made(data: bytes, folder: Path) -> bytes:
    source = folder / "source"
    await asyncio.to_thread(source.write_bytes, data)
    async with open_frame_maker() as frames:
        made = await frames.make(source, folder, WAN22_I2V_FLASH)
    return await asyncio.to_thread(made.path.read_bytes)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(make_picture("PNG") + _zip(), id="a PNG that is a ZIP"),
        pytest.param(make_picture("JPEG") + _zip(), id="a JPEG that is a ZIP"),
        pytest.param(make_picture("JPEG") + SCRIPT, id="a JPEG with a script behind it"),
        pytest.param(_with_text(make_picture("PNG")), id="a PNG with a script in it"),
        pytest.param(_with_comment(make_picture("JPEG")), id="a JPEG with a script in it"),
    ],
)
async def test_only_the_picture_of_a_polyglot_goes_on(data: bytes, tmp_path: Path) -> None:
    frame = await _made(data, tmp_path)
    assert SCRIPT not in frame
    assert b"PK\x03\x04" not in frame
    with Image.open(io.BytesIO(frame)) as picture:
        picture.load()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"GIF89a" + make_picture("PNG"), id="a GIF's name on a PNG"),
        pytest.param(b"%PDF-1.7\n" + make_picture("JPEG"), id="a PDF before a JPEG"),
        pytest.param(_zip() + make_picture("PNG"), id="a ZIP before a PNG"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>", id="SVG"),
    ],
)
async def test_what_is_no_picture_by_its_content_is_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(PictureRefused):
        await _made(data, tmp_path)


async def test_a_bomb_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureRefused):
        await _made(_png_bomb(), tmp_path)
