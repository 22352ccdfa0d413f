"""Reads the orientation, the only field of EXIF that is used."""

import struct

_ORIENTATION = 0x0112
_SHORT = 3


def orientation(exif: bytes) -> int:
    """Return 1 to 8 from a TIFF structure, with or without EXIF's prefix; 1 if unreadable."""
    tiff = exif.removeprefix(b"Exif\x00\x00")
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        return _in_first_directory(tiff, order)
    except struct.error:
        return 1


def _in_first_directory(tiff: bytes, order: str) -> int:
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    (entries,) = struct.unpack_from(order + "H", tiff, start)
    for at in range(start + 2, start + 2 + 12 * entries, 12):
        tag, kind, _count, value = struct.unpack_from(order + "HHIH", tiff, at)
        if tag == _ORIENTATION:
            return value if kind == _SHORT and 1 <= value <= 8 else 1
    return 1
