"""First frames that are no longer kept, fetched again from the messages that show them."""

import logging

from bot.domain.task import Task
from bot.services.ports import Picture
from bot.ui.attachments import AttachmentPicture
from bot.ui.cards import reference_to
from bot.ui.channels import Channels
from bot.ui.desk import Desk
from bot.ui.rungs import REQUEST_ERRORS, said
from bot.ui.sources import Found, pictures_of

log = logging.getLogger(__name__)


class SourceMessages:
    """The :class:`bot.services.rerolls.Sources`.

    What was attached to the command itself belongs to no message, and cannot be fetched again.
    """

    def __init__(self, *, channels: Channels, desk: Desk) -> None:
        self._channels = channels
        self._desk = desk

    async def picture(self, task: Task) -> Picture | None:
        try:
            found = await self._in_source(task) or await self._shown_by_result(task)
        except REQUEST_ERRORS as error:
            log.warning("task %s: its picture is out of reach: %s", task.id, said(error))
            return None
        return None if found is None else as_picture(found, self._desk)

    async def _in_source(self, task: Task) -> Found | None:
        """Discord shows what is in other people's messages where it lets the bot read them."""
        source = task.source
        if source is None:
            return None
        message = await self._channels.fetch(
            source.channel_id, task.place.guild_id, source.message_id
        )
        pictures = pictures_of(message) if message else ()
        return pictures[source.number] if source.number < len(pictures) else None

    async def _shown_by_result(self, task: Task) -> Found | None:
        """A result that is a link shows the first frame as it was sent."""
        shown = reference_to(task)
        if shown is None or shown.message_id is None:
            return None
        message = await self._channels.fetch(shown.channel_id, shown.guild_id, shown.message_id)
        return next(iter(pictures_of(message)), None) if message else None


def as_picture(found: Found, desk: Desk) -> AttachmentPicture:
    """A picture to read, from Discord only."""
    return AttachmentPicture(
        url=found.url,
        name=found.name,
        announced_bytes=found.bytes,
        http=desk.http,
        origins=desk.picture_origins,
    )
