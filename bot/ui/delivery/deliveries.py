"""The delivery methods: an edit, a new post, a link, a direct message."""

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import discord

from bot.domain.delivery import DeliveryMethod, Posted
from bot.domain.models.model import Models
from bot.domain.task import State, Task
from bot.errors import DeliveryRefused, DeliveryUnclear, StorageError
from bot.storage.files.images import ImageStore
from bot.storage.tasks.tasks import TaskStore
from bot.ui.delivery.channels import Channels
from bot.ui.delivery.requests.discord_errors import (
    REQUEST_ERRORS,
    is_out_of_reach,
    judged,
    settled,
    tried,
)
from bot.ui.results import cards
from bot.ui.texts import cards as texts
from bot.ui.texts.catalogues import speaking_in

log = logging.getLogger(__name__)

# The largest file that a bot may send in a direct message, in bytes.
DIRECT_LIMIT = 10 * 1024 * 1024
# Formats that Discord shows in a gallery, with their file extensions.
_SHOWN_FRAMES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


class Deliveries:
    """Makes one attempt to deliver a task, by one method."""

    def __init__(
        self, *, channels: Channels, tasks: TaskStore, images: ImageStore, models: Models
    ) -> None:
        self._channels = channels
        self._tasks = tasks
        self._images = images
        self._models = models
        self._methods: dict[
            DeliveryMethod, Callable[[Task, Path | None, bool], Awaitable[Posted]]
        ] = {
            DeliveryMethod.EDIT: self._edit,
            DeliveryMethod.POST: self._post,
            DeliveryMethod.LINK: self._link,
            DeliveryMethod.DIRECT: self._direct,
        }

    async def deliver(
        self, task: Task, method: DeliveryMethod, video: Path | None, *, search: bool
    ) -> Posted:
        """Deliver a task by a method.

        Raises:
            DeliveryRefused: this method cannot work.
            DeliveryUnclear: try this method again.
        """
        locale = task.person.locale if method is DeliveryMethod.DIRECT else task.place.locale
        try:
            with speaking_in(locale):
                return await self._methods[method](task, video, search)
        except REQUEST_ERRORS as error:
            raise judged(error) from error

    async def put_right(self, task: Task, video: Callable[[], Awaitable[Path | None]]) -> None:
        """Restore the command's own message after an edit that arrived too late.

        Raises:
            DeliveryRefused: the message cannot be restored.
            DeliveryUnclear: try again.
        """
        if task.result_message_id != task.place.message_id:
            aside = (
                self._say_sent_directly
                if task.delivery.method is DeliveryMethod.DIRECT
                else self._away
            )
            await settled(task.id, aside(task))
        elif not await self._is_shown(task):
            log.warning("task %s: a late edit overwrote its result; restoring it", task.id)
            await self.deliver(task, task.delivery.method, await video(), search=False)

    async def _is_shown(self, task: Task) -> bool:
        place = task.place
        if place.channel_id is None or place.message_id is None:
            raise DeliveryRefused("there is no message")
        try:
            message = await self._channels.fetch(place.channel_id, place.guild_id, place.message_id)
        except REQUEST_ERRORS as error:
            raise judged(error) from error
        return message is not None and cards.shows_result(message, task)

    async def _away(self, task: Task) -> None:
        """Delete the command's own message, since the result is another one."""
        if task.place.message_id is not None:
            await self._channels.delete(task.place)

    async def _edit(self, task: Task, video: Path | None, search: bool) -> Posted:
        if search and task.state is State.UNDELIVERED and (found := await self._found(task)):
            # Another method posted it before, without a clear answer.
            await self._tidy(task, found)
            return found
        path = _fitting(video, task.place.filesize_limit)
        link = await self._parent_link(task)
        card = cards.result(
            task, models=self._models, parent_link=link, outside=not task.place.reachable
        )
        return await self._channels.edit(task.place, card, path, cards.video_name(task))

    async def _post(self, task: Task, video: Path | None, search: bool) -> Posted:
        path = _fitting(video, task.place.filesize_limit)
        card = cards.result(task, models=self._models, parent_link=await self._parent_link(task))
        posted = await self._send(
            task, DeliveryMethod.POST, card, path, cards.video_name(task), search
        )
        await self._tidy(task, posted)
        return posted

    async def _link(self, task: Task, video: Path | None, search: bool) -> Posted:
        try:
            return await self._link_beside(task, video, search, with_frame=True)
        except REQUEST_ERRORS as error:
            if isinstance(judged(error), DeliveryUnclear) or is_out_of_reach(error):
                raise
        # Where no file may be attached at all, text alone may still be posted.
        return await self._link_beside(task, video, search, with_frame=False)

    async def _link_beside(
        self, task: Task, video: Path | None, search: bool, *, with_frame: bool
    ) -> Posted:
        limit = task.place.filesize_limit
        card, frame, name = await self._link_card(task, video, limit, with_frame=with_frame)
        if task.place.message_id is not None:
            try:
                return await self._channels.edit(task.place, card, frame, name)
            except REQUEST_ERRORS as error:
                verdict = judged(error)
                if isinstance(verdict, DeliveryUnclear) or is_out_of_reach(error):
                    raise verdict from error
                if not task.place.reachable:
                    # No new message can be posted here; the caller tries again without the picture.
                    raise
        posted = await self._send(task, DeliveryMethod.LINK, card, frame, name, search)
        await self._tidy(task, posted)
        return posted

    async def _found(self, task: Task) -> Posted | None:
        """The task's result, if an earlier attempt has posted it here or sent it directly."""
        place = task.place
        if place.channel_id is not None and place.reachable:
            channel = self._channels.of(place.channel_id, place.guild_id)
            if found := await self._channels.find(channel, task):
                return found
        try:
            return await self._channels.find(await self._channels.direct(task.person.id), task)
        except REQUEST_ERRORS as error:
            if isinstance(judged(error), DeliveryUnclear):
                raise
            return None

    async def _direct(self, task: Task, video: Path | None, search: bool) -> Posted:
        if task.place.age_restricted:
            raise DeliveryRefused("a video from an age-restricted channel is not sent directly")
        channel = await self._channels.direct(task.person.id)
        card, path, name = await self._direct_card(task, video)
        nonce = _nonce(task, DeliveryMethod.DIRECT)
        if search and (found := await self._channels.find(channel, task)):
            return found
        posted = await self._channels.send(channel, card, path, name, nonce=nonce)
        await tried(task.id, self._say_sent_directly(task))
        return posted

    async def _direct_card(
        self, task: Task, video: Path | None
    ) -> tuple[cards.Card, Path | None, str]:
        link = await self._parent_link(task)
        try:
            path = _fitting(video, DIRECT_LIMIT)
        except DeliveryRefused:
            return await self._link_card(task, video, DIRECT_LIMIT)
        return (
            cards.result(task, models=self._models, parent_link=link),
            path,
            cards.video_name(task),
        )

    async def _link_card(
        self, task: Task, video: Path | None, limit: int, *, with_frame: bool = True
    ) -> tuple[cards.Card, Path | None, str]:
        if not task.video_url:
            raise DeliveryRefused("there is no link")
        frame, name = await self._frame(task, limit) if with_frame else (None, "")
        card = cards.link(
            task,
            words=_why_a_link(video, limit)(task.video_url),
            frame_name=name if frame else None,
            models=self._models,
            parent_link=await self._parent_link(task),
        )
        return card, frame, name

    async def _send(
        self,
        task: Task,
        method: DeliveryMethod,
        card: cards.Card,
        path: Path | None,
        name: str,
        search: bool,
    ) -> Posted:
        if task.place.channel_id is None:
            raise DeliveryRefused("the task came from no channel")
        if not task.place.reachable:
            raise DeliveryRefused("the bot is not in that channel")
        channel = self._channels.of(task.place.channel_id, task.place.guild_id)
        if search and (found := await self._channels.find(channel, task)):
            return found
        return await self._channels.send(
            channel,
            card,
            path,
            name,
            nonce=_nonce(task, method),
            reference=await self._parent(task),
        )

    # --- around the result ----------------------------------------------------------------

    async def _tidy(self, task: Task, posted: Posted) -> None:
        """Delete the command's own message if the result is a new one."""
        if task.place.message_id != posted.message_id:
            await tried(task.id, self._away(task))

    async def _say_sent_directly(self, task: Task) -> None:
        if task.place.message_id is not None:
            with speaking_in(task.place.locale):
                card = cards.sent_directly(task)
            await self._channels.edit(task.place, card)

    async def _frame(self, task: Task, limit: int) -> tuple[Path | None, str]:
        """The first frame and its file name, if Discord can show it."""
        frame = task.request.frame
        ending = _SHOWN_FRAMES.get(frame.mime)
        if ending is None or frame.bytes > limit:
            return None, ""
        try:
            return await self._images.find(frame.digest), cards.file_name(task, ending)
        except StorageError as error:
            log.warning("task %s: delivered without its first frame: %s", task.id, error)
            return None, ""

    async def _parent(self, task: Task) -> discord.MessageReference | None:
        """A reference to the result that a reroll was made from, if it is in the same channel."""
        parent = await self._tasks.get(task.parent_id) if task.parent_id else None
        if parent is None or parent.result_channel_id != task.place.channel_id:
            return None
        return cards.reference_to(parent)

    async def _parent_link(self, task: Task) -> str | None:
        parent = await self._tasks.get(task.parent_id) if task.parent_id else None
        return cards.link_to(parent) if parent else None


def _fitting(video: Path | None, limit: int) -> Path:
    """The video, if it exists and is small enough to be accepted."""
    if video is None:
        raise DeliveryRefused("only the link is left")
    try:
        size = video.stat().st_size
    except FileNotFoundError as error:
        raise DeliveryRefused("the file is gone") from error
    if size > limit:
        raise DeliveryRefused(f"the file has {size} bytes, over the limit of {limit}")
    return video


def _why_a_link(video: Path | None, limit: int) -> Callable[[str], str]:
    if video is None or not video.exists():
        return texts.no_file
    return texts.too_large if video.stat().st_size > limit else texts.not_let


def _nonce(task: Task, method: DeliveryMethod) -> str:
    """The nonce of an attempt, the same at each retry; Discord takes at most 25 characters."""
    return f"{task.id}-{method.value}"[:25]
