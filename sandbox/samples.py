"""Sample pictures, drawn by this module: fine ones, ones to adjust, and ones to refuse."""

import io
import math
from functools import cache

from PIL import Image, ImageDraw, ImageFilter

_ORIENTATION = 0x0112
# EXIF orientation 6: shown rotated clockwise by 90°.
_ON_ITS_SIDE = 6


def scene(size: tuple[int, int] = (1280, 720)) -> Image.Image:
    """Draw a lake at dusk, with enough detail for a camera move to be visible."""
    width, height = size
    picture = _sky(size)
    draw = ImageDraw.Draw(picture)
    horizon = round(height * 0.62)
    _sun(draw, size)
    for layer, color in enumerate(((108, 84, 128), (74, 62, 104), (46, 44, 78))):
        _hills(draw, size, horizon, layer, color)
    lake = picture.crop((0, 2 * horizon - height, width, horizon)).transpose(
        Image.Transpose.FLIP_TOP_BOTTOM
    )
    lake = Image.blend(lake, Image.new("RGB", lake.size, (38, 52, 88)), 0.35)
    picture.paste(lake.filter(ImageFilter.GaussianBlur(width / 500)), (0, horizon))
    _boat(ImageDraw.Draw(picture), size, horizon)
    return picture


@cache
def fine() -> bytes:
    """A JPEG that needs no adjustment."""
    return _saved(scene(), "JPEG", quality=90)


@cache
def transparent() -> bytes:
    """A PNG with an alpha channel: a round picture on a transparent background."""
    picture = scene((900, 900)).convert("RGBA")
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse((40, 40, 860, 860), fill=255)
    picture.putalpha(mask)
    return _saved(picture, "PNG")


@cache
def rotated() -> bytes:
    """An upright photo from a phone: stored on its side, with an EXIF orientation."""
    exif = Image.Exif()
    exif[_ORIENTATION] = _ON_ITS_SIDE
    stored = scene((960, 1280)).transpose(Image.Transpose.ROTATE_90)
    return _saved(stored, "JPEG", quality=90, exif=exif)


@cache
def too_large() -> bytes:
    """4032 × 3024 pixels, as from a phone: sides over 2000 pixels."""
    return _saved(scene((4032, 3024)), "JPEG", quality=92)


@cache
def too_small() -> bytes:
    """359 pixels high, one too few."""
    return _saved(scene((640, 359)), "PNG")


@cache
def broken() -> bytes:
    """A JPEG whose second half is missing."""
    whole = fine()
    return whole[: len(whole) // 2]


def _saved(picture: Image.Image, format: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def _sky(size: tuple[int, int]) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size)
    low, high = Image.new("RGB", size, (250, 176, 122)), Image.new("RGB", size, (52, 66, 122))
    return Image.composite(low, high, ramp.point(lambda value: min(255, value * 3 // 2)))


def _sun(draw: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    x, y, radius = size[0] * 0.68, size[1] * 0.44, min(size) * 0.075
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 236, 190))


def _hills(
    draw: ImageDraw.ImageDraw,
    size: tuple[int, int],
    horizon: int,
    layer: int,
    color: tuple[int, int, int],
) -> None:
    width, height = size
    ridge = [(x, horizon - height * _ridge(x / width, layer)) for x in range(0, width + 8, 8)]
    draw.polygon([(0, horizon), *ridge, (width, horizon)], fill=color)


def _ridge(at: float, layer: int) -> float:
    """Height of a hill over the horizon at that point, as a fraction of the picture's height."""
    waves = math.sin(at * (5 + 3 * layer) + 2 * layer) + 0.5 * math.sin(at * (13 + 7 * layer))
    return max(0.01, 0.19 - 0.055 * layer + 0.045 * waves)


def _boat(draw: ImageDraw.ImageDraw, size: tuple[int, int], horizon: int) -> None:
    width, height = size
    x, y, unit = width * 0.3, horizon + height * 0.14, min(size) / 100
    draw.polygon(
        [
            (x - 9 * unit, y),
            (x + 9 * unit, y),
            (x + 6 * unit, y + 3 * unit),
            (x - 6 * unit, y + 3 * unit),
        ],
        fill=(60, 34, 32),
    )
    draw.polygon(
        [(x, y - unit), (x, y - 18 * unit), (x + 8 * unit, y - unit)], fill=(246, 238, 226)
    )
    draw.polygon(
        [(x - unit, y - unit), (x - unit, y - 14 * unit), (x - 6 * unit, y - unit)],
        fill=(226, 210, 196),
    )
