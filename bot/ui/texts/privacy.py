"""What `/privacy` answers, to one person only."""

from bot.ui.texts.language import _, _n


def exported(number: int, of: int) -> str:
    """Above each file."""
    if number > 1:
        return _("Part {number} of {of}.").format(number=number, of=of)
    text = _n(
        "Everything I have stored about you is in this file: your videos with what you asked for, "
        "what they cost, and what moderators decided about you. Only you can see this message.",
        "Everything I have stored about you is in these {of} files: your videos with what you "
        "asked for, what they cost, and what moderators decided about you. Only you can see these "
        "messages.",
        of,
    )
    return text.format(of=of)


def sure() -> str:
    """Before anything is deleted."""
    return _(
        "**Delete what I know about you?** I forget your prompts, your name, the pictures that "
        "nobody else uses, and where your videos are. Messages in channels stay as they are; what "
        "you want gone from there, delete with 🗑️ first: afterwards only moderators can. And "
        "other people's videos made from yours stay theirs, without the link back. This cannot be "
        "undone.\n-# What limits need stays as a number for as long as they need it: how many "
        "videos you made in the last 31 days, what they cost this month, and what moderators "
        "decided about you. Money totals stay, without you in them."
    )


def delete() -> str:
    """On the button."""
    return _("Delete it")


def deleted(tasks: int, left: int) -> str:
    """It is done."""
    text = _n(
        "Done: I have forgotten {number} video.", "Done: I have forgotten {number} videos.", tasks
    ).format(number=tasks)
    if left:
        text += " " + _n(
            "{number} is still in the making or unclear; use this again when it is done.",
            "{number} are still in the making or unclear; use this again when they are done.",
            left,
        ).format(number=left)
    return text
