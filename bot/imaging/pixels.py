"""Pixels: decodes, flattens, scales, rotates and encodes with Pillow."""

import io
from dataclasses import dataclass, replace

from PIL import Image

from bot.domain.first_frame import Format, turned
from bot.errors import PictureProblem, PictureRefused
from bot.imaging import colors
from bot.imaging.alpha import Flat, flatten
from bot.imaging.formats import bmp
from bot.imaging.formats.structure import Parts, Placed, damaged

# JPEG without chroma subsampling: 95 is the highest useful quality of Pillow; below 60, blocks
# are visible.
_QUALITIES = (95, 92, 85, 75, 60)
# A scaled drawing or screenshot has a few thousand colors, a scaled photograph 100,000 or more.
_FEW_COLORS = 16_384
# A JPEG may be decoded at 1/2, 1/4 or 1/8 as long as this many times the wanted size is left, so
# that the following scaling hides the difference. The same figure as in `thumbnail`.
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
    """A picture with its final pixels."""

    image: Image.Image
    flattened: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """The content of a file."""

    content: bytes
    format: Format
    shrunk: bool
    """Whether the first attempt was too large."""


def verify(parts: Parts) -> None:
    """Decode all of it and discard the result, since only this finds truncated or corrupt data.

    A JPEG is decoded at an eighth: this reads all of its data, but skips most of the arithmetic.

    Raises:
        OSError, ValueError, …: any error of Pillow.
    """
    with _opened(parts) as image:
        image.draft(None, (1, 1))
        image.load()


def draw(parts: Parts, size: tuple[int, int]) -> Drawn:
    """Return the picture upright, in sRGB, without alpha, and at ``size``.

    Raises:
        OSError, ValueError, …: any error of Pillow.
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
    """Decode and flatten, to at least the wanted size."""
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
    """Draw a part of a picture in its place on white."""
    part = replace(parts, size=placed.size, placed=None, orientation=1)
    canvas = Image.new("RGB", parts.size, "white")
    canvas.paste(draw(part, placed.size).image, placed.corner)
    return Flat(image=canvas, box=(0, 0, *parts.size), transparent=True, shown=True)


def _factor(size: tuple[int, int], wanted: tuple[int, int]) -> int:
    """By how much pixels can be averaged before scaling without a visible difference."""
    return max(1, int(min(size[0] / wanted[0], size[1] / wanted[1]) / _REDUCING_GAP))


def _opened(parts: Parts) -> Image.Image:
    """Open with the decoder of its format only, and check that the size is as measured."""
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
    """Encode as a file of at most ``limit`` bytes; the same pixels give the same bytes.

    A lossless picture stays lossless (PNG), unless it was scaled and looks like a photograph, or
    does not fit. Everything else becomes a JPEG of high quality.

    Raises:
        PictureRefused: CANNOT_SHRINK, with the smallest size reached.
    """
    drawn.info = {}
    exact = lossless and (not scaled or drawn.getcolors(_FEW_COLORS) is not None)
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
