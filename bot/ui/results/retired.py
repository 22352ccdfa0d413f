"""Removes buttons that do nothing any more, once a video's record was deleted or forgotten.

The file of the message stays: an edit lists it by its id and its name, and the components name it
as `attachment://`. Discord's documentation says that listed files are kept; that it wants the name
as well is known from the reports of others. If Discord refuses the edit, nothing has changed.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import discord
from discord import ui

from bot.domain.task import Place
from bot.ui.delivery.channels import Channels
from bot.ui.delivery.requests.discord_errors import tried
from bot.ui.results.cards import DELETE

log = logging.getLogger(__name__)

_OWN, _KEPT = "flipbook:", f"flipbook:{DELETE}:"
# The most messages to edit after somebody deleted their data; a press on an older one is enough.
MOST_EDITED = 100


@dataclass(frozen=True, slots=True)
class _KeptFile:
    """A file that an edit keeps, for discord.py, which lists no files of components."""

    id: int
    name: str

    def to_dict(self) -> dict[str, Any]:
        return {"id": str(self.id), "filename": self.name}


def retired(message: discord.Message) -> dict[str, Any] | None:
    """The changes that take the dead buttons from a result; ``None`` if it has none.

    🗑️ stays, since moderators can still use it.
    """
    if not message.flags.components_v2:
        return None
    view = ui.LayoutView.from_message(message, timeout=None)
    view.stop()
    if not _without_dead_buttons(view):
        return None
    files = [kept for one in view.walk_children() if (kept := _kept(one))]
    return {"view": view, "attachments": cast("list[discord.Attachment]", files)}


def _without_dead_buttons(view: ui.LayoutView) -> bool:
    """Remove the dead buttons and empty rows; return whether there were any."""
    has_changed = False
    rows = [item for item in view.walk_children() if isinstance(item, ui.ActionRow)]
    for row in rows:
        for button in list(row.children):
            custom_id = getattr(button, "custom_id", None) or ""
            if custom_id.startswith(_OWN) and not custom_id.startswith(_KEPT):
                row.remove_item(button)
                has_changed = True
        if not row.children:
            box = row.parent if isinstance(row.parent, ui.Container) else view
            box.remove_item(row)
    return has_changed


def _kept(item: ui.Item[Any]) -> _KeptFile | None:
    """The file that a gallery shows, which from now on names it."""
    if not isinstance(item, ui.MediaGallery):
        return None
    (shown,) = item.items
    if shown.media.attachment_id is None:
        return None
    name = unquote(urlsplit(shown.media.url).path.rsplit("/", 1)[-1])
    file = _KeptFile(shown.media.attachment_id, name)
    shown.media = discord.UnfurledMediaItem(f"attachment://{name}")
    return file


async def retire(channels: Channels, results: Iterable[Place]) -> None:
    """Edit the newest results in their channels, one after the other. Does not raise."""
    for place in list(results)[:MOST_EDITED]:
        await tried("-", _retire(channels, place))


async def _retire(channels: Channels, place: Place) -> None:
    channel_id, message_id = place.channel_id or 0, place.message_id or 0
    message = await channels.fetch(channel_id, place.guild_id, message_id)
    changes = retired(message) if message is not None else None
    if message is None or changes is None:
        return
    await message.edit(**changes, allowed_mentions=discord.AllowedMentions.none())
    for reaction in message.reactions:
        if reaction.me and message.guild is not None:
            await message.remove_reaction(reaction.emoji, message.guild.me)
