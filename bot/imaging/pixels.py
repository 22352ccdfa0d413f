"""Pixels: decode, flatten, scale, turn, encode. All of Pillow but its colour management."""

import io
from dataclasses import dataclass, replace

from PIL import Image

from bot.domain.first_frame import Format, turned
from bot.errors import PictureProblem, PictureRefused
from bot.imaging import colors
from bot.imaging.alpha import Flat, flatten
from bot.imaging.formats import bmp
from bot.imaging.formats.structure import Parts, Placed, damaged

# JPEG without chroma subsampling: 95 is Pillow's own "best"; below 60 blocks show.
_QUALITIES = (95, 92, 85, 75, 60)
# A scaled drawing or screenshot has some thousand colours, a scaled photograph 100,000 and more.
_FEW_COLOURS = 16_384
# Decoding may shrink a JPEG by 2, 4 or 8, as long as what is left is this many times the size
# wanted: the scaling after it then hides the difference. The same figure as in `thumbnail`.
_REDUCING_GAP = 2.0

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A picture with the pixels it goes out with."""

    image: Image.Image
    flattened: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A file's content."""

    content: bytes
    format: Format
    shrunk: bool
    """The first attempt was too large."""


def verify(parts: Parts) -> None:
    """Decode all of it and keep nothing: only that finds what is truncated or corrupt.

    A JPEG is decoded at an eighth: all of its data is read, and most of the arithmetic left out.

    Raises:
        OSError, ValueError, …: whatever Pillow has to say.
    """
    with _opened(parts) as image:
        image.draft(None, (1, 1))
        image.load()


def draw(parts: Parts, size: tuple[int, int]) -> Drawn:
    """The picture as it is to be seen, upright, in sRGB and without alpha, at ``size``.

    Raises:
        OSError, ValueError, …: whatever Pillow has to say.
    """
    stored = turned(size, parts.orientation)
    flat = _flat_on_canvas(parts, parts.placed) if parts.placed else _flat(parts, stored)
    drawn = flat.image
    if stored != drawn.size:
        drawn = drawn.resize(
            stored, Image.Resampling.BICUBIC, box=flat.box, reducing_gap=_REDUCING_GAP
        )
    if parts.orientation in _TURNS:
        drawn = drawn.transpose(_TURNS[parts.orientation])
    profile = None if flat.shown else parts.profile
    return Drawn(image=colors.to_srgb(drawn, profile), flattened=flat.transparent)


def _flat(parts: Parts, wanted: tuple[int, int]) -> Flat:
    """Decoded, at least as large as wanted."""
    with _opened(parts) as image:
        if wanted != image.size:
            image.draft(None, _enlarged(wanted))
        image.load()
        return flatten(
            image,
            _factor(image.size, wanted),
            bits=16 if parts.deep else parts.bits,
            profile=parts.profile,
        )


def _flat_on_canvas(parts: Parts, placed: Placed) -> Flat:
    """A part of a picture in its place, and white around it."""
    part = replace(parts, size=placed.size, placed=None, orientation=1)
    canvas = Image.new("RGB", parts.size, "white")
    canvas.paste(draw(part, placed.size).image, placed.corner)
    return Flat(image=canvas, box=(0, 0, *parts.size), transparent=True, shown=True)


def _factor(size: tuple[int, int], wanted: tuple[int, int]) -> int:
    """By how much pixels may be averaged before they are scaled, without it being seen."""
    return max(1, int(min(size[0] / wanted[0], size[1] / wanted[1]) / _REDUCING_GAP))


def _opened(parts: Parts) -> Image.Image:
    """Opened with the one decoder that it was taken apart for, and as large as was measured."""
    image: Image.Image | None = None
    if parts.format is Format.BMP:
        image = bmp.opened(parts.clean)
    if image is None:
        image = Image.open(io.BytesIO(parts.clean), formats=(parts.format.value,))
    if image.size != parts.size:
        raise damaged(parts.format)
    return image


def _enlarged(size: tuple[int, int]) -> tuple[int, int]:
    return (int(size[0] * _REDUCING_GAP), int(size[1] * _REDUCING_GAP))


def encode(drawn: Image.Image, *, lossless: bool, scaled: bool, limit: int) -> Encoded:
    """As a file of at most ``limit`` bytes, the same bytes for the same pixels.

    What was stored exactly stays exact (PNG), unless it was scaled and looks like a photograph,
    or does not fit; everything else becomes a JPEG of high quality.

    Raises:
        PictureRefused: CANNOT_SHRINK, with the smallest size reached.
    """
    drawn.info = {}
    exact = lossless and (not scaled or drawn.getcolors(_FEW_COLOURS) is not None)
    if exact and len(png := _png(drawn)) <= limit:
        return Encoded(content=png, format=Format.PNG, shrunk=False)
    content = b""
    for attempt, quality in enumerate(_QUALITIES):
        content = _jpeg(drawn, quality)
        if len(content) <= limit:
            return Encoded(content=content, format=Format.JPEG, shrunk=exact or attempt > 0)
    raise PictureRefused(PictureProblem.CANNOT_SHRINK, size=drawn.size, bytes_=len(content))


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, subsampling=0)
    return out.getvalue()
