"""Colours: any profile to sRGB, any mode to 8 bits."""

import io
from functools import lru_cache

from PIL import Image, ImageCms

# The largest difference, of 255, that counts as the same colour: rounding of two tables.
_SAME = 2
# Every combination of these is looked at to tell whether a profile is sRGB under another name.
_STEPS = range(0, 256, 51)


def is_foreign(profile: bytes, mode: str) -> bool:
    """Whether a profile changes what its picture looks like: usable, and not sRGB itself.

    A profile that is broken or made for other channels is ignored, as browsers do.
    """
    patch = _patch(mode)
    shown = _through(profile, patch)
    if shown is None:
        return False
    pairs = zip(shown.tobytes(), patch.convert("RGB").tobytes(), strict=True)
    return any(abs(one - other) > _SAME for one, other in pairs)


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """8-bit sRGB, or plain grey where there is no profile for it."""
    if profile and profile[16:20] == b"GRAY":  # Pillow opens 16 bits of grey and alpha as RGBA.
        image = image.convert("L")
    shown = _through(profile, image) if profile else None
    if shown is not None:
        return shown
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def to_eight_bits(image: Image.Image) -> Image.Image:
    """L, RGB or CMYK; only for pictures without transparency."""
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    if image.mode.startswith("I"):
        # Pillow's own conversion cuts off above 255 instead of scaling.
        return image.convert("I").point([value // 257 for value in range(1 << 16)], "L")
    return image.convert("L" if image.mode == "1" else "RGB")


def _through(profile: bytes, image: Image.Image) -> Image.Image | None:
    """``None`` where the profile cannot be used for this picture."""
    # Shades are few enough to convert each; LittleCMS, left alone, is off by 10 between its points.
    grey = image.mode == "L"
    shown = _patch("L") if grey else image
    flags = ImageCms.Flags.NOOPTIMIZE if grey else ImageCms.Flags.NONE
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, _srgb(), image.mode, "RGB", flags=flags)
        converted = ImageCms.applyTransform(shown, transform)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    if not grey or converted is None:
        return converted
    table = [value for channel in converted.split() for value in channel.tobytes()]
    return image.convert("RGB").point(table)


@lru_cache(maxsize=1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _patch(mode: str) -> Image.Image:
    """A small picture of colours from all over the space."""
    if mode == "L":
        return Image.frombytes("L", (256, 1), bytes(range(256)))
    colours = bytes(value for r in _STEPS for g in _STEPS for b in _STEPS for value in (r, g, b))
    patch = Image.frombytes("RGB", (len(_STEPS) ** 3, 1), colours)
    return patch.convert("CMYK") if mode == "CMYK" else patch
