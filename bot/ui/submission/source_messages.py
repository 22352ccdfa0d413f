"""Reads pictures again from their messages when their first frames are no longer kept.

This bot does not use the privileged intent MESSAGE_CONTENT, so Discord leaves attachments out of
other people's messages, over HTTP as well. The URL that a menu found is therefore kept with the
task. It is signed and valid for about a day, and Discord documents no way to renew it (August
2026).
"""

import logging

from bot.domain.submission import Picture
from bot.domain.task import FoundPicture, Task
from bot.errors import PictureExpired
from bot.ui.app_context import AppContext
from bot.ui.delivery.channels import Channels
from bot.ui.delivery.requests.discord_errors import REQUEST_ERRORS, describe
from bot.ui.results.cards import reference_to
from bot.ui.submission.attachments import AttachmentPicture
from bot.ui.submission.source_images import is_expired, pictures_of

log = logging.getLogger(__name__)


class SourceMessages:
    """Implements :class:`bot.services.rerolls.Sources`.

    A picture that was attached to a command belongs to no message and cannot be fetched again.
    """

    def __init__(self, *, channels: Channels, context: AppContext) -> None:
        self._channels = channels
        self._context = context

    async def picture(self, task: Task) -> Picture | None:
        kept = task.source.picture if task.source else None
        if kept is not None and not is_expired(kept.url, self._context.clock.now()):
            return as_picture(kept, self._context)
        try:
            found = await self._in_source(task) or await self._shown_by_result(task)
        except REQUEST_ERRORS as error:
            log.warning("task %s: its picture cannot be read again: %s", task.id, describe(error))
            found = None
        if found is not None:
            return as_picture(found, self._context)
        if kept is not None:
            raise PictureExpired(f"the picture of task {task.id}")
        return None

    async def _in_source(self, task: Task) -> FoundPicture | None:
        """The picture in the source message, if Discord shows it to the bot.

        It does in the bot's own messages, in direct messages and in mentions of the bot.
        """
        source = task.source
        if source is None:
            return None
        message = await self._channels.fetch(
            source.channel_id, task.place.guild_id, source.message_id
        )
        pictures = pictures_of(message) if message else ()
        return pictures[source.number] if source.number < len(pictures) else None

    async def _shown_by_result(self, task: Task) -> FoundPicture | None:
        """The first frame in a result that is a link."""
        shown = reference_to(task)
        if shown is None or shown.message_id is None:
            return None
        message = await self._channels.fetch(shown.channel_id, shown.guild_id, shown.message_id)
        return next(iter(pictures_of(message)), None) if message else None


def as_picture(found: FoundPicture, context: AppContext) -> AttachmentPicture:
    """The found picture as one that can be read."""
    return AttachmentPicture(
        url=found.url,
        name=found.name,
        announced_bytes=found.bytes,
        http=context.http,
        origins=context.picture_origins,
    )
