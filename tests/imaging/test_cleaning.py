"""Metadata is removed from every picture, without loss of quality."""

import struct
from typing import Any

import pytest
from PIL.PngImagePlugin import PngInfo

from bot.domain.first_frame import Adjustment
from bot.domain.models.model import WAN22_I2V_FLASH as MODEL
from bot.imaging.pipeline import make
from tests.factories import make_picture
from tests.imaging.pictures import NOTE, chunk, exif, opened


def png_notes() -> PngInfo:
    info = PngInfo()
    info.add_text("Comment", NOTE.decode())
    info.add_text("Description", NOTE.decode(), zip=True)
    info.add_itxt("XML:com.adobe.xmp", NOTE.decode())
    return info


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def with_segments(*segments: bytes) -> bytes:
    plain = make_picture("JPEG")
    return plain[:2] + b"".join(segments) + plain[2:]


THUMBNAIL = segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x02\x02" + NOTE[:12])


@pytest.mark.parametrize(
    "data",
    [
        make_picture("JPEG", exif=exif()),
        make_picture("JPEG", comment=NOTE),
        make_picture("JPEG", xmp=NOTE),
        with_segments(segment(0xED, b"Photoshop 3.0\x008BIM" + NOTE)),
        with_segments(segment(0xE5, NOTE), segment(0xFE, NOTE), segment(0xEF, NOTE)),
        make_picture("JPEG") + b"PK\x03\x04" + NOTE,
        make_picture("JPEG") + make_picture("JPEG", exif=exif()),
    ],
    ids=["EXIF", "comment", "XMP", "IPTC", "other segments", "a ZIP behind it", "two JPEGs"],
)
def test_a_jpeg_is_cleaned_without_encoding_it_again(data: bytes) -> None:
    assert NOTE in data
    made = make(data, MODEL)
    assert made.mended == (Adjustment.CLEANED,)
    assert made.content == make_picture("JPEG")


def test_the_thumbnail_in_a_jfif_segment_goes_too() -> None:
    plain = make_picture("JPEG")
    data = plain[:2] + THUMBNAIL + plain[20:]
    made = make(data, MODEL)
    assert NOTE[:12] not in made.content
    assert made.content[:20] == plain[:2] + b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01" + bytes(
        [0, 1, 0, 0]
    )
    assert opened(made.content).tobytes() == opened(plain).tobytes()


@pytest.mark.parametrize(
    "data",
    [
        make_picture("PNG", exif=exif()),
        make_picture("PNG", pnginfo=png_notes()),
        make_picture("PNG") + NOTE,
        make_picture("PNG")[:-12] + chunk(b"prVt", NOTE) + make_picture("PNG")[-12:],
    ],
    ids=["EXIF", "texts", "data behind it", "a private chunk"],
)
def test_a_png_is_cleaned_without_encoding_it_again(data: bytes) -> None:
    made = make(data, MODEL)
    assert made.mended == (Adjustment.CLEANED,)
    assert made.content == make_picture("PNG")


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("what", ["exif", "xmp", "behind"])
def test_a_webp_is_cleaned_without_encoding_it_again(what: str, lossless: bool) -> None:
    plain = make_picture("WEBP", lossless=lossless)
    every: dict[str, dict[str, Any]] = {"exif": {"exif": exif()}, "xmp": {"xmp": NOTE}}
    notes = every.get(what, {})
    data = make_picture("WEBP", lossless=lossless, **notes) + (NOTE if what == "behind" else b"")
    assert NOTE in data
    made = make(data, MODEL)
    assert made.mended == (Adjustment.CLEANED,)
    assert made.content == plain


def test_a_bmp_loses_what_is_behind_its_rows() -> None:
    made = make(make_picture("BMP") + NOTE, MODEL)
    assert NOTE not in made.content
    assert opened(made.content).tobytes() == opened(make_picture("BMP")).tobytes()


def test_a_bmp_with_a_gap_before_its_rows_is_redrawn() -> None:
    plain = make_picture("BMP")
    offset = 54 + len(NOTE)
    data = plain[:10] + struct.pack("<I", offset) + plain[14:54] + NOTE + plain[54:]
    made = make(data, MODEL)
    assert NOTE not in made.content
    assert opened(made.content).tobytes() == opened(plain).tobytes()


def test_a_redrawn_picture_takes_no_metadata_along() -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        made = make(make_picture(kind, (2400, 1800), exif=exif()), MODEL)
        assert made.mended == (Adjustment.SCALED, Adjustment.CLEANED)
        assert NOTE not in made.content
