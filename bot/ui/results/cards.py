"""The message of a task, from "reading your picture" to the result.

It consists of Discord's layout components from the beginning, since a message cannot change
between those and plain content. A result's ℹ️ button has the task's id in its `custom_id`, by
which the result is found again among the bot's messages.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

import discord
from discord import ui

from bot.domain.models.model import Model, Models
from bot.domain.money import Usd
from bot.domain.task import OPEN_STATES, State, Task
from bot.ui.texts import cards as texts
from bot.ui.texts import rerolls

_RUNNING = discord.Color.blurple()
_DONE = discord.Color.green()
_ENDED = discord.Color.light_grey()


class Card(ui.LayoutView):
    """A message made of layout components, in one box.

    discord.py finds its buttons by their `custom_id`, also after a restart, and dispatches nothing
    to the card itself. So it is stopped at once, and discord.py does not keep it.
    """

    def __init__(self, color: discord.Color, *items: ui.Item["Card"]) -> None:
        super().__init__(timeout=None)
        self.add_item(ui.Container(*items, accent_color=color))
        self.stop()

    @property
    def text(self) -> str:
        """All text on the card, one block a line."""
        displays = (item for item in self.walk_children() if isinstance(item, ui.TextDisplay))
        return "\n".join(display.content for display in displays)


def reading(estimate: Usd, kind: str = "") -> Card:
    """The acknowledgement of a new request."""
    return Card(_RUNNING, ui.TextDisplay(texts.reading(estimate, kind)))


def starting(words: str) -> Card:
    """The acknowledgement of a reroll."""
    return Card(_RUNNING, ui.TextDisplay(words))


def on_the_way(task: Task, model: Model, now: datetime) -> Card:
    """The card of a task that is queued, sending, running or rendered."""
    return Card(
        _RUNNING,
        ui.TextDisplay(texts.asked(task)),
        ui.TextDisplay(texts.on_the_way(task, model, now)),
    )


def result(
    task: Task,
    *,
    models: Models | None = None,
    parent_link: str | None = None,
    outside: bool = False,
) -> Card:
    """The result: the video, its details and buttons. The file itself is attached to the message.

    Args:
        task: whose video it is.
        models: what is offered, to name the model, length and sound where they can differ.
        parent_link: the result that a reroll was made from.
        outside: whether the bot is not in the channel, so that reactions do not work.
    """
    return Card(
        _DONE,
        ui.TextDisplay(texts.heading(task)),
        _gallery(video_name(task), task),
        *_below(task, models, parent_link, outside=outside),
    )


def link(
    task: Task,
    *,
    words: str,
    frame_name: str | None,
    models: Models | None = None,
    parent_link: str | None = None,
) -> Card:
    """A result without a file: the first frame and the provider's link.

    Args:
        task: whose video it is.
        words: why there is no file, with the link.
        frame_name: the name of the file with the first frame, if it is attached.
        models: what is offered, to name the model, length and sound where they can differ.
        parent_link: the result that a reroll was made from.
    """
    frame = [_gallery(frame_name, task)] if frame_name else []
    return Card(
        _DONE,
        ui.TextDisplay(texts.heading(task)),
        *frame,
        ui.TextDisplay(words),
        *_below(task, models, parent_link),
    )


def ended(task: Task, *, in_words: bool) -> Card:
    """An ending without a video. ``in_words``: say why in public, for want of another way."""
    words = [ui.TextDisplay[Card](texts.ended(task))] if in_words else []
    return Card(_ENDED, ui.TextDisplay(texts.ended_for_all(task)), *words, _ending_buttons(task))


def hidden(task: Task, words: str) -> Card:
    """A result that is out of sight: words, its details and 🗑️, and no way to make it again."""
    details = ui.Button[Card](emoji="ℹ️", custom_id=_RESULT.format(task_id=task.id))
    delete = _buttons(task, RESULT_BUTTONS[-1])
    return Card(_ENDED, ui.TextDisplay(words), ui.ActionRow(details, *delete))


def sent_directly(task: Task) -> Card:
    """The card that stays in the channel when the video went to a direct message."""
    return Card(_DONE, ui.TextDisplay(texts.asked(task)), ui.TextDisplay(texts.sent_directly(task)))


def notice(words: str) -> Card:
    """A text in place of the acknowledgement."""
    return Card(_ENDED, ui.TextDisplay(words))


def _below(
    task: Task, models: Models | None, parent_link: str | None, *, outside: bool = False
) -> Sequence[ui.Item[Card]]:
    lines = [texts.figures(task, models)]
    if adjustments := texts.mended(task.mended):
        lines.append(f"-# {adjustments}")
    if task.parent_id:
        lines.append(rerolls.made_from(task, parent_link))
    if outside:
        lines.append(texts.only_buttons())
    return [ui.TextDisplay("\n".join(lines)), *_result_buttons(task)]


def _result_buttons(task: Task) -> Iterator[ui.ActionRow[Card]]:
    for row in RESULT_BUTTONS:
        yield ui.ActionRow(*_buttons(task, row))


def _ending_buttons(task: Task) -> ui.ActionRow[Card]:
    why = ui.Button[Card](emoji="ℹ️", custom_id=_ENDING.format(task_id=task.id))
    # In other states a video may exist or still come, and trying again would make a second one.
    again = _buttons(task, TRY_AGAIN) if task.state in (State.FAILED, State.CANCELLED) else ()
    return ui.ActionRow(*again, why)


def _buttons(task: Task, kinds: Sequence[tuple[str, str]]) -> Iterator[ui.Button[Card]]:
    for emoji, name in kinds:
        yield ui.Button(emoji=emoji, custom_id=f"flipbook:{name}:{task.id}")


def _gallery(name: str, task: Task) -> ui.MediaGallery[Card]:
    item = discord.MediaGalleryItem(
        f"attachment://{name}", description=texts.alt_text(task), spoiler=task.options.spoiler
    )
    return ui.MediaGallery(item)


def link_to(task: Task) -> str | None:
    """The URL of a result's message; ``None`` if there is none."""
    if task.result_message_id is None:
        return None
    is_there = task.result_channel_id == task.place.channel_id
    guild = _result_guild(task) or (is_there and task.place.link_guild_id) or "@me"
    return f"https://discord.com/channels/{guild}/{task.result_channel_id}/{task.result_message_id}"


