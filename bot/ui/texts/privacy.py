"""The ephemeral answers of `/privacy`."""

from bot.domain.consent import PictureChoice
from bot.ui.texts.language import _, _n
from bot.ui.texts.measures import sentences


def exported(number: int, of: int) -> str:
    """The text above each exported file."""
    if number > 1:
        return _("Part {number} of {of}.").format(number=number, of=of)
    text = _n(
        "This file has everything I have stored about you: your videos with what "
        "you asked for, what they cost, moderators' decisions about you, and what "
        "you chose with `/privacy pictures`. Only you can see this message.",
        "These {of} files have everything I have stored about you: your videos with "
        "what you asked for, what they cost, moderators' decisions about you, and what "
        "you chose with `/privacy pictures`. Only you can see these messages.",
        of,
    )
    return text.format(of=of)


def chosen(choice: PictureChoice) -> str:
    """The answer of `/privacy pictures`."""
    if choice is PictureChoice.NOBODY:
        return _(
            "Done: nobody but you can animate pictures in your messages with me, make your "
            "videos again or change them. This holds in every server and in direct messages, "
            "also for pictures and videos from before, and I keep it even if you delete your "
            "data."
        )
    return _(
        "Done: everyone can animate pictures in your messages with me, make your videos again "
        "and change them, wherever a server's own rules allow it."
    )


def sure() -> str:
    """The question before anything is deleted."""
    return _(
        "**Delete what I have stored about you?** I'll forget your prompts, your "
        "name, the pictures that nobody else uses, and where your videos are. "
        "Messages in channels stay; to remove one, delete it with 🗑️ first, because "
        "afterwards only moderators can. Videos that others made from yours stay "
        "theirs, without the link back. This can't be undone.\n"
        "-# To enforce limits I keep only counts and costs: 31 days of videos, this "
        "month's spending, moderators' decisions. Overall totals stay, without you "
        "in them. If you chose with `/privacy pictures` that nobody may use yours, I "
        "keep that too."
    )


def delete() -> str:
    """The label of the confirmation button."""
    return _("Delete my data")


def deleted(tasks: int, left: int) -> str:
    """The answer after the deletion."""
    text = _n(
        "Done: I've forgotten {number} video.", "Done: I've forgotten {number} videos.", tasks
    ).format(number=tasks)
    if not left:
        return text
    more = _n(
        "{number} is still in progress or unclear; use this again when it's done.",
        "{number} are still in progress or unclear; use this again when they're done.",
        left,
    )
    return sentences(text, more.format(number=left))
