"""Sends progress, endings and videos to Discord."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import discord

from bot.clock import Clock
from bot.domain.delivery import DeliveryMethod, Posted, Told
from bot.domain.models.model import Models
from bot.domain.task import Person, State, Task
from bot.errors import DeliveryError, DeliveryRefused, DeliveryUnclear
from bot.services.history import History
from bot.storage.files.images import ImageStore
from bot.storage.tasks.tasks import TaskStore
from bot.ui.delivery.channels import Channels
from bot.ui.delivery.deliveries import Deliveries
from bot.ui.delivery.letters import letter
from bot.ui.delivery.moderation.log_channel import LogChannel
from bot.ui.delivery.operator_messages import OperatorMessages
from bot.ui.delivery.progress import Progress
from bot.ui.delivery.requests.discord_errors import (
    REQUEST_ERRORS,
    is_token_over,
    judged,
    settled,
    tried,
)
from bot.ui.delivery.requests.interaction_tokens import InteractionTokens
from bot.ui.results import cards
from bot.ui.results.reaction_prompts import ReactionPrompts
from bot.ui.texts import cards as texts
from bot.ui.texts.catalogues import speaking_in

log = logging.getLogger(__name__)


class DiscordMessenger:
    """Implements :class:`bot.services.ports.Messenger` with discord.py.

    Until its client has logged in, it shows nothing, and deliveries are unclear.
    """

    def __init__(
        self,
        *,
        client: discord.Client,
        channels: Channels,
        tasks: TaskStore,
        images: ImageStore,
        tokens: InteractionTokens,
        operator: OperatorMessages,
        log_channel: LogChannel,
        models: Models,
        clock: Clock,
        is_busy: Callable[[], bool] = lambda: False,
    ) -> None:
        """``is_busy``: whether requests to Discord wait, so that no progress is shown."""
        self.tell_operator = operator.tell
        self._client = client
        self._channels = channels
        self._tokens = tokens
        self._log_channel = log_channel
        self._models = models
        self._clock = clock
        # Tasks whose ending was told to their person but is not shown in public yet.
        self._told: set[str] = set()
        self._history = History(tasks=tasks, clock=clock)
        self._progress = Progress(clock=clock, is_busy=is_busy)
        self._deliveries = Deliveries(channels=channels, tasks=tasks, images=images, models=models)
        self._reaction_prompts = ReactionPrompts(client=client)

    async def aclose(self) -> None:
        """Stop showing progress. Call this before the client is closed."""
        await self._progress.aclose()
        await self._reaction_prompts.aclose()

    @property
    def _is_logged_in(self) -> bool:
        return self._client.application is not None

    # --- progress ------------------------------------------------------------------------

    async def show(self, task: Task) -> None:
        place = task.place
        if not self._is_logged_in or place.channel_id is None or place.message_id is None:
            return
        model = self._models.shown(task.request.model)
        with speaking_in(place.locale):
            text = texts.on_the_way(task, model, self._clock.now())

        async def in_its_turn() -> None:
            await self._history.edit(task, partial(self._edit_on_the_way, task))

        made_at = discord.utils.snowflake_time(place.message_id)
        age = (self._clock.now() - made_at).total_seconds()
        self._progress.show(task.id, place.channel_id, text, in_its_turn, age=age)

    async def _edit_on_the_way(self, task: Task) -> None:
        model = self._models.shown(task.request.model)
        with speaking_in(task.place.locale):
            card = cards.on_the_way(task, model, self._clock.now())
        try:
            await self._channels.edit(task.place, card)
        except REQUEST_ERRORS as error:
            raise judged(error) from error

    async def tell_late(self, task: Task) -> None:
        # The progress message itself says that the task is late, also after a restart.
        await self.show(task)

    # --- the end --------------------------------------------------------------------------

    async def tell_ended(self, task: Task) -> Told:
        if not self._is_logged_in:
            return Told.NOT_YET
        await self._progress.close(task.id)
        if task.place.channel_id is None:
            return Told.DELIVERED
        # Whoever cancels a task is told by the page that they cancel it on. When the public message
        # has to be tried again, nobody is told a second time.
        is_known = task.state is State.CANCELLED or task.id in self._told
        told = is_known or await self._told_alone(task)
        if told:
            self._told.add(task.id)
        try:
            await settled(task.id, self._show_ended(task, in_words=not told))
        except DeliveryRefused:
            how = Told.DELIVERED if told else await self._told_directly(task)
        except DeliveryUnclear:
            how = Told.NOT_YET
        else:
            how = Told.DELIVERED
        if how:
            self._ended(task)
        return how

    def _ended(self, task: Task) -> None:
        if task.state is State.UNKNOWN:
            self._log_channel.unclear(task)
        self._told.discard(task.id)
        self._tokens.drop(task.place.message_id)

    async def _told_directly(self, task: Task) -> Told:
        with speaking_in(task.person.locale):
            words = texts.ended_in_full(task)
        try:
            await settled(task.id, self._write_directly(task.person, words, f"{task.id}-end"))
        except DeliveryUnclear:
            return Told.NOT_YET
        except DeliveryRefused:
            return Told.NOWHERE
        return Told.DELIVERED

    async def _told_alone(self, task: Task) -> bool:
        """Tell the person ephemerally; return whether that worked."""
        interaction = self._tokens.get(task.place.message_id)
        if interaction is None:
            return False
        with speaking_in(task.person.locale):
            words = texts.ended_in_full(task)
        try:
            await settled(task.id, interaction.followup.send(**letter(words), ephemeral=True))
        except DeliveryError as error:
            if is_token_over(error):
                self._tokens.drop(task.place.message_id)
            return False
        return True

    async def _show_ended(self, task: Task, *, in_words: bool) -> None:
        if task.place.message_id is None:
            raise DeliveryRefused("no message to show it in")
        with speaking_in(task.place.locale):
            card = cards.ended(task, in_words=in_words)

        async def edit() -> None:
            try:
                await self._channels.edit(task.place, card)
            except REQUEST_ERRORS as error:
                raise judged(error) from error

        if not await self._history.edit(task, edit):
            raise DeliveryUnclear("the task has moved on, or the database is unavailable")

    async def announce(self, task: Task) -> None:
        if task.result_channel_id is None or task.result_message_id is None:
            return
        if task.place.reachable:
            await tried(task.id, self._announce(task))

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
        channel = self._channels.of(task.result_channel_id or 0, task.place.guild_id)
        with speaking_in(task.place.locale):
            words = texts.ready(task)
        await channel.send(
            words,
            reference=reference,
            allowed_mentions=only_them,
            nonce=f"{task.id}-ready"[:25],
        )

    async def _write_directly(self, person: Person, words: str, nonce: str) -> None:
        channel = await self._channels.direct(person.id)
        await channel.send(**letter(words), nonce=nonce[:25])

    # --- delivery -------------------------------------------------------------------------

    async def deliver(
        self, task: Task, method: DeliveryMethod, video: Path | None, *, search: bool
    ) -> Posted:
        self._check_logged_in()
        await self._progress.close(task.id)
        posted = await self._deliveries.deliver(task, method, video, search=search)
        self._tokens.drop(task.place.message_id)
        is_here = posted.channel_id == task.place.channel_id
        if task.place.reachable or not is_here:
            # In the background: the task of a delivered video need not wait for two emoji.
            self._reaction_prompts.put(posted, task.place.guild_id if is_here else None)
        return posted

    async def put_right(self, task: Task, video: Callable[[], Awaitable[Path | None]]) -> None:
        self._check_logged_in()
        if task.state is State.DELIVERED:
            await self._deliveries.put_right(task, video)
        else:
            await self._show_ended(task, in_words=True)

    def _check_logged_in(self) -> None:
        if not self._is_logged_in:
            raise DeliveryUnclear("not connected to Discord yet")
