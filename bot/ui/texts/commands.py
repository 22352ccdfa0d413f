"""What commands and their options say about themselves; Discord's limit is 100 characters."""

from bot.domain.model import Model
from bot.ui.texts.language import _


def animate() -> str:
    """Of `/animate`."""
    return _("Turn a picture and a sentence into a short video")


def animate_menu() -> str:
    """In the Apps menu of a message."""
    return _("Animate")


def animate_options(model: Model) -> dict[str, str]:
    """Of each option of `/animate`."""
    return {
        "image": _("The picture that the video starts from"),
        "prompt": _("What should happen in it, in up to {most} characters").format(
            most=model.prompt_chars
        ),
        "negative_prompt": _("What should not be in it"),
        "resolution": _("How sharp: a higher one costs more ({default} when left out)").format(
            default=model.default_resolution
        ),
        "seed": _("The same number makes a similar video again; drawn when left out"),
        "prompt_extend": _("Let the video service add to your words (on when left out)"),
        "watermark": _("Put the video service's watermark in the corner (off when left out)"),
        "spoiler": _("Hide the video until somebody clicks on it (off when left out)"),
    }


def quota() -> str:
    """Of `/quota`."""
    return _("How many videos you have left, and what yours have cost")


def how_to() -> str:
    """Of `/help`."""
    return _("How to use me, what I store, and what I need here")
