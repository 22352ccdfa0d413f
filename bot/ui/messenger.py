"""Says things to people, and delivers videos, by discord.py."""

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import discord

from bot.clock import Clock
from bot.domain.model import Model
from bot.domain.task import Person, Rung, Task
from bot.errors import DeliveryError, RungRefused, RungUnclear
from bot.services.ports import Images, Posted
from bot.ui import cards
from bot.ui.channels import Channels
from bot.ui.progress import Progress
from bot.ui.rungs import REQUEST_ERRORS, judged, said
from bot.ui.texts import answers
from bot.ui.texts import cards as texts
from bot.ui.tokens import Tokens

log = logging.getLogger(__name__)

# What a bot may send in a direct message, in bytes.
DIRECT_LIMIT = 10 * 1024 * 1024
# Discord shows these in a gallery.
_SHOWN_FRAMES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


class FindsTasks(Protocol):
    """What is needed of the store: a reroll's parent."""

    async def get(self, task_id: str) -> Task | None:
        """The task, whoever has it."""


class DiscordMessenger:
    """The :class:`bot.services.ports.Messenger`.

    It can be built before there is a connection: until :meth:`attach`, nothing is shown and
    deliveries are "not clear yet".
    """

    def __init__(
        self, *, tasks: FindsTasks, images: Images, tokens: Tokens, model: Model, clock: Clock
    ) -> None:
        self._tasks = tasks
        self._images = images
        self._tokens = tokens
        self._model = model
        self._clock = clock
        self._progress = Progress(clock=clock)
        self._client: discord.Client | None = None
        self._channels: Channels | None = None
        self._rungs: dict[Rung, Callable[..., Awaitable[Posted]]] = {
            Rung.EDIT: self._edit,
            Rung.POST: self._post,
            Rung.LINK: self._link,
            Rung.DIRECT: self._direct,
        }

    def attach(self, client: discord.Client) -> None:
        """Speak by this client, which is logged in."""
        self._client = client
        self._channels = Channels(client=client, tokens=self._tokens)

    async def aclose(self) -> None:
        """Stop showing progress. Call it before the client is closed."""
        await self._progress.aclose()

    # --- on the way -----------------------------------------------------------------------

    async def show(self, task: Task) -> None:
        place = task.place
        if self._channels is None or place.channel_id is None or place.message_id is None:
            return
        channels = self._channels
        text = texts.on_the_way(task, self._model, self._clock.now())

        async def edit() -> None:
            card = cards.on_the_way(task, self._model, self._clock.now())
            try:
                await channels.edit(place, card)
            except REQUEST_ERRORS as error:
                raise judged(error) from error

        self._progress.show(task.id, place.channel_id, text, edit)

    async def tell_late(self, task: Task) -> None:
        # The progress message says so from `TELL_LATE_AFTER` on, and again after a restart.
        await self.show(task)

    # --- the end --------------------------------------------------------------------------

    async def tell_ended(self, task: Task) -> None:
        await self._progress.close(task.id)
        told = await self._told_alone(task)
        shown = await self._tried(task, self._show_ended(task, in_words=not told))
        if not (told or shown):
            await self._tried(task, self._write_directly(task.person, texts.ended_in_full(task)))
        self._tokens.drop(task.place.message_id)

    async def _told_alone(self, task: Task) -> bool:
        """Whether the person was told by a message that only they see."""
        interaction = self._tokens.get(task.place.message_id)
        if interaction is None:
            return False
        words = texts.ended_in_full(task)
        return await self._tried(task, interaction.followup.send(words, ephemeral=True))

    async def _show_ended(self, task: Task, *, in_words: bool) -> None:
        channels = self._need_channels()
        if task.place.message_id is None:
            raise RungRefused("no message to show it in")
        await channels.edit(task.place, cards.ended(task, in_words=in_words))

    async def announce(self, task: Task) -> None:
        if task.result_channel_id is None or task.result_message_id is None:
            return
        await self._tried(task, self._announce(task))

    async def _announce(self, task: Task) -> None:
        reference = discord.MessageReference(
            message_id=task.result_message_id or 0,
            channel_id=task.result_channel_id or 0,
            guild_id=task.place.guild_id,
            fail_if_not_exists=False,
        )
        only_them = discord.AllowedMentions(
            everyone=False, roles=False, replied_user=False, users=[discord.Object(task.person.id)]
        )
        channel = self._need_channels().of(task.result_channel_id or 0, task.place.guild_id)
        await channel.send(
            texts.ready(task),
            reference=reference,
            allowed_mentions=only_them,
            nonce=f"{task.id}-ready"[:25],
        )

    async def tell_operator(self, text: str) -> None:
        log.error("for the operator: %s", text)
        application = self._client.application if self._client else None
        if application is None:
            return
        owner_id = application.team.owner_id if application.team else application.owner.id
        if owner_id:
            words = answers.to_operator(text)
            await self._tried(None, self._write_directly(Person(id=owner_id, name=""), words))

    async def _write_directly(self, person: Person, words: str) -> None:
        channel = await self._need_channels().direct(person.id)
        await channel.send(words)

    async def _tried(self, task: Task | None, work: Awaitable[object]) -> bool:
        """Whether it worked; a failure is logged and no more."""
        try:
            await work
        except (*REQUEST_ERRORS, DeliveryError) as error:
            log.warning("task %s: could not be said: %s", task.id if task else "-", said(error))
            return False
        return True

    # --- delivery -------------------------------------------------------------------------

    async def deliver(self, task: Task, rung: Rung, video: Path | None, *, search: bool) -> Posted:
        if self._channels is None:
            raise RungUnclear("not connected to Discord yet")
        await self._progress.close(task.id)
        try:
            posted = await self._rungs[rung](task, video, search=search)
        except REQUEST_ERRORS as error:
            raise judged(error) from error
        self._tokens.drop(task.place.message_id)
        return posted

    async def _edit(self, task: Task, video: Path | None, *, search: bool) -> Posted:
        path = _fitting(video, task.place.filesize_limit)
        card = cards.result(task, parent_link=await self._parent_link(task))
        return await self._need_channels().edit(task.place, card, path, cards.video_name(task))

    async def _post(self, task: Task, video: Path | None, *, search: bool) -> Posted:
        path = _fitting(video, task.place.filesize_limit)
        card = cards.result(task, parent_link=await self._parent_link(task))
        posted = await self._send(task, Rung.POST, card, path, cards.video_name(task), search)
        await self._tidy(task)
        return posted

    async def _link(self, task: Task, video: Path | None, *, search: bool) -> Posted:
        card, frame, name = await self._link_card(
            task, video is not None, task.place.filesize_limit
        )
        if task.place.message_id is not None and not search:
            try:
                return await self._need_channels().edit(task.place, card, frame, name)
            except REQUEST_ERRORS as error:
                if isinstance(verdict := judged(error), RungUnclear):
                    raise verdict from error
        return await self._send(task, Rung.LINK, card, frame, name, search)

    async def _direct(self, task: Task, video: Path | None, *, search: bool) -> Posted:
        channels = self._need_channels()
        channel = await channels.direct(task.person.id)
        card, path, name = await self._direct_card(task, video)
        nonce = _nonce(task, Rung.DIRECT)
        if search and (found := await channels.find(channel, task)):
            return found
        posted = await channels.send(channel, card, path, name, nonce=nonce)
        await self._tried(task, self._say_sent_directly(task))
        return posted

    async def _direct_card(
        self, task: Task, video: Path | None
    ) -> tuple[cards.Card, Path | None, str]:
        link = await self._parent_link(task)
        try:
            path = _fitting(video, DIRECT_LIMIT)
        except RungRefused:
            return await self._link_card(task, video is not None, DIRECT_LIMIT)
        return cards.result(task, parent_link=link), path, cards.video_name(task)

    async def _link_card(
        self, task: Task, is_too_large: bool, limit: int
    ) -> tuple[cards.Card, Path | None, str]:
        if not task.video_url:
            raise RungRefused("there is no link")
        frame, name = self._frame(task, limit)
        card = cards.link(
            task,
            is_too_large=is_too_large,
            frame_name=name if frame else None,
            parent_link=await self._parent_link(task),
        )
        return card, frame, name

    async def _send(
        self,
        task: Task,
        rung: Rung,
        card: cards.Card,
        path: Path | None,
        name: str,
        search: bool,
    ) -> Posted:
        channels = self._need_channels()
        if task.place.channel_id is None:
            raise RungRefused("it came from no channel")
        channel = channels.of(task.place.channel_id, task.place.guild_id)
        if search and (found := await channels.find(channel, task)):
            return found
        return await channels.send(
            channel, card, path, name, nonce=_nonce(task, rung), reference=await self._parent(task)
        )

    # --- beside it ------------------------------------------------------------------------

    async def _tidy(self, task: Task) -> None:
        """The result is a new message: the old one, if it is still there, says nothing more."""
        if task.place.message_id is not None:
            await self._tried(task, self._need_channels().delete(task.place))

    async def _say_sent_directly(self, task: Task) -> None:
        if task.place.message_id is not None:
            await self._need_channels().edit(task.place, cards.sent_directly(task))

    def _frame(self, task: Task, limit: int) -> tuple[Path | None, str]:
        """The first frame and its name, where Discord can show it."""
        frame = task.request.frame
        ending = _SHOWN_FRAMES.get(frame.mime)
        if ending is None or frame.bytes > limit:
            return None, ""
        spoiler = "SPOILER_" if task.options.spoiler else ""
        return self._images.path(frame.digest), f"{spoiler}flipbook-{task.id}.{ending}"

    async def _parent(self, task: Task) -> discord.MessageReference | None:
        """The result that a reroll was made from, if it is in the same channel."""
        parent = await self._tasks.get(task.parent_id) if task.parent_id else None
        if parent is None or parent.result_message_id is None:
            return None
        if parent.result_channel_id != task.place.channel_id:
            return None
        return discord.MessageReference(
            message_id=parent.result_message_id,
            channel_id=parent.result_channel_id or 0,
            guild_id=parent.place.guild_id,
            fail_if_not_exists=False,
        )

    async def _parent_link(self, task: Task) -> str | None:
        parent = await self._tasks.get(task.parent_id) if task.parent_id else None
        if parent is None or parent.result_message_id is None:
            return None
        guild = parent.place.guild_id or "@me"
        return (
            f"https://discord.com/channels/{guild}"
            f"/{parent.result_channel_id}/{parent.result_message_id}"
        )

    def _need_channels(self) -> Channels:
        if self._channels is None:
            raise RungUnclear("not connected to Discord yet")
        return self._channels


def _fitting(video: Path | None, limit: int) -> Path:
    """The video, if it is there and small enough; it is not sent only to be refused."""
    if video is None:
        raise RungRefused("only the link is left")
    try:
        size = video.stat().st_size
    except FileNotFoundError as error:
        raise RungRefused("the file is gone") from error
    if size > limit:
        raise RungRefused(f"{size} bytes, and the limit is {limit}")
    return video


def _nonce(task: Task, rung: Rung) -> str:
    """Discord takes 25 characters; the same attempt has the same nonce."""
    return f"{task.id}-{rung.value}"[:25]
