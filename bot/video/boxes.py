"""The outermost boxes of an MP4 file (ISO/IEC 14496-12, 4.2).

A box begins with four bytes of size and four of type. Size 1 means that eight more bytes have the
size, and size 0 that the box goes on to the end of the file, which only the last one may. A box of
type ``uuid`` continues with sixteen bytes that say what it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bot.errors import VideoUnreadable

# A video of five seconds has a dozen, in fragments some dozens.
_BOXES_MAX = 10_000
_HEAD = 8
_LONG_HEAD = 16
_UUID_BYTES = 16
_TO_THE_END, _LONG = 0, 1
_LARGEST_SHORT = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Where a box is in its file, and what it is."""

    type: bytes
    """Four characters, such as ``moov``."""
    start: int
    content: int
    """Where its content begins, after size, type and, for ``uuid``, the sixteen bytes."""
    end: int
    uuid: bytes = b""
    is_open: bool = False
    """Its size says that it goes on to the end of the file."""

    def size_field(self) -> bytes:
        """The size as its first four bytes would say it.

        Raises:
            VideoUnreadable: the box is too large for that.
        """
        size = self.end - self.start
        if size > _LARGEST_SHORT:
            raise VideoUnreadable(f"its last box has {size} bytes and says no size")
        return size.to_bytes(4, "big")


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """The boxes between two places of a file, one after the other.

    Raises:
        VideoUnreadable: what comes next is no box, or goes on beyond the end; the boxes before
            it were given.
    """
    at = start
    for _ in range(_BOXES_MAX):
        if at == end:
            return
        box = _box(file, at, end)
        yield box
        at = box.end
    raise VideoUnreadable(f"more than {_BOXES_MAX} boxes")


def is_whole(path: Path) -> bool:
    """Whether the boxes fill the file exactly; a truncated file ends within a box."""
    with path.open("rb") as file:
        try:
            for _ in boxes(file, 0, path.stat().st_size):
                pass
        except VideoUnreadable:
            return False
    return True


def make_box(kind: bytes, content: bytes) -> bytes:
    """A box with a size of four bytes, which its content must fit."""
    return (_HEAD + len(content)).to_bytes(4, "big") + kind + content


def _box(file: BinaryIO, at: int, end: int) -> Box:
    file.seek(at)
    head = file.read(min(_LONG_HEAD + _UUID_BYTES, end - at))
    size, kind = int.from_bytes(head[:4], "big"), head[4:_HEAD]
    content = at + _HEAD
    is_open = size == _TO_THE_END
    if size == _LONG:
        size, content = int.from_bytes(head[_HEAD:_LONG_HEAD], "big"), at + _LONG_HEAD
    box_end = end if is_open else at + size
    uuid = b""
    if kind == b"uuid":
        uuid = head[content - at :][:_UUID_BYTES]
        content += _UUID_BYTES
    if len(head) < _HEAD or not content <= box_end <= end:
        raise VideoUnreadable(f"it breaks off: no whole box at byte {at}")
    return Box(type=kind, start=at, content=content, end=box_end, uuid=uuid, is_open=is_open)
