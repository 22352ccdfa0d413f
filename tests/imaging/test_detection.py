"""Format detection, and what the header alone is enough to refuse."""

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.first_frame import Format
from bot.domain.models.model import WAN22_I2V_FLASH as MODEL
from bot.errors import PictureProblem, PictureRefused
from bot.imaging.formats.detection import sniff
from bot.imaging.pipeline import check_header, make
from tests.factories import make_picture
from tests.imaging.pictures import animated, deep_png, exif, multi_picture, png_header


def tiff(order: str, *entries: tuple[int, int, int]) -> bytes:
    """A TIFF structure whose first directory has these tags with their types and values."""
    start = {"<": b"II*\x00", ">": b"MM\x00*"}[order] + struct.pack(order + "IH", 8, len(entries))
    return start + b"".join(
        struct.pack(order + "HHII", tag, kind, 1, n) for tag, kind, n in entries
    )


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (make_picture("JPEG"), "JPEG"),
        (make_picture("WEBP"), "WEBP"),
        (make_picture("GIF"), "GIF"),
        (make_picture("TIFF"), "TIFF"),
        (make_picture("AVIF"), "AVIF"),
        (make_picture("ICO"), "ICO"),
        (make_picture("JPEG2000"), "JPEG 2000"),
        (make_picture("PDF"), "PDF"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf", "AVIF"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2", "MP4"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  ", "MOV"),
        (b"\x00\x00\x00\x10ftypmif3avif", "AVIF"),
        (b"\x00\x00\x00\x10ftypmif3heic", "HEIC"),
        (b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom", "camera raw"),
        (b"II*\x00\x10\x00\x00\x00CR\x02\x00", "camera raw"),
        (b"FUJIFILMCCD-RAW 0201", "camera raw"),
        (tiff(">", (254, 4, 1), (256, 4, 160)), "camera raw"),
        (tiff("<", (256, 4, 6000), (50706, 1, 1025)), "camera raw"),
        (tiff("<", (254, 4, 0), (256, 4, 6000)), "TIFF"),
        (tiff(">", (254, 4, 2), (256, 4, 6000)), "TIFF"),
        (tiff("<")[:9], "TIFF"),
        (b"IIU\x00\x18\x00\x00\x00", "camera raw"),
        (make_picture("PPM"), "PPM"),
        (b"P5\n# made by hand\n640 480\n255\n", "PPM"),
        (make_picture("TGA"), "TGA"),
        (make_picture("PCX"), "PCX"),
        (make_picture("DDS"), "DDS"),
        (b"\x76\x2f\x31\x01\x02\x00\x00\x00", "OpenEXR"),
        (b"II\xbc\x01\x20\x00\x00\x00", "JPEG XR"),
        (b"RIFF\x10\x00\x00\x00AVI LIST", "AVI"),
        (b"PK\x03\x04\x14\x00", "ZIP"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"<!DOCTYPE html><title>404</title>", "HTML"),
        ("café".encode(), "text"),
        (b"", ""),
        (b"\x00\x01\x02\x03", ""),
        (bytes(64), ""),
        (b"P1 is what they call it", "text"),
        (b"\xff\xfe\x00", ""),
    ],
)
def test_formats_are_detected_by_content(head: bytes, name: str) -> None:
    assert sniff(head) == name


def problem_of(path: Path, content: bytes) -> PictureProblem | None:
    path.write_bytes(content)
    try:
        check_header(path, MODEL)
    except PictureRefused as refused:
        return refused.problem
    return None


@pytest.mark.parametrize("format", list(Format))
def test_each_format_is_measured_by_its_header(format: Format, tmp_path: Path) -> None:
    path = tmp_path / "holiday.png"
    whole = make_picture(format.value, (640, 300))
    assert problem_of(path, make_picture(format.value)) is None
    # The file contains nothing but its header.
    assert problem_of(path, whole[:700]) is PictureProblem.TOO_SMALL


@pytest.mark.parametrize("save", [{"lossless": True}, {"exif": exif()}])
def test_lossless_and_extended_webp_headers(save: dict[str, object], tmp_path: Path) -> None:
    whole = make_picture("WEBP", (6000, 400), **save)
    assert problem_of(tmp_path / "x", whole[:60]) is PictureProblem.TOO_NARROW


def test_a_jpeg_is_measured_upright(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(make_picture("JPEG", (640, 300), exif=exif(6))[:1000])
    with pytest.raises(PictureRefused) as caught:
        check_header(path, MODEL)
    assert caught.value.size == (300, 640)


def test_a_header_is_measured_however_long_it_is(tmp_path: Path) -> None:
    plain = make_picture("JPEG", (640, 300))
    padding = (b"\xff\xe9\xff\xff" + bytes(65_533)) * 5
    whole = plain[:2] + padding + plain[2:]
    assert problem_of(tmp_path / "x", whole) is PictureProblem.TOO_SMALL


def test_size_is_checked_before_content(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with path.open("wb") as file:
        file.truncate(50_000_001)
    with pytest.raises(PictureRefused) as caught:
        check_header(path, MODEL)
    assert caught.value.problem is PictureProblem.TOO_MANY_BYTES


def test_a_bomb_by_its_header(tmp_path: Path) -> None:
    assert problem_of(tmp_path / "x", png_header(60_000, 60_000)) is PictureProblem.BOMB


SMALL = (360, 360)
SEEDS = [
    make_picture("JPEG", SMALL, exif=exif(6), comment=b"hello"),
    make_picture("JPEG", SMALL, progressive=True),
    multi_picture(SMALL),
    make_picture("PNG", SMALL, exif=exif(3)),
    animated("PNG", SMALL),
    deep_png(SMALL, (1, 2, 3), bytes(6)),
    make_picture("BMP", SMALL),
    make_picture("WEBP", SMALL, exif=exif()),
    make_picture("WEBP", SMALL, lossless=True),
    animated("WEBP", SMALL),
]


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A picture with some bytes overwritten, most of them near its start, and sometimes cut."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        reach = draw(st.sampled_from([40, 200, len(data)]))
        data[draw(st.integers(2, min(reach, len(data)) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.sampled_from([len(data), len(data) // 2, 30]))])


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(broken())
def test_broken_pictures_are_made_or_refused_and_nothing_else(data: bytes) -> None:
    try:
        made = make(data, MODEL)
    except PictureRefused:
        return
    assert all(360 <= side <= 2000 for side in made.size)
    assert len(made.content) <= MODEL.picture_bytes
    # A frame that was made is valid, so it can be processed again.
    assert make(made.content, MODEL).size == made.size


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_after_any_signature(tail: bytes) -> None:
    for start in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"RIFF\xff\x00\x00\x00WEBP", b""):
        with pytest.raises(PictureRefused):
            make(start + tail, MODEL)
