"""Turns one picture into one first frame, in a worker process."""

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
from bot.domain.models.model import PictureRules
from bot.errors import PictureProblem, PictureRefused
from bot.imaging import colors, pixels
from bot.imaging.formats import bmp, jpeg, libjpeg, png, webp
from bot.imaging.formats.detection import sniff
from bot.imaging.formats.structure import Parts, damaged
from bot.imaging.pool.memory import needed

# Enough to identify the formats.
_HEAD_BYTES = 4096
_READERS = {Format.JPEG: jpeg, Format.PNG: png, Format.BMP: bmp, Format.WEBP: webp}


def check_header(source: Path, rules: PictureRules) -> int | None:
    """Refuse a picture for its size or the number of its parts, without Pillow.

    This takes a few thousand steps at most, whatever the file is; other parts are not read. Passing
    proves little: only a full decode shows whether a picture is sound.

    Returns:
        Maximum memory for the picture in bytes; ``None`` if its size could not be read.

    Raises:
        PictureRefused: the picture is refused.
        OSError: the file cannot be read.
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
    """Make the first frame of a whole file.

    With the same version of Pillow, the same picture always gives the same bytes.

    Raises:
        PictureRefused: the picture is refused.
    """
    check_source_bytes(len(data))
    parts = _READERS[check_format(sniff(data[:_HEAD_BYTES]))].dismantle(data)
    # The size is checked first, because the following steps need memory.
    fit(turned(parts.size, parts.orientation), parts.format, rules)
    try:
        return _made(parts, rules)
    except PictureRefused:
        raise
    except MemoryError as error:
        raise PictureRefused(PictureProblem.BOMB, size=parts.size) from error
    except Exception as error:  # Decoders raise anything on broken data, even struct.error.
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
    """A decoder's warning about a picture that it decoded all the same."""


def _sound(parts: Parts) -> Parts:
    """Return a decoded picture if the decoder had no warnings.

    With any warning about its data, some pixels are gray or striped, and the video would be paid
    for. Only the zeros that some cameras write before the end are tolerated, and removed.

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
    """Return the facts that the rules need, and the profile if it makes a difference."""
    mode = "CMYK" if parts.cmyk else "L" if parts.gray else "RGB"
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
    return PreparedFrame(
        content=encoded.content,
        format=encoded.format,
        size=planned.size,
        mended=in_order(_adjustments(planned, drawn, encoded)),
    )


def _adjustments(
    planned: Plan, drawn: pixels.Drawn, encoded: pixels.Encoded
) -> frozenset[Adjustment]:
    """The adjustments that the picture has in the end, which people are told of."""
    adjustments = planned.adjustments
    if drawn.flattened:
        adjustments |= {Adjustment.FLATTENED}
    silent = not adjustments - {Adjustment.CLEANED}
    if encoded.shrunk or (silent and encoded.format is Format.JPEG):
        adjustments |= {Adjustment.REENCODED}
    return adjustments
