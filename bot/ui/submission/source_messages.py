"""First frames that are no longer kept, read again from where they came from.

Without the privileged intent MESSAGE_CONTENT, which this bot does not ask for, Discord leaves
attachments out of other people's messages over HTTP as well: what a menu found in one is kept with
the task. Its address is signed, and good for a day or so. Nothing in Discord's documentation makes
a new one of it (August 2026), so nothing here does.
"""

import logging

from bot.domain.submission import Picture
from bot.domain.task import FoundPicture, Task
from bot.errors import PictureExpired
from bot.ui.app_context import AppContext
from bot.ui.delivery.channels import Channels
from bot.ui.delivery.discord_errors import REQUEST_ERRORS, describe
from bot.ui.results.cards import reference_to
from bot.ui.submission.attachments import AttachmentPicture
from bot.ui.submission.source_images import is_expired, pictures_of

log = logging.getLogger(__name__)


class SourceMessages:
    """The :class:`bot.services.rerolls.Sources`.

    What was attached to the command itself belongs to no message, and cannot be fetched again.
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
            log.warning("task %s: its picture is out of reach: %s", task.id, describe(error))
            found = None
        if found is not None:
            return as_picture(found, self._context)
        if kept is not None:
            raise PictureExpired(f"the picture of task {task.id}")
        return None

    async def _in_source(self, task: Task) -> FoundPicture | None:
        """What Discord shows is in the bot's own messages, in direct ones, and in mentions."""
        source = task.source
        if source is None:
            return None
        message = await self._channels.fetch(
            source.channel_id, task.place.guild_id, source.message_id
        )
        pictures = pictures_of(message) if message else ()
        return pictures[source.number] if source.number < len(pictures) else None

    async def _shown_by_result(self, task: Task) -> FoundPicture | None:
        """A result that is a link shows the first frame as it was sent."""
        shown = reference_to(task)
        if shown is None or shown.message_id is None:
            return None
        message = await self._channels.fetch(shown.channel_id, shown.guild_id, shown.message_id)
        return next(iter(pictures_of(message)), None) if message else None


def as_picture(found: FoundPicture, context: AppContext) -> AttachmentPicture:
    """A picture to read, from Discord only."""
    return AttachmentPicture(
        url=found.url,
        name=found.name,
        announced_bytes=found.bytes,
        http=context.http,
        origins=context.picture_origins,
    )