def message_link(task: Task) -> str | None:
    """The address of a result, or of the message that shows how far a task is until then."""
    place = task.place
    if task.state not in OPEN_STATES or place.message_id is None:
        return link_to(task)
    guild = place.guild_id or place.link_guild_id or "@me"
    return f"https://discord.com/channels/{guild}/{place.channel_id}/{place.message_id}"


def reference_to(task: Task) -> discord.MessageReference | None:
    """A reference for a reply to a result; the reply is sent even if the result was deleted."""
    if task.result_message_id is None:
        return None
    return discord.MessageReference(
        message_id=task.result_message_id,
        channel_id=task.result_channel_id or 0,
        guild_id=_result_guild(task),
        fail_if_not_exists=False,
    )


def _result_guild(task: Task) -> int | None:
    """The server that a result is in; ``None`` where it went to a direct message."""
    is_there = task.result_channel_id == task.place.channel_id
    return task.place.guild_id if is_there else None


def file_name(task: Task, ending: str) -> str:
    """The file name of a task's video or first frame.

    It has the seed but never the task's id, which buttons and forms accept: files get passed on.
    Discord recognizes a spoiler by the file name.
    """
    spoiler = "SPOILER_" if task.options.spoiler else ""
    return f"{spoiler}flipbook-{task.options.seed}.{ending}"


def video_name(task: Task) -> str:
    """The file name of a task's video."""
    return file_name(task, "mp4")


# --- custom ids ---------------------------------------------------------------------------

# Two ids, so that the card of an undelivered task is not mistaken for its result.
_RESULT = "flipbook:info:{task_id}"
_ENDING = "flipbook:why:{task_id}"
TASK_ID = r"(?P<task_id>[0-9A-Za-z_-]{1,32})"
INFO_TEMPLATE = rf"flipbook:(?:info|why):{TASK_ID}"
SAME, NEW, EDIT, DELETE = "same", "new", "edit", "delete"
# In rows; 🗑️ is apart, so that nobody presses it for another one.
RESULT_BUTTONS = (
    (("🔁", SAME), ("🎲", NEW), ("✏️", EDIT), ("ℹ️", "info")),
    (("🗑️", DELETE),),
)
TRY_AGAIN = (("🔁", SAME), ("✏️", EDIT))


def shows_result(message: discord.Message, task: Task) -> bool:
    """Whether a message is this task's result."""
    wanted = _RESULT.format(task_id=task.id)
    return any(_carries(component, wanted) for component in message.components)


def shows_video(message: discord.Message, task: Task) -> bool:
    """Whether a message is this task's result and not :func:`hidden`."""
    wanted = f"flipbook:{SAME}:{task.id}"
    return any(_carries(component, wanted) for component in message.components)


def task_of(message: discord.Message) -> str | None:
    """The id of the task whose result a message is; ``None`` if it is not a result."""
    ids = (found for component in message.components for found in _custom_ids(component))
    matches = (re.fullmatch(rf"flipbook:{DELETE}:{TASK_ID}", one) for one in ids)
    return next((match["task_id"] for match in matches if match), None)


def _custom_ids(component: object) -> Iterator[str]:
    yield getattr(component, "custom_id", None) or ""
    for child in getattr(component, "children", ()):
        yield from _custom_ids(child)


def can_delete(message: discord.Message, task: Task) -> bool:
    """Whether a message has this task's 🗑️: it is its result, or was it."""
    wanted = f"flipbook:{DELETE}:{task.id}"
    return any(_carries(component, wanted) for component in message.components)


def _carries(component: object, custom_id: str) -> bool:
    if getattr(component, "custom_id", None) == custom_id:
        return True
    children = getattr(component, "children", ())
    return any(_carries(child, custom_id) for child in children)
