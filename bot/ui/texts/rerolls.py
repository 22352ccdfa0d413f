"""Texts of rerolls: cards, forms and ephemeral answers."""

from collections.abc import Sequence

from bot.domain.models.model import Model
from bot.domain.money import Usd
from bot.domain.task import EntryPoint, Task
from bot.ui.texts.language import _, marked
from bot.ui.texts.measures import clipped, harmless


def starting(entry_point: EntryPoint, estimate: Usd, kind: str = "") -> str:
    """The acknowledgement of a reroll.

    ``kind``: the model, length, resolution and sound, if there are others.
    """
    first = _(_STARTING.get(entry_point, _STARTING[EntryPoint.REROLL])).format(estimate=estimate)
    rest = _("Still stuck after a minute? Try again; nothing was charged.")
    return "\n-# ".join(part for part in (first, kind, rest) if part)


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
    """The line of a reroll's card about the video it was made from."""
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
    """The earlier videos that a video was made from, the latest first, for ℹ️.

    Args:
        earlier: the videos, each with the link to its result if it still exists.
    """
    return " ← ".join(_linked(task, link) for task, link in earlier)


def _linked(task: Task, link: str | None) -> str:
    name = f"`{task.id}`"
    if task.is_deleted:
        return _("{name} (deleted)").format(name=name)
    return f"[{name}]({link})" if link else name


def reproducible() -> str:
    """What the video service says about seeds."""
    return _(
        "-# 🔁 sends exactly the same request again. The video service says that a "
        "fixed seed makes results more alike, but not necessarily identical."
    )


def sure_to_delete(*, is_theirs: bool) -> str:
    """Asks whoever pressed 🗑️."""
    if is_theirs:
        return _(
            "Delete this video for everyone? This can't be undone, and it still counts towards "
            "your limit and costs."
        )
    return _(
        "Delete this video for everyone? This can't be undone, and it still counts for the "
        "person who asked for it."
    )


def delete() -> str:
    """On the button that deletes a video."""
    return _("Delete")


def cancel() -> str:
    """On the button that deletes nothing."""
    return _("Cancel")


def kept() -> str:
    """The answer to somebody who did not delete the video after all."""
    return _("Nothing was deleted.")


def ask_anew() -> str:
    """To whoever confirmed it too late."""
    return _("That took too long. Please press 🗑️ below the video again.")


def deleted(*, is_theirs: bool) -> str:
    """The answer to a deletion, by the person who asked for the video or by a moderator."""
    if is_theirs:
        return _("Deleted. It still counts towards your limit and costs.")
    return _("Deleted. It still counts for the person who asked for it.")


def not_deleted() -> str:
    """The answer if Discord refused a deletion."""
    return _("Discord didn't let me delete it. Please try again.")


# --- forms ----------------------------------------------------------------------------------


def edit_title() -> str:
    """The title of the form behind ✏️."""
    return _("Change it and make it again")


def open_again() -> str:
    """On the button that opens a refused form again."""
    return _("Open the form again")


def animate_title() -> str:
    """The title of the form behind Apps › Animate."""
    return _("Animate this picture")


def field_picture() -> str:
    """The label of the menu of pictures."""
    return _("Which picture?")


def field_prompt() -> str:
    """The label of the prompt."""
    return _("What should happen in it?")


def field_negative() -> str:
    """The label of the negative prompt."""
    return _("What shouldn't be in it? (optional)")


def field_resolution() -> str:
    """The label of the resolution."""
    return _("Resolution")


def field_kind() -> str:
    """The label of the menu of models, lengths and resolutions."""
    return _("Model, length and resolution")


def field_seed() -> str:
    """The label of the seed."""
    return _("Seed (leave empty for a new one)")


def seed_hint(model: Model) -> str:
    """The description of the seed's field."""
    return _("A whole number from 0 to {most}").format(most=model.seed_max)


def picture(number: int, name: str) -> str:
    """A picture in the menu of pictures."""
    return clipped(_("{number}. {name}").format(number=number, name=name), 100)


def linked_picture() -> str:
    """The name of a picture that has none."""
    return _("picture from a link")


def typed(prompt: str) -> str:
    """The prompt that somebody typed, returned to them with a refusal."""
    return _("You wrote:") + f"\n> {harmless(clipped(prompt, 800))}"


# --- reactions ------------------------------------------------------------------------------


def to(person_id: int, words: str) -> str:
    """A public text addressed to one person, without a ping since mentions are off."""
    return f"<@{person_id}> {words}"
