"""Structure of a picture, parsed before its pixels are decoded.

The parsers of this package read the structure of the four formats for three reasons: a picture can
be refused by its header in a fraction of a millisecond, metadata can be removed without re-encoding
the pixels, and Pillow sees only the picture itself: no EXIF, no profile, and no bytes after its
end.
"""

import mmap
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.domain.first_frame import Format
from bot.errors import PictureProblem, PictureRefused

Bytes = bytes | memoryview
# A whole file, in memory or mapped.
Buffer = bytes | mmap.mmap


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a file's structure says without a decode."""

    size: tuple[int, int]
    orientation: int = 1
    scans: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A part of a picture that covers some of its canvas."""

    size: tuple[int, int]
    corner: tuple[int, int]
    """Left and top of the part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A parsed picture."""

    format: Format
    size: tuple[int, int]
    """Width and height in pixels, as stored."""
    clean: bytes
    """The picture without metadata; the same object as the input if it had none."""
    lossless: bool
    """Whether pixels are stored exactly."""
    orientation: int = 1
    profile: bytes | None = None
    """An ICC profile."""
    alpha: bool = False
    animated: bool = False
    bits: int = 8
    """Bits per channel as stored, for depths below 8."""
    deep: bool = False
    """Whether channels have more than 8 bits."""
    cmyk: bool = False
    gray: bool = False
    redrawn: bool = False
    """Whether it is of a rare kind that must be re-encoded."""
    metadata: bool = False
    """Whether more than a profile or further frames was removed."""
    placed: Placed | None = None
    """Set if ``clean`` is only a part of the picture, whose rest is transparent."""


def on_canvas(part: Parts, corner: tuple[int, int], size: tuple[int, int]) -> Parts:
    """Return the larger picture of which this is a part."""
    placed = Placed(size=part.size, corner=corner)
    return replace(part, size=size, placed=placed, alpha=True)


def damaged(format_: Format) -> PictureRefused:
    """Make the error for a broken structure."""
    return PictureRefused(PictureProblem.DAMAGED, found=format_.value)


def too_many_parts(format_: Format) -> PictureRefused:
    """Make the error for far more parts than any camera or program writes."""
    return PictureRefused(PictureProblem.TOO_MANY_PARTS, found=format_.value)


def joined(data: bytes, pieces: Iterable[Bytes]) -> bytes:
    """Join the pieces; return ``data`` itself if they are equal to it."""
    together = b"".join(pieces)
    return data if together == data else together
