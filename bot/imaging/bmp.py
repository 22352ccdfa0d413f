"""BMP taken apart: two headers, a palette, rows."""

import struct

from bot.domain.first_frame import Format
from bot.imaging.parts import Buffer, Measured, Parts, damaged

_FILE_HEADER = 14
_CORE, _INFO, _V5 = 12, 40, 124
_RGB, _BITFIELDS = 0, frozenset({3, 6})
_EMBEDDED = b"DEBM"  # PROFILE_EMBEDDED, 'MBED' little-endian


def measure(head: Buffer) -> Measured | None:
    """Size; ``None`` where ``head`` is too short."""
    if len(head) < _FILE_HEADER + _CORE:
        return None
    return Measured(size=_size(head))


def _size(data: Buffer) -> tuple[int, int]:
    """Rows may be stored from the top: their number is negative then."""
    try:
        (header,) = struct.unpack_from("<I", data, _FILE_HEADER)
        wide = header != _CORE
        width, height = struct.unpack_from("<ii" if wide else "<HH", data, _FILE_HEADER + 4)
    except struct.error as error:
        raise damaged(Format.BMP) from error
    if header not in (_CORE, 16, _INFO, 52, 56, 64, 108, _V5):
        raise damaged(Format.BMP)
    return width, abs(height)


def dismantle(data: bytes) -> Parts:
    """Take a whole file apart.

    Only the plain kind goes out as it is; what has masks, a V4 or V5 header, compression or
    a gap before its rows is drawn anew, without loss.

    Raises:
        PictureRefused: DAMAGED.
    """
    size = _size(data)
    (offset,) = struct.unpack_from("<I", data, 10)
    (header,) = struct.unpack_from("<I", data, _FILE_HEADER)
    plain_end = _plain_end(data, header, size, offset)
    if plain_end is not None and plain_end > len(data):
        raise damaged(Format.BMP)
    clean = data if plain_end is None else data[:plain_end]
    return Parts(
        format=Format.BMP,
        size=size,
        clean=clean,
        lossless=True,
        profile=_profile(data) if header == _V5 else None,
        # Pillow finds out whether a mask for alpha is there.
        alpha=plain_end is None,
        redrawn=plain_end is None,
        metadata=len(clean) < len(data),
    )


def _plain_end(data: bytes, header: int, size: tuple[int, int], offset: int) -> int | None:
    """Where the rows of a plain BMP end; ``None`` for the other kinds."""
    if header != _INFO or len(data) < _FILE_HEADER + _INFO:
        return None
    bits, compression = struct.unpack_from("<HI", data, _FILE_HEADER + 14)
    (colours,) = struct.unpack_from("<I", data, _FILE_HEADER + 32)
    palette = (colours or 1 << bits) if bits <= 8 else 0
    if compression != _RGB or bits not in (1, 4, 8, 24):
        return None
    if offset != _FILE_HEADER + _INFO + 4 * palette:
        return None
    stride = (size[0] * bits + 31) // 32 * 4
    return int(offset + stride * size[1])


def _profile(data: bytes) -> bytes | None:
    """An embedded profile lies anywhere, counted from behind the file header."""
    try:
        (kind,) = struct.unpack_from("4s", data, _FILE_HEADER + 56)
        start, length = struct.unpack_from("<II", data, _FILE_HEADER + 112)
    except struct.error:
        return None
    start += _FILE_HEADER
    return data[start : start + length] or None if kind == _EMBEDDED else None
