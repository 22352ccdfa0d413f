"""JPEG parser: segments from SOI to the first EOI."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.domain.first_frame import PIXELS_MAX, Format
from bot.errors import PictureProblem, PictureRefused
from bot.imaging.formats import libjpeg
from bot.imaging.formats.exif import orientation
from bot.imaging.formats.structure import (
    Buffer,
    Bytes,
    Measured,
    Parts,
    damaged,
    joined,
    too_many_parts,
)

_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_DHT, _DQT, _DRI, _DAC, _DNL = 0xC4, 0xDB, 0xDD, 0xCC, 0xDC
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
# Baseline, extended and progressive with Huffman coding: phones, cameras and programs write these.
# Others are refused by name. libjpeg-turbo decodes some of them, but Pillow asks it for 8-bit rows
# all the same, so a lossless one (SOF3) is written past the end of a buffer.
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_PROGRESSIVE = 0xC2
_OTHER_FRAMES = {
    0xC3: "lossless JPEG",
    0xC5: "hierarchical JPEG",
    0xC6: "hierarchical JPEG",
    0xC7: "hierarchical JPEG",
    0xC9: "JPEG with arithmetic coding",
    0xCA: "JPEG with arithmetic coding",
    0xCB: "lossless JPEG",
    0xCD: "hierarchical JPEG",
    0xCE: "hierarchical JPEG",
    0xCF: "hierarchical JPEG",
    0xDE: "hierarchical JPEG",
    0xF7: "JPEG-LS picture",
}
_APPLICATION = frozenset(range(_APP0, _APP15 + 1)) | {_COM}
_KNOWN = (
    _FRAMES | _APPLICATION | set(_OTHER_FRAMES) | {_SOI, _EOI, _SOS, _DHT, _DQT, _DRI, _DAC, _DNL}
)
# In entropy-coded data, FF is followed by 00 or a restart (D0 to D7), never by these.
_MARKER = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
_EXIF = b"Exif\x00\x00"
_ICC = b"ICC_PROFILE\x00"
_JFIF_BYTES = 18  # with marker and length, without the thumbnail
_ADOBE_BYTES = 16
# A segment has up to 65,535 bytes, so the largest file of 50 MB needs 770.
_SEGMENTS_MAX = 5000
# Programs write about 10 scans, the most thorough optimizers 30; 400 in 90 kB took a worker 20 s.
_SCANS_MAX = 100
# Each scan processes all pixels again. The largest picture may have the usual number of scans.
_PIXEL_SCANS_MAX = 10 * PIXELS_MAX


@dataclass(frozen=True, slots=True)
class _Segment:
    marker: int
    start: int
    """Offset of the 0xFF byte."""
    end: int


def _segments(data: Buffer) -> Iterator[_Segment]:
    """Yield segments up to and including EOI, or the end of the data. A scan's data is in its SOS.

    Raises:
        PictureRefused: there are too many segments, an unknown one, or stray bytes after the
            first scan. The last two mean that the picture is damaged.
    """
    at, scanned = 2, False
    for _number in range(_SEGMENTS_MAX):
        found = _MARKER.search(data, at)
        if found is None:
            return
        start, marker = found.start(), data[found.start() + 1]
        if marker not in _KNOWN or marker == _SOI:
            raise damaged(Format.JPEG)
        if scanned and data[at:start].strip(b"\xff"):
            raise damaged(Format.JPEG)
        if marker == _EOI:
            yield _Segment(marker, start, start + 2)
            return
        end = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        if end < start + 4 or end > len(data):
            return
        if marker == _SOS:
            behind = _MARKER.search(data, end)
            end, scanned = (behind.start() if behind else len(data)), True
        yield _Segment(marker, start, end)
        at = end
    raise too_many_parts(Format.JPEG)


def measure(data: Buffer) -> Measured | None:
    """Return size and orientation; ``None`` without a frame.

    Raises:
        PictureRefused: the file is damaged, not supported, or has too many scans.
    """
    turn, frame, scans = 1, None, 0
    for segment in _segments(data):
        payload = data[segment.start + 4 : min(segment.end, segment.start + 65_537)]
        if segment.marker == _APP1 and payload.startswith(_EXIF) and turn == 1:
            turn = orientation(payload)
        if frame is None and (frame := _frame(segment.marker, payload)) is None:
            if segment.marker in (_SOS, _EOI):
                raise damaged(Format.JPEG)
            continue
        scans += segment.marker == _SOS
        _check_scans(scans, frame)
    return Measured(size=frame.size, orientation=turn, scans=scans) if frame else None


@dataclass(frozen=True, slots=True)
class _Frame:
    size: tuple[int, int]
    components: bytes
    """Ids of the components."""
    progressive: bool


def _frame(marker: int, payload: bytes) -> _Frame | None:
    """Parse a SOF segment; ``None`` for other segments.

    Raises:
        PictureRefused: FORMAT, with the name of a variant that is not supported.
    """
    if marker in _OTHER_FRAMES:
        raise PictureRefused(PictureProblem.FORMAT, found=_OTHER_FRAMES[marker])
    if marker not in _FRAMES:
        return None
    if len(payload) < 6 or len(payload) != 6 + 3 * payload[5]:
        raise damaged(Format.JPEG)
    bits, height, width, channels = struct.unpack_from(">BHHB", payload)
    if bits == 12:
        raise PictureRefused(PictureProblem.FORMAT, found="JPEG of 12 bits")
    if bits != 8 or channels not in (1, 3, 4):
        raise damaged(Format.JPEG)
    return _Frame((width, height), payload[6::3], marker == _PROGRESSIVE)


def _check_scans(scans: int, frame: _Frame) -> None:
    width, height = frame.size
    pixels = min(width * height, PIXELS_MAX)
    if scans > _SCANS_MAX or scans * pixels > _PIXEL_SCANS_MAX:
        raise too_many_parts(Format.JPEG)


@dataclass(slots=True)
class _Reading:
    """State of the parser."""

    pieces: list[Bytes] = field(default_factory=lambda: [b"\xff\xd8"])
    frame: _Frame | None = None
    icc: dict[int, bytes] = field(default_factory=dict)
    orientation: int = 1
    metadata: bool = False
    scans: int = 0
    missing: dict[int, list[int]] = field(default_factory=dict)
    """By component and coefficient: the number of low bits that no scan has brought yet."""
    ended: bool = False
    end: int = 0


# More bits than any coefficient has: nothing of it has arrived.
_ALL_BITS = 16


def dismantle(data: bytes) -> Parts:
    """Parse a whole file.

    A missing EOI is added if all scans are there. Whether they contain all pixels shows only when
    they are decoded (``bot.imaging.formats.libjpeg``).

    Raises:
        PictureRefused: DAMAGED, TOO_MANY_PARTS, or FORMAT for an unsupported variant.
    """
    reading = _Reading()
    view = memoryview(data)
    for segment in _segments(data):
        _read(reading, segment, view)
        reading.end = segment.end
    frame = reading.frame
    if frame is None or not _is_complete(reading):
        raise damaged(Format.JPEG)
    if not reading.ended:
        if not libjpeg.is_there():
            raise damaged(Format.JPEG)
        reading.pieces.append(b"\xff\xd9")
    return Parts(
        format=Format.JPEG,
        size=frame.size,
        clean=joined(data, reading.pieces),
        lossless=False,
        orientation=reading.orientation,
        profile=_profile(reading.icc),
        cmyk=len(frame.components) == 4,
        gray=len(frame.components) == 1,
        metadata=reading.metadata or reading.end < len(data),
    )


def without_padding(clean: bytes) -> bytes:
    """Remove the zeros that some programs write between the last scan's data and EOI."""
    return clean[:-2].rstrip(b"\x00") + clean[-2:]


