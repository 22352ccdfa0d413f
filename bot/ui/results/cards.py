"""What a task looks like: one message, from "reading your picture" to the result.

All of it is made of Discord's layout components from the first message on, since a message
cannot change between those and plain content. A result carries the task's id in the `custom_id`
of its button, which is how it is found again among the bot's messages.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import discord
from discord import ui

from bot.domain.model import Model
from bot.domain.money import Usd
from bot.domain.task import State, Task
from bot.ui.texts import cards as texts
from bot.ui.texts import rerolls

_RUNNING = discord.Colour.blurple()
_DONE = discord.Colour.green()
_ENDED = discord.Colour.light_grey()


class Card(ui.LayoutView):
    """A message made of layout components, in one box.

    Nothing is dispatched to it: its buttons are found by their `custom_id`, also after a restart.
    So it is stopped at once, and discord.py does not keep it.
    """

    def __init__(self, colour: discord.Colour, *items: ui.Item["Card"]) -> None:
        super().__init__(timeout=None)
        self.add_item(ui.Container(*items, accent_colour=colour))
        self.stop()

    @property
    def text(self) -> str:
        """All that is written on it."""
        displays = (item for item in self.walk_children() if isinstance(item, ui.TextDisplay))
        return "\n".join(display.content for display in displays)


def reading(estimate: Usd) -> Card:
    """The acknowledgement."""
    return Card(_RUNNING, ui.TextDisplay(texts.reading(estimate)))


def starting(words: str) -> Card:
    """The first words of a reroll."""
    return Card(_RUNNING, ui.TextDisplay(words))


def on_the_way(task: Task, model: Model, now: datetime) -> Card:
    """Queued, sending, running."""
    return Card(
        _RUNNING,
        ui.TextDisplay(texts.asked(task)),
        ui.TextDisplay(texts.on_the_way(task, model, now)),
    )


def result(task: Task, *, parent_link: str | None = None, outside: bool = False) -> Card:
    """The video, playing in place, and everything about it. The file is sent beside it.

    Args:
        task: whose video it is.
        parent_link: the result that a reroll was made from.
        outside: say what does not work where the bot itself is not.
    """
    return Card(
        _DONE,
        ui.TextDisplay(texts.heading(task)),
        _gallery(video_name(task), task),
        *_below(task, parent_link, outside=outside),
    )


def link(task: Task, *, words: str, frame_name: str | None, parent_link: str | None = None) -> Card:
    """The first frame and the provider's link, where the file cannot be posted.

    Args:
        task: with the link.
        words: why there is no file, with the link.
        frame_name: the name of the file with the first frame, if it is sent.
        parent_link: the result that a reroll was made from.
    """
    frame = [_gallery(frame_name, task)] if frame_name else []
    return Card(
        _DONE,
        ui.TextDisplay(texts.heading(task)),
        *frame,
        ui.TextDisplay(words),
        *_below(task, parent_link),
    )


def ended(task: Task, *, in_words: bool) -> Card:
    """No video. ``in_words``: say why here, as there is no other way to tell the person."""
    words = [ui.TextDisplay[Card](texts.ended(task))] if in_words else []
    return Card(_ENDED, ui.TextDisplay(texts.ended_for_all(task)), *words, _ending_buttons(task))


def sent_directly(task: Task) -> Card:
    """What stays in the channel when the video went to a direct message."""
    return Card(_DONE, ui.TextDisplay(texts.asked(task)), ui.TextDisplay(texts.sent_directly(task)))


def notice(words: str) -> Card:
    """A few words in place of the acknowledgement."""
    return Card(_ENDED, ui.TextDisplay(words))


def _below(
    task: Task, parent_link: str | None, *, outside: bool = False
) -> Sequence[ui.Item[Card]]:
    lines = [texts.figures(task)]
    if adjustments := texts.mended(task.mended):
        lines.append(f"-# {adjustments}")
    if task.parent_id:
        lines.append(rerolls.made_from(task, parent_link))
    if outside:
        lines.append(texts.only_buttons())
    return [ui.TextDisplay("\n".join(lines)), _result_buttons(task)]


def _result_buttons(task: Task) -> ui.ActionRow[Card]:
    return ui.ActionRow(*_buttons(task, RESULT_BUTTONS))


def _ending_buttons(task: Task) -> ui.ActionRow[Card]:
    why = ui.Button[Card](emoji="ℹ️", custom_id=_ENDING.format(task_id=task.id))
    # Where a video may be there already, or may still come, another is no second try.
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
    """The address of a result; ``None`` when there is nothing to see any more."""
    if task.result_message_id is None:
        return None
    is_there = task.result_channel_id == task.place.channel_id
    guild = _result_guild(task) or (is_there and task.place.link_guild_id) or "@me"
    return f"https://discord.com/channels/{guild}/{task.result_channel_id}/{task.result_message_id}"


def reference_to(task: Task) -> discord.MessageReference | None:
    """For a reply to a result; it stands alone where the result is gone meanwhile."""
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
    """The name under which a task's video or first frame is posted.

    It carries the seed, never the task's id: a file is passed on, and an id is what buttons and
    forms name. Discord marks a spoiler by the name as well.
    """
    spoiler = "SPOILER_" if task.options.spoiler else ""
    return f"{spoiler}flipbook-{task.options.seed}.{ending}"


def video_name(task: Task) -> str:
    """The name of a task's video."""
    return file_name(task, "mp4")


# --- custom ids ---------------------------------------------------------------------------

# Two, so that the card of a task that could not be delivered is not mistaken for its result.
_RESULT = "flipbook:info:{task_id}"
_ENDING = "flipbook:why:{task_id}"
TASK_ID = r"(?P<task_id>[0-9A-Za-z_-]{1,32})"
INFO_TEMPLATE = rf"flipbook:(?:info|why):{TASK_ID}"
SAME, NEW, EDIT, DELETE = "same", "new", "edit", "delete"
RESULT_BUTTONS = (("🔁", SAME), ("🎲", NEW), ("✏️", EDIT), ("ℹ️", "info"), ("🗑️", DELETE))
TRY_AGAIN = (("🔁", SAME), ("✏️", EDIT))


def shows_result(message: discord.Message, task: Task) -> bool:
    """Whether a message is this task's result."""
    wanted = _RESULT.format(task_id=task.id)
    return any(_carries(component, wanted) for component in message.components)


def _carries(component: object, custom_id: str) -> bool:
    if getattr(component, "custom_id", None) == custom_id:
        return True
    children = getattr(component, "children", ())
    return any(_carries(child, custom_id) for child in children)
