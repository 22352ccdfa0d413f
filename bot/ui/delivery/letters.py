"""Words in the form that Discord takes at their length: the one place that knows how much that is.

A message's plain text holds 2,000 characters. What is longer is made of layout components, whose
texts hold 4,000 together. A message cannot change back from those to plain text: what is edited
later, as the pages of `/tasks`, is a :class:`Page` from the beginning.
"""

from collections.abc import Iterable
from typing import Any

from discord import ui

from bot.ui.texts.measures import LAYOUT_CHARS, MESSAGE_CHARS, clipped, length


class Page(ui.LayoutView):
    """Words, and what can be chosen below them, a row each.

    Nothing is dispatched to it: what is below is found by its `custom_id`, also after a restart.
    """

    def __init__(self, words: str, below: Iterable[ui.Item[Any]] = ()) -> None:
        super().__init__(timeout=None)
        self.words = clipped(words, LAYOUT_CHARS)
        self.add_item(ui.TextDisplay(self.words))
        for row in _rows(below):
            self.add_item(row)
        self.stop()


def letter(words: str) -> dict[str, Any]:
    """What to hand to any of discord.py's ways to say words; they come with their view or none."""
    if length(words) <= MESSAGE_CHARS:
        return {"content": words}
    return {"view": Page(words)}


def _rows(below: Iterable[ui.Item[Any]]) -> Iterable[ui.ActionRow[Any]]:
    """A menu is a row of its own, buttons share one."""
    buttons = []
    for item in below:
        if isinstance(_plain(item), ui.Button):
            buttons.append(item)
        else:
            yield ui.ActionRow(item)
    if buttons:
        yield ui.ActionRow(*buttons)


def _plain(item: ui.Item[Any]) -> ui.Item[Any]:
    return item.item if isinstance(item, ui.DynamicItem) else item
