"""Where every door of Discord's hands in: acknowledge, submit, and take back what is refused."""

import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import discord

from bot.domain.first_frame import check_source_bytes
from bot.domain.model import MODELS, Options, check_options
from bot.domain.money import Usd
from bot.domain.task import Door, Frame, Person, Place, Source, Task
from bot.errors import InteractionTaken, QuotaRefused, Refusal
from bot.services.ports import Kind, Picture, Submission
from bot.services.rerolls import Rerolls
from bot.ui.access.command_access import CommandAccess, asker_of
from bot.ui.access.install_context import check_permissions, is_reachable
from bot.ui.access.members import person_of, place_of
from bot.ui.app_context import Desk
from bot.ui.delivery.channels import Channels
from bot.ui.delivery.discord_errors import REQUEST_ERRORS, said
from bot.ui.delivery.guild_locales import Languages, public
from bot.ui.results import cards
from bot.ui.submission.source_messages import SourceMessages
from bot.ui.texts import rerolls as texts
from bot.ui.texts.catalogues import speaking_in

log = logging.getLogger(__name__)

# The one door that Discord itself guards by the permissions of `/animate`. Apps › Animate has
# permissions of its own, and its form is sent whatever they have become meanwhile.
_GUARDED = frozenset({Door.SLASH})


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody asks for."""

    picture: Picture | Frame
    options: Options
    door: Door
    parent: Task | None = None
    """The video that this is a reroll of."""
    source: Source | None = None
    """The message that the picture is in."""
    resolution_chosen: bool = True
    """Whether somebody chose it; where not, the server's own default goes first."""
    typed: str = ""
    """The prompt, where it was written for this: it is given back where it is refused."""

    @property
    def model_id(self) -> str | None:
        """A reroll is made by the model of its parent."""
        return self.parent.request.model if self.parent else None

    def submission(
        self, person: Person, place: Place, *, interaction_id: int | None = None
    ) -> Submission:
        """What the intake gets."""
        parent = self.parent
        if parent is not None and parent.place.age_restricted:
            place = replace(place, age_restricted=True)
        return Submission(
            picture=self.picture,
            options=self.options,
            person=person,
            place=place,
            door=self.door,
            parent_id=parent.id if parent else None,
            resolution_chosen=self.resolution_chosen,
            source=parent.source if parent else self.source,
            model=self.model_id,
            interaction_id=interaction_id,
        )


