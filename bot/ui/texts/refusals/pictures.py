"""Why a picture cannot be animated, and what to send instead."""

import math
from collections.abc import Callable

from bot.domain.first_frame import SOURCE_BYTES_MAX, WEBP_PIXELS_MAX
from bot.errors import PictureProblem, PictureRefused
from bot.ui.texts.language import _
from bot.ui.texts.measures import harmless, listed, megabytes, pixels, sentences

# The formats that the model accepts, by their usual names.
ACCEPTED = "JPEG, PNG, BMP, WEBP"


def refused(error: PictureRefused) -> str:
    """The text for a refused picture."""
    words = _PICTURES[error.problem](error)
    if error.model is None:
        return words
    return sentences(
        words,
        _("That is a rule of {model}; another model can take this picture.").format(
            model=error.model
        ),
    )


def accepted() -> str:
    """The accepted formats: "JPEG, PNG, BMP and WEBP"."""
    *most, last = ACCEPTED.split(", ")
    return _("{most} and {last}").format(most=listed(most), last=last)


def _not_a_picture(error: PictureRefused) -> str:
    return _("This file isn't a picture. I can animate {accepted} pictures.").format(
        accepted=accepted()
    )


def _format(error: PictureRefused) -> str:
    if not error.found:
        first = _("I can't animate this kind of picture.")
    elif error.found == "camera raw":
        first = _("This picture is in a camera's raw format.")
    elif _sounds_like_a_vowel(error.found):
        first = _("This is an {format}.").format(format=harmless(error.found))
    else:
        first = _("This is a {format}.").format(format=harmless(error.found))
    return sentences(first, _("I can animate {accepted} pictures.").format(accepted=accepted()))


def _sounds_like_a_vowel(name: str) -> bool:
    """Whether "an" goes before a name: "an AVIF", but also "an SVG", which is spelled out."""
    return name[0] in ("AEFHILMNORSX" if name.isupper() else "AEIOaeio")


def _heic(error: PictureRefused) -> str:
    return _(
        "This is a HEIC picture, as iPhones take them, and I can't animate those. "
        "Please send it as a JPEG; a screenshot works too."
    )


def _too_many_bytes(error: PictureRefused) -> str:
    if error.bytes is None:
        return _("This file is too large for me. Please send a smaller picture.")
    return _("This file is {size}, over my {most} limit. Please send a smaller picture.").format(
        size=megabytes(error.bytes), most=megabytes(SOURCE_BYTES_MAX)
    )


def _cannot_shrink(error: PictureRefused) -> str:
    if error.rules is None:
        return _("This file is too large for me. Please send a smaller picture.")
    return _(
        "I couldn't get this picture under {most} without ruining it. Please send "
        "it smaller, or as a JPEG."
    ).format(most=megabytes(error.rules.picture_bytes))


def _too_small(error: PictureRefused) -> str:
    needed = ""
    if error.rules is not None:
        least = error.rules.side_min
        needed = _("Both sides must be at least {least} pixels.").format(least=least)
    if error.size is None:
        return sentences(_("This picture is too small."), needed)
    return sentences(_("This picture is {size}.").format(size=pixels(error.size)), needed)


def _too_narrow(error: PictureRefused) -> str:
    if error.size is None or error.rules is None:
        return _("This picture is too narrow. Please crop it.")
    rules = error.rules
    shorter = round(min(error.size) * rules.side_max / max(error.size))
    return _(
        "This picture is {size}. Scaling its longer side down to {most} pixels "
        "leaves {shorter} for the other, and both need at least {least}. Please "
        "crop it."
    ).format(size=pixels(error.size), most=rules.side_max, shorter=shorter, least=rules.side_min)


def _damaged(error: PictureRefused) -> str:
    return _(
        "This picture is damaged or incomplete. If you can open it, save it again and send that."
    )


def _bomb(error: PictureRefused) -> str:
    if error.size is None:
        return _("This picture has too many pixels for me. Please send a smaller one.")
    return _(
        "This picture is {size}, which is more pixels than I can open. Please scale it down to "
        "{fits} or smaller."
    ).format(size=pixels(error.size), fits=pixels(_fitting(error.size)))


def _fitting(size: tuple[int, int]) -> tuple[int, int]:
    """A size of the same shape that can be opened in every format, in whole hundreds."""
    scale = math.sqrt(WEBP_PIXELS_MAX / (size[0] * size[1]))
    return (_rounded_down(size[0] * scale), _rounded_down(size[1] * scale))


def _rounded_down(side: float) -> int:
    return max(int(side) // 100 * 100, 1)


def _too_many_parts(error: PictureRefused) -> str:
    return _(
        "This picture's file is too complex for me to read. If you can open it, "
        "save it again and send that."
    )


def _machine_too_small(error: PictureRefused) -> str:
    return _("I don't have enough memory for this picture. Please send it with fewer pixels.")


def _too_slow(error: PictureRefused) -> str:
    return _(
        "This picture takes me too long to read. Please send it smaller, or save it "
        "again and send that."
    )


_PICTURES: dict[PictureProblem, Callable[[PictureRefused], str]] = {
    PictureProblem.NOT_A_PICTURE: _not_a_picture,
    PictureProblem.FORMAT: _format,
    PictureProblem.HEIC: _heic,
    PictureProblem.TOO_MANY_BYTES: _too_many_bytes,
    PictureProblem.CANNOT_SHRINK: _cannot_shrink,
    PictureProblem.TOO_SMALL: _too_small,
    PictureProblem.TOO_NARROW: _too_narrow,
    PictureProblem.DAMAGED: _damaged,
    PictureProblem.BOMB: _bomb,
    PictureProblem.TOO_MANY_PARTS: _too_many_parts,
    PictureProblem.TOO_SLOW: _too_slow,
    PictureProblem.MACHINE_TOO_SMALL: _machine_too_small,
}
