"""What a picture is made of, before its pixels are decoded.

The readers of this package walk the structure of the four formats themselves, for three
reasons: a picture can be refused by its header in a fraction of a millisecond, metadata can be
left out without encoding the pixels again, and Pillow only ever sees the picture itself: no EXIF,
no profile, nothing behind the end of it.
"""

import mmap
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.domain.first_frame import Format
from bot.errors import PictureProblem, PictureRefused

Bytes = bytes | memoryview
# A whole file, also one that is not in memory.
Buffer = bytes | mmap.mmap


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the structure of a file tells."""

    size: tuple[int, int]
    orientation: int = 1
    scans: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A part of a picture."""

    size: tuple[int, int]
    corner: tuple[int, int]
    """Its left and top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A picture taken apart."""

    format: Format
    size: tuple[int, int]
    """Width and height in pixels, as stored."""
    clean: bytes
    """The picture without metadata; the very same object where there was none."""
    lossless: bool
    """Its pixels are stored exactly."""
    orientation: int = 1
    profile: bytes | None = None
    """An ICC profile."""
    alpha: bool = False
    animated: bool = False
    bits: int = 8
    """Of a channel as it is stored, where that can be fewer."""
    deep: bool = False
    """More than 8 bits a channel."""
    cmyk: bool = False
    grey: bool = False
    redrawn: bool = False
    """Of a rare kind that had better not go out as it is."""
    metadata: bool = False
    """Something was left out, beside a profile or further frames."""
    placed: Placed | None = None
    """Where ``clean`` is only a part of the picture, and the rest of it is transparent."""


def on_canvas(part: Parts, corner: tuple[int, int], size: tuple[int, int]) -> Parts:
    """A larger picture, of which this is a part."""
    placed = Placed(size=part.size, corner=corner)
    return replace(part, size=size, placed=placed, alpha=True)


def damaged(format_: Format) -> PictureRefused:
    """What to raise where the structure is broken."""
    return PictureRefused(PictureProblem.DAMAGED, found=format_.value)


def too_many_parts(format_: Format) -> PictureRefused:
    """What to raise where there are far more parts than any camera or program makes."""
    return PictureRefused(PictureProblem.TOO_MANY_PARTS, found=format_.value)


def joined(data: bytes, pieces: Iterable[Bytes]) -> bytes:
    """The pieces in one; ``data`` itself when they are all of it."""
    together = b"".join(pieces)
    return data if together == data else together
