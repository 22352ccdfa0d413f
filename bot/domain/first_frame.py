"""What is mended so that a picture fits a model, and what is refused."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.model import PictureRules
from bot.errors import PictureProblem, PictureRefused

# Larger than what any tier of Discord but the highest lets through; never read past that.
SOURCE_BYTES_MAX = 50_000_000
# Telephones take pictures of 108 megapixels; a decoded pixel takes 4 bytes, so this is 480 MB.
# The workers' memory is capped besides (``bot.imaging.pool.worker``).
PIXELS_MAX = 120_000_000
# The decoder of WEBP holds four such copies at a time, so that 40 megapixels take 640 MB.
WEBP_PIXELS_MAX = 40_000_000


class Adjustment(StrEnum):
    """What was done to a picture; said to its owner in words."""

    UPRIGHT = "upright"
    """Turned the way its EXIF orientation says."""
    FLATTENED = "flattened"
    """It was transparent somewhere, and is on white now."""
    STILL = "still"
    """It was animated; the first frame is used."""
    SRGB = "srgb"
    """CMYK, 16 bits, or another colour profile than sRGB."""
    SCALED = "scaled"
    """A side was too long."""
    REENCODED = "reencoded"
    """Encoded anew at some loss, only to take fewer bytes or to lose an unused alpha channel."""
    CLEANED = "cleaned"
    """Metadata, comments or data behind the picture were left out."""


class Format(StrEnum):
    """The formats that the provider takes, as Pillow names them."""

    JPEG = "JPEG"
    PNG = "PNG"
    BMP = "BMP"
    WEBP = "WEBP"

    @property
    def mime(self) -> str:
        """Its media type."""
        return f"image/{self.value.lower()}"

    @property
    def pixels_max(self) -> int:
        """More pixels than this are refused before anything is decoded."""
        return WEBP_PIXELS_MAX if self is Format.WEBP else PIXELS_MAX


# Pictures too, but not taken: their refusal names the format and what is accepted instead.
_OTHER_PICTURES = frozenset(
    {"GIF", "TIFF", "AVIF", "SVG", "PSD", "ICO", "JPEG 2000", "JPEG XL", "JPEG XR", "XCF", "EPS"}
    | {"QOI", "camera raw", "PPM", "PCX", "TGA", "OpenEXR", "DDS"}
)


def check_format(found: str) -> Format:
    """The format called ``found``, if it is one that is taken.

    Raises:
        PictureRefused: HEIC, FORMAT (a picture of another kind) or NOT_A_PICTURE.
    """
    if found in Format.__members__:
        return Format(found)
    if found == "HEIC":
        raise PictureRefused(PictureProblem.HEIC, found=found)
    if found in _OTHER_PICTURES:
        raise PictureRefused(PictureProblem.FORMAT, found=found)
    raise PictureRefused(PictureProblem.NOT_A_PICTURE, found=found)


def check_source_bytes(bytes_: int) -> None:
    """Refuse what is too large even to be read.

    Raises:
        PictureRefused: TOO_MANY_BYTES.
    """
    if bytes_ > SOURCE_BYTES_MAX:
        raise PictureRefused(PictureProblem.TOO_MANY_BYTES, bytes_=bytes_)


def turned(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Width and height once turned by an EXIF orientation: 5 to 8 swap them."""
    return (size[1], size[0]) if orientation >= 5 else size


def fit(size: tuple[int, int], format_: Format, rules: PictureRules) -> tuple[int, int]:
    """The size of the first frame of an upright picture of ``size``; aspect kept, never enlarged.

    Raises:
        PictureRefused: DAMAGED (no pixels at all), BOMB, TOO_SMALL as it came, or TOO_NARROW
            because scaling the long side down to fit leaves the short one too small.
    """
    width, height = size
    if width <= 0 or height <= 0:
        raise PictureRefused(PictureProblem.DAMAGED, size=size)
    if width * height > format_.pixels_max:
        raise PictureRefused(PictureProblem.BOMB, size=size)
    if min(size) < rules.side_min:
        raise PictureRefused(PictureProblem.TOO_SMALL, size=size, rules=rules)
    if max(size) <= rules.side_max:
        return size
    fitted = (_scaled(width, max(size), rules), _scaled(height, max(size), rules))
    if min(fitted) < rules.side_min:
        raise PictureRefused(PictureProblem.TOO_NARROW, size=size, rules=rules)
    return fitted


def _scaled(side: int, longest: int, rules: PictureRules) -> int:
    """``side * side_max / longest`` in whole numbers, rounded half up."""
    return (2 * side * rules.side_max + longest) // (2 * longest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a picture before its pixels are decoded."""

    format: Format
    size: tuple[int, int]
    """Width and height in pixels, as stored."""
    bytes: int
    """Without what is left out in any case (metadata, data behind its end)."""
    orientation: int = 1
    """EXIF, 1 to 8."""
    alpha: bool = False
    """It could be transparent; only its pixels tell."""
    animated: bool = False
    redrawn: bool = False
    """It cannot go out in the form it has, whatever its pixels are."""
    foreign_colours: bool = False
    """CMYK, more than 8 bits, or a profile that is not sRGB."""
    metadata: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What has to be done to a picture. Whether it is transparent shows later."""

    size: tuple[int, int]
    """Of the first frame, upright."""
    adjustments: frozenset[Adjustment]
    keeps_pixels: bool
    """Its encoded pixels can go out as they are, without loss."""


def plan(facts: Facts, rules: PictureRules) -> Plan:
    """Decide what is mended.

    Raises:
        PictureRefused: see :func:`fit`.
    """
    whole = turned(facts.size, facts.orientation)
    size = fit(whole, facts.format, rules)
    redrawing = {
        Adjustment.UPRIGHT: facts.orientation != 1,
        Adjustment.SRGB: facts.foreign_colours,
        Adjustment.SCALED: size != whole,
    }
    redraw = facts.alpha or facts.redrawn or any(redrawing.values())
    heavy = not redraw and facts.bytes > rules.picture_bytes
    needed = redrawing | {
        Adjustment.STILL: facts.animated,
        Adjustment.CLEANED: facts.metadata,
        Adjustment.REENCODED: heavy,
    }
    adjustments = frozenset(adjustment for adjustment, need in needed.items() if need)
    return Plan(size=size, adjustments=adjustments, keeps_pixels=not redraw and not heavy)


def in_order(adjustments: frozenset[Adjustment]) -> tuple[Adjustment, ...]:
    """As they are listed above, so that the same picture is always reported the same way."""
    return tuple(adjustment for adjustment in Adjustment if adjustment in adjustments)
