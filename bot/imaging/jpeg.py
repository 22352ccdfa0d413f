"""JPEG taken apart: segments, from SOI to the first EOI."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.domain.first_frame import Format
from bot.errors import PictureProblem, PictureRefused
from bot.imaging.exif import orientation
from bot.imaging.parts import Bytes, Measured, Parts, damaged, joined

_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Inside entropy-coded data FF is followed by 00 or a restart (D0 to D7), never by these.
_MARKER = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
_EXIF = b"Exif\x00\x00"
_ICC = b"ICC_PROFILE\x00"
_JFIF_BYTES = 18  # with marker and length, without its thumbnail
_ADOBE_BYTES = 16


@dataclass(frozen=True, slots=True)
class _Segment:
    marker: int
    start: int
    """Of its FF."""
    end: int


def _segments(data: bytes) -> Iterator[_Segment]:
    """Up to and with EOI; ends early where the data does. A scan's data belongs to its SOS."""
    at = 2
    while found := _MARKER.search(data, at):
        start, marker = found.start(), data[found.start() + 1]
        if marker in (_EOI, _SOI):
            yield _Segment(marker, start, start + 2)
            return
        end = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        if end < start + 4 or end > len(data):
            return
        if marker == _SOS:
            behind = _MARKER.search(data, end)
            end = behind.start() if behind else len(data)
        yield _Segment(marker, start, end)
        at = end


def measure(head: bytes) -> Measured | None:
    """Size and orientation; ``None`` when they come later than ``head`` reaches."""
    turn = 1
    for segment in _segments(head):
        payload = head[segment.start + 4 : segment.end]
        if segment.marker == _APP1 and payload.startswith(_EXIF) and turn == 1:
            turn = orientation(payload)
        if segment.marker in _FRAMES:
            return Measured(size=_frame(payload)[0], orientation=turn)
        if segment.marker in (_SOS, _SOI, _EOI):
            raise damaged(Format.JPEG)
    return None


def _frame(payload: bytes) -> tuple[tuple[int, int], int]:
    """Size and number of channels from a SOF."""
    try:
        bits, height, width, channels = struct.unpack_from(">BHHB", payload)
    except struct.error as error:
        raise damaged(Format.JPEG) from error
    if bits != 8:
        raise PictureRefused(PictureProblem.FORMAT, found=f"{bits}-bit JPEG")
    return (width, height), channels


@dataclass(slots=True)
class _Reading:
    """What has been gathered so far."""

    pieces: list[Bytes] = field(default_factory=lambda: [b"\xff\xd8"])
    frames: list[tuple[tuple[int, int], int]] = field(default_factory=list)
    icc: dict[int, bytes] = field(default_factory=dict)
    orientation: int = 1
    metadata: bool = False
    scans: int = 0
    ended: bool = False
    end: int = 0


def dismantle(data: bytes) -> Parts:
    """Take a whole file apart.

    Raises:
        PictureRefused: DAMAGED, or FORMAT for more than 8 bits.
    """
    reading = _Reading()
    view = memoryview(data)
    for segment in _segments(data):
        _read(reading, segment, view)
        reading.end = segment.end
    # Without an end it is truncated: libjpeg would fill the rest with grey. Two frames would let
    # the first be measured and the second be decoded.
    if not reading.ended or len(reading.frames) != 1 or not reading.scans:
        raise damaged(Format.JPEG)
    (size, channels) = reading.frames[0]
    return Parts(
        format=Format.JPEG,
        size=size,
        clean=joined(data, reading.pieces),
        lossless=False,
        orientation=reading.orientation,
        profile=_profile(reading.icc),
        cmyk=channels == 4,
        grey=channels == 1,
        metadata=reading.metadata or reading.end < len(data),
    )


def _read(reading: _Reading, segment: _Segment, view: memoryview) -> None:
    marker = segment.marker
    if _APP0 <= marker <= _APP15 or marker == _COM:
        _read_application(reading, segment, view)
    else:
        if marker in _FRAMES:
            reading.frames.append(_frame(bytes(view[segment.start + 4 : segment.end])))
        reading.scans += marker == _SOS
        reading.ended = marker == _EOI
        reading.pieces.append(view[segment.start : segment.end])


def _read_application(reading: _Reading, segment: _Segment, view: memoryview) -> None:
    """Keep what a decoder needs (JFIF, Adobe), note profile and orientation, drop the rest."""
    whole = bytes(view[segment.start : segment.end])
    payload = whole[4:]
    if segment.marker == _APP2 and payload.startswith(_ICC) and len(payload) > 14:
        reading.icc[payload[12]] = payload[14:]
        return
    kept = _kept(segment.marker, whole)
    if kept:
        reading.pieces.append(kept)
    elif segment.marker == _APP1 and payload.startswith(_EXIF) and reading.orientation == 1:
        reading.orientation = orientation(payload)
    reading.metadata |= kept != whole


def _kept(marker: int, whole: bytes) -> bytes:
    """JFIF without its thumbnail, and Adobe's colour transform; else nothing."""
    if marker == _APP0 and whole[4:9] == b"JFIF\x00" and len(whole) >= _JFIF_BYTES:
        return b"\xff\xe0\x00\x10" + whole[4:16] + b"\x00\x00"
    if marker == _APP14 and whole[4:9] == b"Adobe" and len(whole) >= _ADOBE_BYTES:
        return b"\xff\xee\x00\x0e" + whole[4:_ADOBE_BYTES]
    return b""


def _profile(chunks: dict[int, bytes]) -> bytes | None:
    return b"".join(chunks[number] for number in sorted(chunks)) or None
