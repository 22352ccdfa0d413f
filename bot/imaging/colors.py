"""Colors: converts any profile to sRGB, and any mode to 8 bits."""

import io
from functools import lru_cache

from PIL import Image, ImageCms

# Largest difference, of 255, that counts as the same color; two tables round differently.
_SAME = 2
# All combinations of these values are compared to see whether a profile equals sRGB.
_STEPS = range(0, 256, 51)


def is_foreign(profile: bytes, mode: str) -> bool:
    """Whether a profile changes the look of its picture: it is usable, and not sRGB itself.

    A profile that is broken or made for other channels is ignored, as in browsers.
    """
    patch = _patch(mode)
    shown = _through(profile, patch)
    if shown is None:
        return False
    pairs = zip(shown.tobytes(), patch.convert("RGB").tobytes(), strict=True)
    return any(abs(one - other) > _SAME for one, other in pairs)


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert to 8-bit sRGB, or keep gray without a profile."""
    if profile and profile[16:20] == b"GRAY":  # Pillow opens 16-bit gray with alpha as RGBA.
        image = image.convert("L")
    shown = _through(profile, image) if profile else None
    if shown is not None:
        return shown
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def to_eight_bits(image: Image.Image) -> Image.Image:
    """Convert a picture without transparency to L, RGB or CMYK."""
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    if image.mode.startswith("I"):
        # Pillow's own conversion clips values above 255 instead of scaling.
        return image.convert("I").point([value // 257 for value in range(1 << 16)], "L")
    return image.convert("L" if image.mode == "1" else "RGB")


def _through(profile: bytes, image: Image.Image) -> Image.Image | None:
    """Apply a profile; ``None`` if it cannot be used for this picture."""
    # Grays are few enough to convert each; LittleCMS's interpolation is off by up to 10.
    gray = image.mode == "L"
    shown = _patch("L") if gray else image
    flags = ImageCms.Flags.NOOPTIMIZE if gray else ImageCms.Flags.NONE
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, _srgb(), image.mode, "RGB", flags=flags)
        converted = ImageCms.applyTransform(shown, transform)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    if not gray or converted is None:
        return converted
    table = [value for channel in converted.split() for value in channel.tobytes()]
    return image.convert("RGB").point(table)


@lru_cache(maxsize=1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _patch(mode: str) -> Image.Image:
    """A small picture with colors from the whole space."""
    if mode == "L":
        return Image.frombytes("L", (256, 1), bytes(range(256)))
    colors = bytes(value for r in _STEPS for g in _STEPS for b in _STEPS for value in (r, g, b))
    patch = Image.frombytes("RGB", (len(_STEPS) ** 3, 1), colors)
    return patch.convert("CMYK") if mode == "CMYK" else patch
