"""Making a video again: on its card, in its form, and in the answers to one person."""

from collections.abc import Sequence

from bot.domain.model import Model
from bot.domain.money import Usd
from bot.domain.task import EntryPoint, Task
from bot.ui.texts.language import _, marked
from bot.ui.texts.measures import clipped, harmless


def starting(entry_point: EntryPoint, estimate: Usd) -> str:
    """The very first words of a reroll."""
    first = _(_STARTING.get(entry_point, _STARTING[EntryPoint.REROLL])).format(estimate=estimate)
    rest = _("Still stuck after a minute? Try again; nothing was charged.")
    return f"{first}\n-# {rest}"


_STARTING = {
    EntryPoint.REROLL: marked("🔁 **Making it again…** The video will cost about {estimate}."),
    EntryPoint.NEW_SEED: marked(
        "🎲 **Making it again with a new seed…** The video will cost about {estimate}."
    ),
    EntryPoint.EDIT: marked(
        "✏️ **Making your changed version…** The video will cost about {estimate}."
    ),
}


def made_from(task: Task, link: str | None) -> str:
    """What a reroll was made from, for its card."""
    if link is None:
        parent = _("an earlier video ({task_id})").format(task_id=task.parent_id)
    else:
        parent = _("[an earlier video]({link})").format(link=link)
    words = _MADE_FROM.get(task.entry_point, _MADE_FROM[EntryPoint.REROLL])
    return "-# " + _(words).format(parent=parent)


_MADE_FROM = {
    EntryPoint.REROLL: marked("🔁 Reroll of {parent}, same seed"),
    EntryPoint.NEW_SEED: marked("🎲 Reroll of {parent}, new seed"),
    EntryPoint.EDIT: marked("✏️ Changed from {parent}"),
}


def chain(earlier: Sequence[tuple[Task, str | None]]) -> str:
    """The videos that one goes back to, the nearest first, for ℹ️.

    Args:
        earlier: with the link to each, where it is still to be seen.
    """
    return " ← ".join(_linked(task, link) for task, link in earlier)


def _linked(task: Task, link: str | None) -> str:
    name = f"`{task.id}`"
    return f"[{name}]({link})" if link else name


def reproducible() -> str:
    """What the video service itself says about seeds."""
    return _(
        "-# 🔁 sends exactly the same request again. The video service says that a "
        "fixed seed makes results more alike, but not necessarily identical."
    )


def deleted(*, is_theirs: bool) -> str:
    """To whoever deleted a video: the person who asked for it, or a moderator."""
    if is_theirs:
        return _("Deleted. It still counts towards your limit and costs.")
    return _("Deleted. It still counts for the person who asked for it.")


def not_deleted() -> str:
    """Discord did not do it."""
    return _("Discord didn't let me delete it. Please try again.")


# --- forms ----------------------------------------------------------------------------------


def edit_title() -> str:
    """Of the form behind ✏️."""
    return _("Change it and make it again")


def animate_title() -> str:
    """Of the form behind Apps › Animate."""
    return _("Animate this picture")


def field_picture() -> str:
    """Which of several pictures."""
    return _("Which picture?")


def field_prompt() -> str:
    """What should happen."""
    return _("What should happen in it?")


def field_negative() -> str:
    """What should not."""
    return _("What shouldn't be in it? (optional)")


def field_resolution() -> str:
    """How sharp."""
    return _("Resolution")


def field_seed() -> str:
    """The seed, which may be left out."""
    return _("Seed (leave empty for a new one)")


def seed_hint(model: Model) -> str:
    """What can be written there."""
    return _("A whole number from 0 to {most}").format(most=model.seed_max)


def picture(number: int, name: str) -> str:
    """One of several pictures, to choose."""
    return clipped(_("{number}. {name}").format(number=number, name=name), 100)


def linked_picture() -> str:
    """A picture that has no name of its own."""
    return _("picture from a link")


def typed(prompt: str) -> str:
    """What somebody wrote in a form, given back where it was refused."""
    return _("You wrote:") + f"\n> {harmless(clipped(prompt, 800))}"


# --- reactions ------------------------------------------------------------------------------


def to(person_id: int, words: str) -> str:
    """Said to one person in a channel, where nothing else reaches them; it pings nobody."""
    return f"<@{person_id}> {words}"
