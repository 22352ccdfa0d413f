"""One picture to one first frame: what a worker process does."""

import mmap
import os
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

from bot.domain.first_frame import (
    Adjustment,
    Facts,
    Format,
    Plan,
    check_format,
    check_source_bytes,
    fit,
    in_order,
    plan,
    turned,
)
from bot.domain.model import PictureRules
from bot.errors import PictureProblem, PictureRefused
from bot.imaging import colors, pixels
from bot.imaging.formats import bmp, jpeg, libjpeg, png, webp
from bot.imaging.formats.detection import sniff
from bot.imaging.formats.structure import Parts, damaged
from bot.imaging.pool.memory import needed

# Enough to tell the formats apart.
_HEAD_BYTES = 4096
_READERS = {Format.JPEG: jpeg, Format.PNG: png, Format.BMP: bmp, Format.WEBP: webp}


def check_header(source: Path, rules: PictureRules) -> int | None:
    """Refuse what its structure gives away, without Pillow: size, and the number of its parts.

    At most a few thousand steps, whatever the file is; the rest of it is skipped, not read.
    Passing means nothing yet: only a full decode tells whether a picture is sound.

    Returns:
        The bytes of memory that it takes at most; ``None`` where its size could not be seen.

    Raises:
        PictureRefused
        OSError: it cannot be read.
    """
    with source.open("rb", buffering=0) as file:
        bytes_ = os.fstat(file.fileno()).st_size
        check_source_bytes(bytes_)
        format_ = check_format(sniff(file.read(_HEAD_BYTES)))
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            measured = _READERS[format_].measure(data)
    if measured is None:
        return None
    fit(turned(measured.size, measured.orientation), format_, rules)
    return needed(format_, measured, bytes_)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedFrame:
    """A first frame in memory."""

    content: bytes
    format: Format
    size: tuple[int, int]
    mended: tuple[Adjustment, ...]


def make(data: bytes, rules: PictureRules) -> PreparedFrame:
    """The first frame of a whole file.

    Deterministic: the same picture gives the same bytes with the same version of Pillow.

    Raises:
        PictureRefused
    """
    check_source_bytes(len(data))
    parts = _READERS[check_format(sniff(data[:_HEAD_BYTES]))].dismantle(data)
    # Its size first: what follows costs memory.
    fit(turned(parts.size, parts.orientation), parts.format, rules)
    try:
        return _made(parts, rules)
    except PictureRefused:
        raise
    except MemoryError as error:
        raise PictureRefused(PictureProblem.BOMB, size=parts.size) from error
    except Exception as error:  # A decoder on broken data raises anything, struct.error included.
        raise damaged(parts.format) from error


def _made(parts: Parts, rules: PictureRules) -> PreparedFrame:
    facts, profile = _facts(parts)
    planned = plan(facts, rules)
    if planned.keeps_pixels:
        pixels.verify(parts)
        parts = _sound(parts)
        mended = in_order(planned.adjustments)
        return PreparedFrame(
            content=parts.clean, format=parts.format, size=planned.size, mended=mended
        )
    return _redrawn(replace(parts, profile=profile), planned, rules)


class _Warned(Exception):
    """What a decoder had to say against a picture that it decoded all the same."""


def _sound(parts: Parts) -> Parts:
    """A picture that was decoded, if the decoder had nothing to say against it.

    Any word about its data is one too many: what follows is grey or striped, and paid for. Only
    zeros before the end, as some cameras write them, are left out.

    Raises:
        PictureRefused: DAMAGED.
    """
    if parts.format is not Format.JPEG or not (message := libjpeg.warning(parts.clean)):
        return parts
    trimmed = jpeg.without_padding(parts.clean)
    if trimmed == parts.clean or libjpeg.warning(trimmed):
        raise damaged(parts.format) from _Warned(message)
    warnings.warn(message, stacklevel=2)
    return replace(parts, clean=trimmed)


def _facts(parts: Parts) -> tuple[Facts, bytes | None]:
    """What the rules want to know, and the profile if it makes a difference."""
    mode = "CMYK" if parts.cmyk else "L" if parts.grey else "RGB"
    profile = parts.profile
    if profile and not colors.is_foreign(profile, mode):
        profile = None
    facts = Facts(
        format=parts.format,
        size=parts.size,
        bytes=len(parts.clean),
        orientation=parts.orientation,
        alpha=parts.alpha,
        animated=parts.animated,
        redrawn=parts.redrawn,
        foreign_colors=parts.cmyk or parts.deep or profile is not None,
        metadata=parts.metadata,
    )
    return facts, profile


def _redrawn(parts: Parts, planned: Plan, rules: PictureRules) -> PreparedFrame:
    drawn = pixels.draw(parts, planned.size)
    _sound(parts)
    encoded = pixels.encode(
        drawn.image,
        lossless=parts.lossless,
        scaled=Adjustment.SCALED in planned.adjustments,
        limit=rules.picture_bytes,
    )
    adjustments = planned.adjustments
    if drawn.flattened:
        adjustments |= {Adjustment.FLATTENED}
    silent = not adjustments - {Adjustment.CLEANED}
    if encoded.shrunk or (silent and encoded.format is Format.JPEG):
        adjustments |= {Adjustment.REENCODED}
    return PreparedFrame(
        content=encoded.content,
        format=encoded.format,
        size=planned.size,
        mended=in_order(adjustments),
    )
