"""Decides which pictures are adjusted to fit a model, and which are refused."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.models.model import Model, PictureRules
from bot.domain.task import Frame
from bot.errors import PictureProblem, PictureRefused

# The largest file that is read of any picture.
SOURCE_BYTES_MAX = 50_000_000
# Phones take pictures of 108 megapixels. A decoded pixel takes 4 bytes, so this is 480 MB. The
# workers' memory is limited as well (``bot.imaging.pool.worker``).
PIXELS_MAX = 120_000_000
# The WEBP decoder holds four copies at a time, so 40 megapixels take 640 MB.
WEBP_PIXELS_MAX = 40_000_000


class Adjustment(StrEnum):
    """A change to a picture, which its owner is told about."""

    UPRIGHT = "upright"
    """It was turned by its EXIF orientation."""
    FLATTENED = "flattened"
    """It had transparent areas, which are white now."""
    STILL = "still"
    """It was animated; only the first frame is used."""
    SRGB = "srgb"
    """It was CMYK, had 16 bits per channel, or a color profile other than sRGB."""
    SCALED = "scaled"
    """It was scaled down because a side was too long."""
    REENCODED = "reencoded"
    """It was reencoded with some loss, only to take fewer bytes or drop an unused alpha channel."""
    CLEANED = "cleaned"
    """Metadata, comments or data after the picture were removed."""


class Format(StrEnum):
    """The formats that the provider accepts, by Pillow's names."""

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
        """The most pixels of a picture that is decoded."""
        return WEBP_PIXELS_MAX if self is Format.WEBP else PIXELS_MAX


# Picture formats that are not accepted; the refusal names the format.
_OTHER_PICTURES = frozenset(
    {"GIF", "TIFF", "AVIF", "SVG", "PSD", "ICO", "JPEG 2000", "JPEG XL", "JPEG XR", "XCF", "EPS"}
    | {"QOI", "camera raw", "PPM", "PCX", "TGA", "OpenEXR", "DDS"}
)


def check_format(found: str) -> Format:
    """The detected format, if it is accepted.

    Raises:
        PictureRefused: HEIC, FORMAT (another picture format) or NOT_A_PICTURE.
    """
    if found in Format.__members__:
        return Format(found)
    if found == "HEIC":
        raise PictureRefused(PictureProblem.HEIC, found=found)
    if found in _OTHER_PICTURES:
        raise PictureRefused(PictureProblem.FORMAT, found=found)
    raise PictureRefused(PictureProblem.NOT_A_PICTURE, found=found)


def check_source_bytes(bytes_: int) -> None:
    """Refuse a picture that is too large to be read.

    Raises:
        PictureRefused: TOO_MANY_BYTES.
    """
    if bytes_ > SOURCE_BYTES_MAX:
        raise PictureRefused(PictureProblem.TOO_MANY_BYTES, bytes_=bytes_)


def turned(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """The width and height after an EXIF orientation, of which 5 to 8 swap them."""
    return (size[1], size[0]) if orientation >= 5 else size


def fit(size: tuple[int, int], format_: Format, rules: PictureRules) -> tuple[int, int]:
    """The size of the first frame for an upright picture: same aspect ratio, never enlarged.

    Raises:
        PictureRefused: DAMAGED (it has no pixels), BOMB, TOO_SMALL, or TOO_NARROW (scaling the
            long side down to fit makes the short one too small).
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


def check_kept(frame: Frame, model: Model) -> None:
    """Refuse a first frame that was made for another model if none can be made of it for this one.

    Raises:
        PictureRefused: TOO_SMALL or TOO_NARROW, with the model.
    """
    try:
        fit((frame.width, frame.height), Format[frame.mime.removeprefix("image/").upper()], model)
    except PictureRefused as error:
        raise PictureRefused(
            error.problem, size=error.size, rules=error.rules, model=model.label
        ) from error


def _scaled(side: int, longest: int, rules: PictureRules) -> int:
    """``side * side_max / longest``, rounded half up."""
    return (2 * side * rules.side_max + longest) // (2 * longest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The properties of a picture that are known before it is decoded."""

    format: Format
    size: tuple[int, int]
    """Width and height in pixels, as stored."""
    bytes: int
    """The size without what is always removed: metadata, and data after the end."""
    orientation: int = 1
    """The EXIF orientation, 1 to 8."""
    alpha: bool = False
    """Whether it may be transparent, which only its pixels tell."""
    animated: bool = False
    redrawn: bool = False
    """Whether its file must be rewritten in any case."""
    foreign_colors: bool = False
    """Whether it is CMYK, has more than 8 bits per channel, or a profile other than sRGB."""
    metadata: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The adjustments that a picture needs, except for transparency, which shows only later."""

    size: tuple[int, int]
    """The size of the first frame, upright."""
    adjustments: frozenset[Adjustment]
    keeps_pixels: bool
    """Whether its encoded pixels can be kept as they are, without loss."""


def plan(facts: Facts, rules: PictureRules) -> Plan:
    """Decide how to adjust a picture.

    Raises:
        PictureRefused: see :func:`fit`.
    """
    whole = turned(facts.size, facts.orientation)
    size = fit(whole, facts.format, rules)
    redrawing = {
        Adjustment.UPRIGHT: facts.orientation != 1,
        Adjustment.SRGB: facts.foreign_colors,
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
    """The adjustments in a fixed order, so that a picture is always reported the same way."""
    return tuple(adjustment for adjustment in Adjustment if adjustment in adjustments)
