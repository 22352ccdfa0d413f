"""The question to the owner of a picture, and what becomes of it."""

from datetime import datetime

from bot.ui.texts.cards import person
from bot.ui.texts.language import _
from bot.ui.texts.measures import clipped_harmless

# The longest part of a prompt that a question shows.
_PROMPT_CHARS = 500


def question(author_id: int, asker_id: int, prompt: str, until: datetime) -> str:
    """The question in the channel."""
    return _(
        "{author}, {asker} would like to make a video from your picture:\n> {prompt}\n"
        "-# I make it only if you allow it. This question ends {time}; `/privacy pictures` keeps "
        "people from asking you."
    ).format(
        author=person(author_id),
        asker=person(asker_id),
        prompt=clipped_harmless(prompt, _PROMPT_CHARS),
        time=f"<t:{int(until.timestamp())}:R>",
    )


def allow() -> str:
    """The label of the button that allows the video."""
    return _("Allow")


def refuse() -> str:
    """The label of the button that refuses the video."""
    return _("Refuse")


def asked(author_id: int) -> str:
    """The answer to the person who asked."""
    return _(
        "I've asked {author} in this channel. If they allow it within an hour, your video comes "
        "here; nothing is counted or charged before that."
    ).format(author=person(author_id))


def allowed(author_id: int, asker_id: int) -> str:
    """The question after it was allowed."""
    return _("{author} allows {asker} to make a video from their picture.").format(
        author=person(author_id), asker=person(asker_id)
    )


def refused(author_id: int) -> str:
    """The question after it was refused."""
    return _("{author} doesn't want a video made from their picture.").format(
        author=person(author_id)
    )


def not_made(author_id: int, asker_id: int, reason: str) -> str:
    """The question after it was allowed, where the video cannot be made."""
    return _("{author} allows the video, but I can't make it for {asker} now: {reason}").format(
        author=person(author_id), asker=person(asker_id), reason=reason
    )


def over() -> str:
    """The question after its time."""
    return _("Nobody answered within an hour, so there's no video.")
