"""Checks that an MP4 is complete, by its top-level boxes (ISO/IEC 14496-12, 4.2)."""

from pathlib import Path

# A video of five seconds has a dozen boxes, or some dozens if it is fragmented.
_BOXES_MAX = 10_000
_HEAD = 8
_LONG_HEAD = 16
_TO_THE_END, _LONG = 0, 1


def is_whole(path: Path) -> bool:
    """Whether the boxes fill the file exactly; a truncated file ends within a box."""
    size, at = path.stat().st_size, 0
    with path.open("rb") as file:
        for _ in range(_BOXES_MAX):
            if at >= size:
                break
            file.seek(at)
            length = _length(file.read(_LONG_HEAD), size - at)
            if length < _HEAD:
                return False
            at += length
    return at == size


def _length(head: bytes, rest: int) -> int:
    """Size in bytes of the box that begins with ``head``, which can be larger than ``rest``."""
    if len(head) < _HEAD:
        return 0
    length = int.from_bytes(head[:4], "big")
    if length == _TO_THE_END:
        return rest
    return int.from_bytes(head[8:], "big") if length == _LONG else length
