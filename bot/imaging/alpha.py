"""Converts any of Pillow's modes to L, RGB or CMYK on white, with little memory.

A decoded picture of 120 megapixels takes 480 MB. So it is not converted as a whole (Pillow makes
three copies on the way from RGBA to RGB on white), but in strips, which are reduced at once if the
picture will be scaled down anyway.
"""

from dataclasses import dataclass

from PIL import Image

from bot.imaging.colors import to_eight_bits, to_srgb

_PLAIN = frozenset({"L", "RGB", "CMYK"})
_GRAY = frozenset({"1", "LA", "L", "I", "I;16", "I;16B"})
_STRIP_PIXELS = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """A picture without transparency."""

    image: Image.Image
    box: tuple[float, float, float, float]
    """The part of ``image`` with the picture, which may not fill the last row and column."""
    transparent: bool
    """Whether anything was transparent."""
    shown: bool = False
    """Whether it is in sRGB already, since alpha must be blended with white in visible colors."""


def flatten(image: Image.Image, factor: int, *, bits: int, profile: bytes | None = None) -> Flat:
    """Blend a picture with white. ``factor``: how much it may be reduced on the way."""
    if image.mode in _PLAIN and not image.has_transparency_data:
        return Flat(image=image, box=(0, 0, *image.size), transparent=False)
    _mend_key(image, bits)
    width, height = image.size
    shown = profile is not None and image.has_transparency_data
    mode = "L" if image.mode in _GRAY and not shown else "RGB"
    flat = Image.new(mode, (-(-width // factor), -(-height // factor)))
    transparent = False
    step = max(1, _STRIP_PIXELS // width // factor) * factor
    for top in range(0, height, step):
        strip = image.crop((0, top, width, min(top + step, height)))
        solid, some = _on_white(strip, mode, profile if shown else None)
        flat.paste(solid.reduce(factor), (0, top // factor))
        transparent |= some
    return Flat(
        image=flat,
        box=(0, 0, width / factor, height / factor),
        transparent=transparent,
        shown=shown,
    )


def _mend_key(image: Image.Image, bits: int) -> None:
    """Convert the transparent color to the depth of the decoded pixels.

    Pillow decodes 16-bit RGB, and gray of 2 and 4 bits, to 8 bits, but leaves the color key as
    it is stored.
    """
    key = image.info.get("transparency")
    if bits == 16 and isinstance(key, tuple):
        image.info["transparency"] = tuple(value >> 8 for value in key)
    if bits < 8 and isinstance(key, int) and image.mode == "L":
        image.info["transparency"] = key * 255 // ((1 << bits) - 1)


def _on_white(strip: Image.Image, mode: str, profile: bytes | None) -> tuple[Image.Image, bool]:
    """Blend one strip; return it and whether anything in it was transparent."""
    if not strip.has_transparency_data:
        return to_eight_bits(strip), False
    alpha, solid = _apart(strip, "L" if strip.mode in _GRAY else mode)
    if profile:
        solid = to_srgb(solid, profile)
    solid = solid if solid.mode == mode else solid.convert(mode)
    if alpha.getextrema() == (255, 255):
        return solid, False
    white = Image.new(mode, strip.size, "white")
    white.paste(solid, mask=alpha)
    return white, True


def _apart(strip: Image.Image, mode: str) -> tuple[Image.Image, Image.Image]:
    """Separate a strip into its alpha channel (255 is opaque) and its colors."""
    key = strip.info.get("transparency")
    if strip.mode.startswith("I") and isinstance(key, int):
        opaque = [0 if value == key else 255 for value in range(1 << 16)]
        return strip.convert("I").point(opaque, "L"), to_eight_bits(strip)
    whole = strip.convert("RGBA")
    return whole.getchannel("A"), whole.convert("RGB").convert(mode)
