"""BMP: reads the size, and decodes kinds that Pillow gets wrong. BMPs are always re-encoded."""

import struct
from dataclasses import dataclass

from PIL import Image

from bot.domain.first_frame import Format
from bot.imaging.formats.structure import Buffer, Measured, Parts, damaged

_FILE_HEADER = 14
_CORE, _V5 = 12, 124
_BITFIELDS, _ALPHA_BITFIELDS, _RLE4 = 3, 6, 2
_EMBEDDED = b"DEBM"  # PROFILE_EMBEDDED, 'MBED' little-endian


def measure(head: Buffer) -> Measured | None:
    """Return the size; ``None`` if ``head`` is too short."""
    if len(head) < _FILE_HEADER + _CORE:
        return None
    return Measured(size=_size(head))


def _size(data: Buffer) -> tuple[int, int]:
    """Return the size. A negative height means that rows are stored from the top."""
    try:
        (header,) = struct.unpack_from("<I", data, _FILE_HEADER)
        wide = header != _CORE
        width, height = struct.unpack_from("<ii" if wide else "<HH", data, _FILE_HEADER + 4)
    except struct.error as error:
        raise damaged(Format.BMP) from error
    if header not in (_CORE, 16, 40, 52, 56, 64, 108, _V5):
        raise damaged(Format.BMP)
    return width, abs(height)


def dismantle(data: bytes) -> Parts:
    """Parse a whole file. It is always re-encoded, because BMP has too many variants to trust.

    Raises:
        PictureRefused: DAMAGED.
    """
    size = _size(data)
    (header,) = struct.unpack_from("<I", data, _FILE_HEADER)
    return Parts(
        format=Format.BMP,
        size=size,
        clean=data,
        lossless=True,
        profile=_profile(data) if header == _V5 else None,
        redrawn=True,
    )


def _profile(data: bytes) -> bytes | None:
    """Return an embedded profile; its offset counts from the end of the file header."""
    try:
        (kind,) = struct.unpack_from("4s", data, _FILE_HEADER + 56)
        start, length = struct.unpack_from("<II", data, _FILE_HEADER + 112)
    except struct.error:
        return None
    start += _FILE_HEADER
    return data[start : start + length] or None if kind == _EMBEDDED else None


# --- pixels -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Kind:
    size: tuple[int, int]
    from_top: bool
    bits: int
    compression: int
    offset: int
    header: int


def _kind(data: bytes) -> _Kind:
    offset, header = struct.unpack_from("<II", data, 10)
    if header < 40:
        return _Kind((0, 0), False, 0, 0, offset, header)
    width, height, _planes, bits, compression = struct.unpack_from("<iiHHI", data, 18)
    return _Kind((width, abs(height)), height < 0, bits, compression, offset, header)


def opened(data: bytes) -> Image.Image | None:
    """Decode a picture that Pillow would decode wrongly; ``None`` for all others.

    Pillow knows only the usual masks, shows nothing of a picture whose alpha bytes are all zero
    (programs write zeros and mean opaque), and misreads runs of odd length in RLE4.

    Raises:
        ValueError, struct.error: the file is too short.
    """
    kind = _kind(data)
    if kind.compression == _RLE4 and kind.bits == 4:
        return _run_lengths(data, kind)
    if kind.compression in (_BITFIELDS, _ALPHA_BITFIELDS) and kind.bits in (16, 32):
        return _masked(data, kind)
    return None


def _masked(data: bytes, kind: _Kind) -> Image.Image:
    """Decode channels that are given by masks, with 16 or 32 bits per pixel."""
    red, green, blue = struct.unpack_from("<III", data, 54)
    has_alpha = kind.header >= 56 or kind.compression == _ALPHA_BITFIELDS
    (alpha,) = struct.unpack_from("<I", data, 66) if has_alpha else (0,)
    width, height = kind.size
    stride = (width * kind.bits + 31) // 32 * 4
    rows = data[kind.offset : kind.offset + stride * height]
    if len(rows) < stride * height:
        raise ValueError("too few rows")
    bands = [_band(rows, mask, stride, kind) for mask in (red, green, blue)]
    image = Image.merge("RGB", bands)
    if alpha:
        opacity = _band(rows, alpha, stride, kind)
        if opacity.getextrema() != (0, 0):
            image.putalpha(opacity)
    return image if kind.from_top else image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)


def _band(rows: bytes, mask: int, stride: int, kind: _Kind) -> Image.Image:
    """Return one channel in 8 bits."""
    if not mask:
        return Image.new("L", kind.size)
    low = (mask & -mask).bit_length() - 1
    bits = (mask >> low).bit_length()
    # The two bytes with the upper bits of the channel.
    first = min(max(0, (low + bits - 1) // 8 - 1), kind.bits // 8 - 2)
    shift = low - 8 * first
    most = (1 << bits) - 1
    step = kind.bits // 8
    halves = bytearray(len(rows) // step * 2)
    halves[0::2] = rows[first::step][: len(halves) // 2]
    halves[1::2] = rows[first + 1 :: step][: len(halves) // 2]
    wide = Image.frombytes("I;16", (stride // step, kind.size[1]), bytes(halves))
    if shift < 0:  # Longer than two bytes: the lowest bits do not matter in 8 bits.
        most, shift = most >> -shift, 0
    table = [((value >> shift) & most) * 255 // most for value in range(1 << 16)]
    return wide.crop((0, 0, *kind.size)).convert("I").point(table, "L")


def _run_lengths(data: bytes, kind: _Kind) -> Image.Image:
    """Decode RLE4: pairs of bytes with a count and two alternating colors, or an escape."""
    width, height = kind.size
    lines = [bytearray(width) for _ in range(height)]
    x = y = 0
    at = kind.offset
    while y < height:
        count, value = data[at], data[at + 1]
        at += 2
        if count:
            pair = bytes((value >> 4, value & 15))
            x = _put(lines[y], x, (pair * (count // 2 + 1))[:count])
        elif value == 0:
            x, y = 0, y + 1
        elif value == 1:
            break
        elif value == 2:
            x, y, at = x + data[at], y + data[at + 1], at + 2
        else:
            packed = data[at : at + (value + 1) // 2]
            if len(packed) < (value + 1) // 2:
                raise ValueError("too few bytes")
            at += len(packed) + len(packed) % 2
            colors = bytes(part for byte in packed for part in (byte >> 4, byte & 15))
            x = _put(lines[y], x, colors[:value])
    if not kind.from_top:
        lines.reverse()
    image = Image.frombytes("P", kind.size, b"".join(lines))
    image.putpalette(_palette(data, kind))
    return image.convert("RGB")


def _put(line: bytearray, x: int, colors: bytes) -> int:
    """Write a run; return the next position. Pixels beyond the line are dropped."""
    fitting = colors[: max(0, len(line) - x)]
    line[x : x + len(fitting)] = fitting
    return x + len(colors)


def _palette(data: bytes, kind: _Kind) -> bytes:
    start = _FILE_HEADER + kind.header
    entries = data[start : min(kind.offset, start + 64)]
    return b"".join(entries[at : at + 3][::-1] for at in range(0, len(entries), 4))