class Counter:
    """Takes orders by interactions; reactions come through ``bot.ui.results.reactions``."""

    def __init__(self, *, client: discord.Client, desk: Desk) -> None:
        self.desk = desk
        self.command_ids: Mapping[str, int] = {}
        """Of the slash commands, as Discord has just said."""
        self.access = CommandAccess(client=client, clock=desk.clock)
        self.channels = Channels(client=client, tokens=desk.tokens)
        self.languages = Languages(settings=desk.moderation, clock=desk.clock)
        self.rerolls = Rerolls(
            intake=desk.intake,
            tasks=desk.tasks,
            sources=SourceMessages(channels=self.channels, desk=desk),
            models=MODELS,
            rng=random.Random(),
        )
        # What it cost last, by kind of video; before that, what is configured.
        self._prices: dict[Kind, Usd] = {}

    # --- an order ---------------------------------------------------------------------------

    async def check(self, interaction: discord.Interaction) -> None:
        """Whether somebody may make videos by anything but the command, and the bot deliver them.

        Raises:
            Refusal: why not.
        """
        self.desk.places.enter(interaction)
        check_permissions(interaction)
        asker = asker_of(interaction)
        if asker is not None and is_reachable(interaction):
            await self.access.check(asker, interaction.permissions)

    async def again(self, interaction: discord.Interaction, task_id: str, door: Door) -> None:
        """🔁 and 🎲: the same again, with the same seed or another."""
        parent = await self.rerolls.parent(task_id)
        options = self.rerolls.options(parent, door)
        order = Order(picture=parent.request.frame, options=options, door=door, parent=parent)
        await self.take(interaction, order)

    async def take(self, interaction: discord.Interaction, order: Order) -> None:
        """Acknowledge in public, hand in, show how far it is; a refusal is told its author only."""
        try:
            order = await self._checked(interaction, order)
        except Refusal as error:
            await self.refuse(interaction, error, typed=order.typed)
            return
        message_id = await self._acknowledge(interaction, order)
        if message_id is None:
            return
        try:
            task = await self.accept(await self._submission(order, interaction, message_id))
        except InteractionTaken as error:
            # The message is that task's, and whoever made it shows how far it is.
            log.warning("interaction %s came again: %s", interaction.id, error)
            self.desk.tokens.drop(message_id)
            return
        except Exception as error:  # noqa: BLE001 - told to the person, and logged with an id
            await self._take_back(interaction, message_id, order, error)
            return
        await self.desk.messenger.show(task)

    async def refuse(
        self, interaction: discord.Interaction, error: Exception, *, typed: str = ""
    ) -> bool:
        """Tell the author why not, and give back what they wrote; whether it was said."""
        self.tell_moderators(interaction.guild_id, interaction.user.id, error)
        words = self.desk.replies.words(error, interaction)
        return await self.desk.replies.tell(
            interaction, f"{words}\n{texts.typed(typed)}" if typed else words
        )

    def tell_moderators(self, guild_id: int | None, person_id: int, error: Exception) -> None:
        """A refusal by block goes to the log channel."""
        is_blocked = isinstance(error, QuotaRefused) and error.denial.block is not None
        if is_blocked and guild_id is not None:
            self.desk.log_channel.refused_by_block(guild_id, person_id)

    async def accept(self, submission: Submission) -> Task:
        """The task, committed.

        Raises:
            Refusal: nothing was written.
        """
        is_new = submission.parent_id is None
        accept = self.desk.intake.accept if is_new else self.rerolls.accept
        task = await accept(submission)
        self._prices[task.request.model, task.options.resolution] = task.estimate
        return task

    def card(self, order: Order) -> cards.Card:
        """The first words, with about what it will cost."""
        resolution = order.options.resolution
        kind = (order.model_id or self.desk.model.id, resolution)
        estimate = self._prices.get(kind) or self.desk.prices[resolution]
        if order.parent is None:
            return cards.reading(estimate)
        return cards.starting(texts.starting(order.door, estimate))

    # --- within -----------------------------------------------------------------------------

    async def _checked(self, interaction: discord.Interaction, order: Order) -> Order:
        """What can be known before anything is shown in the channel; the order, tidied."""
        if order.door in _GUARDED:
            check_permissions(interaction)
        else:
            await self.check(interaction)
        if isinstance(order.picture, Frame):
            await self.rerolls.check(await self._submission(order, interaction, None))
        elif order.picture.announced_bytes is not None:
            check_source_bytes(order.picture.announced_bytes)
        model = self.rerolls.model(order.parent) if order.parent else self.desk.model
        return replace(order, options=check_options(order.options, model))

    async def _acknowledge(self, interaction: discord.Interaction, order: Order) -> int | None:
        """The id of the public message that becomes the result; ``None``: it came too late.

        Raises:
            AnsweredElsewhere: another process with the same token has it.
        """
        with speaking_in(await public(interaction, self.languages)):
            card = self.card(order)
        try:
            message_id = await self._send_first(interaction, card)
        except REQUEST_ERRORS as error:
            # Nothing was spent; Discord tells the person that the application did not respond.
            log.warning("interaction %s: not acknowledged: %s", interaction.id, said(error))
            return None
        self.desk.tokens.keep(message_id, interaction)
        waited = self.desk.clock.now() - interaction.created_at
        self.desk.meter.acknowledged(max(waited.total_seconds(), 0.0))
        return message_id

    async def _send_first(self, interaction: discord.Interaction, card: cards.Card) -> int:
        """Send the public message and learn its id, which fixes that the answer is public."""
        answer = interaction.response.send_message(view=card)
        response = await self.desk.replies.first(interaction, answer)
        if response is not None and response.message_id is not None:
            return response.message_id
        return (await interaction.original_response()).id

    async def _submission(
        self, order: Order, interaction: discord.Interaction, message_id: int | None
    ) -> Submission:
        locale = await public(interaction, self.languages)
        place = replace(place_of(interaction, message_id), locale=locale)
        return order.submission(person_of(interaction), place, interaction_id=interaction.id)

    async def _take_back(
        self, interaction: discord.Interaction, message_id: int, order: Order, error: Exception
    ) -> None:
        """Say why to its author, and take the public message away; one of the two says it."""
        told = await self.refuse(interaction, error, typed=order.typed)
        place = place_of(interaction, message_id)
        try:
            if told:
                await interaction.delete_original_response()
            else:
                with speaking_in(await public(interaction, self.languages)):
                    words = self.desk.replies.words(error, interaction)
                await self.channels.edit(place, cards.notice(words))
        except REQUEST_ERRORS as failure:
            log.warning("interaction %s: not taken back: %s", interaction.id, said(failure))
        self.desk.tokens.drop(message_id)


class HasCounter(Protocol):
    """What a client of commands and buttons carries."""

    @property
    def counter(self) -> Counter:
        """Where they hand in."""


def counter_of(client: discord.Client) -> Counter:
    """Where this client's commands and buttons hand in."""
    carrier: HasCounter = client  # type: ignore[assignment]
    return carrier.counter
