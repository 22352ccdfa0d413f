"""From any entry point of Discord to the intake: acknowledge, submit, take back what is refused."""

import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, cast

import discord

from bot.domain.first_frame import check_source_bytes
from bot.domain.model import Options, check_options
from bot.domain.money import Usd
from bot.domain.provider.durations import Kind
from bot.domain.submission import Picture, Submission
from bot.domain.task import EntryPoint, Frame, Person, Place, Source, Task
from bot.errors import InteractionTaken, QuotaRefused, Refusal
from bot.services.rerolls import Rerolls
from bot.ui.access.command_access import CommandAccess, asker_of
from bot.ui.access.install_context import check_permissions, is_reachable
from bot.ui.access.members import person_of, place_of
from bot.ui.app_context import AppContext
from bot.ui.delivery.channels import Channels
from bot.ui.delivery.discord_errors import REQUEST_ERRORS, describe
from bot.ui.delivery.guild_locales import GuildLocales, public
from bot.ui.results import cards
from bot.ui.submission.source_messages import SourceMessages
from bot.ui.texts import rerolls as texts
from bot.ui.texts.catalogues import speaking_in

log = logging.getLogger(__name__)

# The one entry point that Discord itself guards by the permissions of `/animate`. Apps › Animate
# has permissions of its own, and its form is sent whatever they have become meanwhile.
_GUARDED = frozenset({EntryPoint.SLASH})


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """What somebody asks for."""

    picture: Picture | Frame
    options: Options
    entry_point: EntryPoint
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
            entry_point=self.entry_point,
            parent_id=parent.id if parent else None,
            resolution_chosen=self.resolution_chosen,
            source=parent.source if parent else self.source,
            model=self.model_id,
            interaction_id=interaction_id,
        )