def _is_complete(reading: _Reading) -> bool:
    """Whether each component has arrived; without EOI, with all bits of all coefficients."""
    if reading.ended:
        return all(bits[0] < _ALL_BITS for bits in reading.missing.values())
    return not any(any(bits) for bits in reading.missing.values())


def _read(reading: _Reading, segment: _Segment, view: memoryview) -> None:
    marker = segment.marker
    if marker in _APPLICATION:
        _read_application(reading, segment, view)
        return
    payload = bytes(view[segment.start + 4 : min(segment.end, segment.start + 65_537)])
    frame = _frame(marker, payload)
    if frame is not None:
        # With two frames, the first would be measured and the second decoded.
        if reading.frame is not None:
            raise damaged(Format.JPEG)
        reading.frame = frame
        reading.missing = {one: [_ALL_BITS] * 64 for one in frame.components}
    elif marker == _SOS:
        _read_scan(reading, payload)
    reading.ended = marker == _EOI
    reading.pieces.append(view[segment.start : segment.end])


def _read_scan(reading: _Reading, payload: bytes) -> None:
    """Record which bits of which coefficients a scan brings."""
    count = payload[0]
    if reading.frame is None or len(payload) < 4 + 2 * count:
        raise damaged(Format.JPEG)
    reading.scans += 1
    _check_scans(reading.scans, reading.frame)
    first, last, bits = payload[1 + 2 * count : 4 + 2 * count]
    if not reading.frame.progressive:
        first, last, bits = 0, 63, 0
    for component in payload[1 : 1 + 2 * count : 2]:
        if component not in reading.missing or last > 63:
            raise damaged(Format.JPEG)
        for coefficient in range(first, last + 1):
            reading.missing[component][coefficient] = bits & 0x0F


def _read_application(reading: _Reading, segment: _Segment, view: memoryview) -> None:
    """Keep what a decoder needs (JFIF, Adobe), read profile and orientation, drop the rest."""
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
    """Return JFIF without its thumbnail, or Adobe's color transform; otherwise nothing."""
    if marker == _APP0 and whole[4:9] == b"JFIF\x00" and len(whole) >= _JFIF_BYTES:
        return b"\xff\xe0\x00\x10" + whole[4:16] + b"\x00\x00"
    if marker == _APP14 and whole[4:9] == b"Adobe" and len(whole) >= _ADOBE_BYTES:
        return b"\xff\xee\x00\x0e" + whole[4:_ADOBE_BYTES]
    return b""


def _profile(chunks: dict[int, bytes]) -> bytes | None:
    return b"".join(chunks[number] for number in sorted(chunks)) or None
