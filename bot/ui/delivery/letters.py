"""Text in the form that Discord accepts at its length.

A message's content holds 2,000 characters. Longer text goes into layout components, which hold
4,000 characters together. A message cannot change from components back to content, so one that is
edited later, such as a page of `/tasks`, is a :class:`Page` from the beginning.
"""

from collections.abc import Iterable
from typing import Any

from discord import ui

from bot.ui.texts.measures import LAYOUT_CHARS, MESSAGE_CHARS, clipped, length


class Page(ui.LayoutView):
    """Text with menus and buttons below it.

    discord.py finds these by their `custom_id`, also after a restart, and dispatches nothing to
    the page itself.
    """

    def __init__(self, words: str, below: Iterable[ui.Item[Any]] = ()) -> None:
        super().__init__(timeout=None)
        self._display = ui.TextDisplay[Any]("")
        self.write(words)
        self.add_item(self._display)
        for row in _rows(below):
            self.add_item(row)
        self.stop()

    def write(self, words: str) -> None:
        """Replace the text."""
        self.words = self._display.content = clipped(words, LAYOUT_CHARS)


def letter(words: str) -> dict[str, Any]:
    """The keyword arguments for discord.py's send methods: content, or a view for longer text."""
    if length(words) <= MESSAGE_CHARS:
        return {"content": words}
    return {"view": Page(words)}


def _rows(below: Iterable[ui.Item[Any]]) -> Iterable[ui.ActionRow[Any]]:
    """Give each menu a row of its own; all buttons share one."""
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
