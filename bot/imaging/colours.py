"""Colours: any profile to sRGB, any mode to 8 bits."""

import io
import struct
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from PIL import Image, ImageCms

# The largest difference, of 255, that counts as the same colour: rounding of two tables.
_SAME = 2
# Every combination of these is looked at to tell whether a profile is sRGB under another name.
_STEPS = range(0, 256, 51)


# The primaries of Display P3 as profiles have them, adapted to D50.
_P3 = {
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}


def of_gamma(gamma: float) -> bytes:
    """A profile with the primaries of sRGB and this file gamma (1.0 is linear)."""
    return _changed(gamma=gamma)


def display_p3() -> bytes:
    """A profile with the primaries of Display P3 and the curve of sRGB."""
    return _changed(primaries=_P3)


def _changed(
    *,
    gamma: float | None = None,
    primaries: Mapping[bytes, tuple[float, float, float]] = MappingProxyType({}),
) -> bytes:
    """The profile of sRGB with another curve or other primaries."""
    profile = bytearray(_srgb().tobytes())
    (tags,) = struct.unpack_from(">I", profile, 128)
    for number in range(tags):
        name, at, _length = struct.unpack_from(">4sII", profile, 132 + 12 * number)
        if name in primaries:
            struct.pack_into(">3i", profile, at + 8, *map(_fixed, primaries[name]))
        if gamma and name in (b"rTRC", b"gTRC", b"bTRC"):
            # Parameters of ``(a x + b) ** g`` above d, and of a line below it.
            struct.pack_into(">5i", profile, at + 12, *map(_fixed, (1 / gamma, 1, 0, 0, 0)))
    return bytes(profile)


def _fixed(value: float) -> int:
    return round(value * 65536)


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
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, _srgb(), image.mode, "RGB")
        return ImageCms.applyTransform(image, transform)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


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