class SubmissionFlow:
    """Takes orders by interactions; reactions come through ``bot.ui.results.reactions``."""

    def __init__(self, *, client: discord.Client, context: AppContext) -> None:
        self.context = context
        self.command_ids: Mapping[str, int] = {}
        """Of the slash commands, as Discord has just said."""
        self.access = CommandAccess(client=client, clock=context.clock)
        self.channels = Channels(client=client, tokens=context.tokens)
        self.languages = GuildLocales(settings=context.moderation, clock=context.clock)
        self.rerolls = Rerolls(
            intake=context.intake,
            tasks=context.tasks,
            sources=SourceMessages(channels=self.channels, context=context),
            models=context.models,
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
        self.context.places.enter(interaction)
        check_permissions(interaction)
        asker = asker_of(interaction)
        if asker is not None and is_reachable(interaction):
            await self.access.check(asker, interaction.permissions)

    async def again(
        self, interaction: discord.Interaction, task_id: str, entry_point: EntryPoint
    ) -> None:
        """🔁 and 🎲: the same again, with the same seed or another."""
        parent = await self.rerolls.parent(task_id)
        options = self.rerolls.options(parent, entry_point)
        request = GenerationRequest(
            picture=parent.request.frame, options=options, entry_point=entry_point, parent=parent
        )
        await self.take(interaction, request)

    async def take(self, interaction: discord.Interaction, request: GenerationRequest) -> None:
        """Acknowledge in public, hand in, show how far it is; a refusal is told its author only."""
        try:
            request = await self._checked(interaction, request)
        except Refusal as error:
            await self.refuse(interaction, error, typed=request.typed)
            return
        message_id = await self._acknowledge(interaction, request)
        if message_id is None:
            return
        try:
            task = await self.accept(await self._submission(request, interaction, message_id))
        except InteractionTaken as error:
            # The message is that task's, and whoever made it shows how far it is.
            log.warning("interaction %s came again: %s", interaction.id, error)
            self.context.tokens.drop(message_id)
            return
        except Exception as error:  # noqa: BLE001 - told to the person, and logged with an id
            await self._take_back(interaction, message_id, request, error)
            return
        await self.context.messenger.show(task)

    async def refuse(
        self, interaction: discord.Interaction, error: Exception, *, typed: str = ""
    ) -> bool:
        """Tell the author why not, and give back what they wrote; whether it was said."""
        self.tell_moderators(interaction.guild_id, interaction.user.id, error)
        words = self.context.replies.words(error, interaction)
        return await self.context.replies.tell(
            interaction, f"{words}\n{texts.typed(typed)}" if typed else words
        )

    def tell_moderators(self, guild_id: int | None, person_id: int, error: Exception) -> None:
        """A refusal by block goes to the log channel."""
        is_blocked = isinstance(error, QuotaRefused) and error.denial.block is not None
        if is_blocked and guild_id is not None:
            self.context.log_channel.refused_by_block(guild_id, person_id)

    async def accept(self, submission: Submission) -> Task:
        """The task, committed.

        Raises:
            Refusal: nothing was written.
        """
        is_new = submission.parent_id is None
        accept = self.context.intake.accept if is_new else self.rerolls.accept
        task = await accept(submission)
        self._prices[task.request.model, task.options.resolution] = task.estimate
        return task

    def card(self, request: GenerationRequest) -> cards.Card:
        """The first words, with about what it will cost."""
        resolution = request.options.resolution
        kind = (request.model_id or self.context.models.default.id, resolution)
        estimate = self._prices.get(kind) or self.context.prices.of(*kind)
        if request.parent is None:
            return cards.reading(estimate)
        return cards.starting(texts.starting(request.entry_point, estimate))

    # --- within -----------------------------------------------------------------------------

    async def _checked(
        self, interaction: discord.Interaction, request: GenerationRequest
    ) -> GenerationRequest:
        """What can be known before anything is shown in the channel; the order, tidied."""
        if request.entry_point in _GUARDED:
            check_permissions(interaction)
        else:
            await self.check(interaction)
        if isinstance(request.picture, Frame):
            await self.rerolls.check(await self._submission(request, interaction, None))
        elif request.picture.announced_bytes is not None:
            check_source_bytes(request.picture.announced_bytes)
        model = (
            self.rerolls.model(request.parent) if request.parent else self.context.models.default
        )
        return replace(request, options=check_options(request.options, model))

    async def _acknowledge(
        self, interaction: discord.Interaction, request: GenerationRequest
    ) -> int | None:
        """The id of the public message that becomes the result; ``None``: it came too late.

        Raises:
            AnsweredElsewhere: another process with the same token has it.
        """
        with speaking_in(await public(interaction, self.languages)):
            card = self.card(request)
        try:
            message_id = await self._send_first(interaction, card)
        except REQUEST_ERRORS as error:
            # Nothing was spent; Discord tells the person that the application did not respond.
            log.warning("interaction %s: not acknowledged: %s", interaction.id, describe(error))
            return None
        self.context.tokens.keep(message_id, interaction)
        waited = self.context.clock.now() - interaction.created_at
        self.context.metrics.acknowledged(max(waited.total_seconds(), 0.0))
        return message_id

    async def _send_first(self, interaction: discord.Interaction, card: cards.Card) -> int:
        """Send the public message and learn its id, which fixes that the answer is public."""
        answer = interaction.response.send_message(view=card)
        response = await self.context.replies.first(interaction, answer)
        if response is not None and response.message_id is not None:
            return response.message_id
        return (await interaction.original_response()).id

    async def _submission(
        self, request: GenerationRequest, interaction: discord.Interaction, message_id: int | None
    ) -> Submission:
        locale = await public(interaction, self.languages)
        place = replace(place_of(interaction, message_id), locale=locale)
        return request.submission(person_of(interaction), place, interaction_id=interaction.id)

    async def _take_back(
        self,
        interaction: discord.Interaction,
        message_id: int,
        request: GenerationRequest,
        error: Exception,
    ) -> None:
        """Say why to its author, and take the public message away; one of the two says it."""
        told = await self.refuse(interaction, error, typed=request.typed)
        place = place_of(interaction, message_id)
        try:
            if told:
                await interaction.delete_original_response()
            else:
                with speaking_in(await public(interaction, self.languages)):
                    words = self.context.replies.words(error, interaction)
                await self.channels.edit(place, cards.notice(words))
        except REQUEST_ERRORS as failure:
            log.warning("interaction %s: not taken back: %s", interaction.id, describe(failure))
        self.context.tokens.drop(message_id)


class HasSubmissionFlow(Protocol):
    """A client whose buttons work.

    For each press discord.py makes the button anew, from a class of its own choice (the one whose
    instance was sent last) and with nothing but the interaction: only its client leads here.
    """

    @property
    def flow(self) -> SubmissionFlow:
        """Where they hand in."""


def submission_flow_of(client: discord.Client) -> SubmissionFlow:
    """Return what the buttons of this client hand in to; commands get it when they are made."""
    return cast("HasSubmissionFlow", client).flow
