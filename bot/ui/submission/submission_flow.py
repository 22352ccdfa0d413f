"""The way from any entry point in Discord to the intake: check, acknowledge, submit."""

import logging
import random
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, cast

import discord
from cachetools import TTLCache
from discord import ui

from bot.domain.first_frame import check_source_bytes
from bot.domain.models.model import VideoKind
from bot.domain.models.option_limits import check_options
from bot.domain.money import Usd
from bot.domain.submission import Submission
from bot.domain.task import EntryPoint, Frame, Task
from bot.errors import (
    ConsentNeeded,
    ContentRefused,
    InteractionTaken,
    OptionRefused,
    QuotaRefused,
    Refusal,
    WordBlocked,
)
from bot.services.model_choices import KindMenu, ModelChoices
from bot.services.rerolls import Rerolls
from bot.ui.access.command_access import CommandAccess, asker_of
from bot.ui.access.install_context import check_permissions, home_guild
from bot.ui.access.members import person_of, place_of
from bot.ui.app_context import AppContext
from bot.ui.delivery.channels import Channels
from bot.ui.delivery.guild_locales import GuildLocales, public
from bot.ui.delivery.letters import Page
from bot.ui.results import cards
from bot.ui.submission.channel_submissions import ChannelSubmissions
from bot.ui.submission.generation_request import GenerationRequest
from bot.ui.submission.kind_field import FIELD as KIND
from bot.ui.submission.kind_field import written_kind
from bot.ui.submission.modals import Form
from bot.ui.submission.picture_questions import PictureQuestions
from bot.ui.submission.public_answers import PublicAnswers
from bot.ui.submission.source_messages import SourceMessages
from bot.ui.texts import choices as choice_texts
from bot.ui.texts import picture_questions as question_texts
from bot.ui.texts import rerolls as texts

log = logging.getLogger(__name__)

# The only entry point for which Discord itself checks the permissions of `/animate`. Apps › Animate
# has permissions of its own, which are not checked again when its form is sent.
_GUARDED = frozenset({EntryPoint.SLASH})
# Forms that were refused and can be opened again as they were filled in, and for how many seconds.
_MOST_FORMS, _FORMS_KEPT = 1_000, 900.0


class SubmissionFlow:
    """Takes requests from interactions; ``bot.ui.results.reactions`` handles reactions."""

    def __init__(self, *, client: discord.Client, context: AppContext) -> None:
        self.context = context
        self.command_ids: Mapping[str, int] = {}
        """Discord's ids of the slash commands, by name."""
        self.access = CommandAccess(client=client, clock=context.clock)
        self.channels = Channels(client=client, tokens=context.tokens)
        self.languages = GuildLocales(settings=context.moderation, clock=context.clock)
        self._public = PublicAnswers(
            context=context, channels=self.channels, languages=self.languages
        )
        self.rerolls = Rerolls(
            intake=context.intake,
            tasks=context.tasks,
            reports=context.reports,
            sources=SourceMessages(channels=self.channels, context=context),
            models=context.models,
            rng=random.Random(),
        )
        self.choices = ModelChoices(
            models=context.models,
            intake=context.intake,
            allowances=context.allowances,
            moderation=context.moderation,
            clock=context.clock,
        )
        self.refused_forms: TTLCache[tuple[str, int], Form, float] = TTLCache(
            _MOST_FORMS, ttl=_FORMS_KEPT, timer=context.clock.monotonic
        )
        """The last form that each person sent about a task, to open it again if it is refused."""
        self.channel_submissions = ChannelSubmissions(flow=self)
        self.questions = PictureQuestions(client=client, flow=self)
        # The last estimate for each kind of video, used before the configured price.
        self._prices: dict[VideoKind, Usd] = {}

    # --- requests ---------------------------------------------------------------------------

    async def check(self, interaction: discord.Interaction) -> None:
        """Check that somebody may make videos without the command, and the bot can deliver them.

        Raises:
            Refusal: they may not, or it cannot.
        """
        self.context.places.enter(interaction)
        check_permissions(interaction)
        asker = asker_of(interaction)
        if asker is not None and home_guild(interaction) is not None:
            await self.access.check(asker, interaction.permissions)

    async def check_consent(
        self, interaction: discord.Interaction, request: GenerationRequest, *, may_ask: bool = False
    ) -> None:
        """Check early that somebody may use a picture; the intake decides.

        Args:
            may_ask: whether the owner of the picture can still be asked.

        Raises:
            PictureNotAllowed: they may not.
        """
        submission = await self._submission(request, interaction, None)
        try:
            await self.context.consent.check(submission)
        except ConsentNeeded:
            if not (may_ask and submission.place.reachable):
                raise

    async def again(
        self, interaction: discord.Interaction, task_id: str, entry_point: EntryPoint
    ) -> None:
        """Make a video again, with the same seed (🔁) or a new one (🎲)."""
        parent = await self.rerolls.parent(task_id)
        options = self.rerolls.options(parent, entry_point)
        request = GenerationRequest(
            picture=parent.request.frame, options=options, entry_point=entry_point, parent=parent
        )
        await self.take(interaction, request)

    async def take(self, interaction: discord.Interaction, request: GenerationRequest) -> None:
        """Acknowledge in public, submit, and show progress; a refusal is ephemeral."""
        try:
            request = await self._checked(interaction, request)
        except ConsentNeeded as error:
            await self._ask(interaction, request, error.owner_id)
            return
        except Refusal as error:
            await self.refuse(interaction, error, typed=request.typed, retry=request.retry)
            return
        message_id = await self._public.send(interaction, partial(self.card, request))
        if message_id is None:
            return
        try:
            task = await self.accept(await self._submission(request, interaction, message_id))
        except InteractionTaken as error:
            # The message belongs to the first submission's task, which shows its progress there.
            log.warning("interaction %s ignored, it came again: %s", interaction.id, error)
            self.context.tokens.drop(message_id)
            return
        except Exception as error:  # noqa: BLE001 - told to the person, and logged with an id
            told = await self.refuse(interaction, error, typed=request.typed, retry=request.retry)
            await self._public.take_back(interaction, message_id, error, told=told)
            return
        await self.context.messenger.show(task)

    async def refuse(
        self,
        interaction: discord.Interaction,
        error: Exception,
        *,
        typed: str = "",
        retry: ui.Item[Any] | None = None,
    ) -> bool:
        """Tell the person why not, and return the prompt they typed; return whether it worked."""
        self.tell_moderators(interaction.guild_id, interaction.user.id, error)
        words = self.context.replies.words(error, interaction)
        if typed:
            words = f"{words}\n{texts.typed(typed)}"
        if retry is not None and isinstance(error, OptionRefused | WordBlocked | ContentRefused):
            return await self.context.replies.tell(interaction, Page(words, [retry]))
        return await self.context.replies.tell(interaction, words)

    def tell_moderators(self, guild_id: int | None, person_id: int, error: Exception) -> None:
        """Post a blocked person's request, or one that the check refused, to the log channel."""
        if isinstance(error, ContentRefused) and guild_id is not None:
            self.context.log_channel.refused_by_check(guild_id, person_id, error.finding)
        is_blocked = isinstance(error, QuotaRefused) and error.denial.block is not None
        if is_blocked and guild_id is not None:
            self.context.log_channel.refused_by_block(guild_id, person_id)

    async def accept(self, submission: Submission) -> Task:
        """Submit to the intake; the returned task is committed.

        Raises:
            Refusal: the request is refused, and nothing was written.
        """
        is_new = submission.parent_id is None
        accept = self.context.intake.accept if is_new else self.rerolls.accept
        task = await accept(submission)
        self._prices[task.request.kind] = task.estimate
        return task

    def card(self, request: GenerationRequest) -> cards.Card:
        """The acknowledgement, with the estimated cost."""
        kind = request.options.kind(request.model_id or self.context.models.default.id)
        estimate = self._prices.get(kind) or self.context.prices.of(kind)
        named = choice_texts.kind(kind) if self.context.models.has_kinds else ""
        if request.parent is None:
            return cards.reading(estimate, named)
        return cards.starting(texts.starting(request.entry_point, estimate, named))

    async def _ask(
        self, interaction: discord.Interaction, request: GenerationRequest, owner_id: int
    ) -> None:
        """Ask the owner of the picture in the channel, and tell the person that they were asked."""
        answer = interaction.response.defer(ephemeral=True, thinking=True)
        await self.context.replies.first(interaction, answer)
        try:
            submission = await self._submission(request, interaction, None)
            await self.questions.ask(submission, owner_id)
        except Refusal as error:
            await self.refuse(interaction, error, typed=request.typed, retry=request.retry)
            return
        await self.context.replies.tell(interaction, question_texts.asked(owner_id))

    async def kind_menu(
        self,
        interaction: discord.Interaction,
        *,
        preferred: VideoKind | None = None,
        form: Form | None = None,
    ) -> KindMenu | None:
        """The menu of a form about kinds of videos; ``None`` if only resolutions differ.

        Args:
            preferred: the kind that is chosen at first.
            form: what was written into the form before.
        """
        chosen = written_kind((form or {}).get(KIND)) or preferred
        return await self.choices.menu(person_of(interaction), home_guild(interaction), chosen)

    # --- the steps --------------------------------------------------------------------------

    async def _checked(
        self, interaction: discord.Interaction, request: GenerationRequest
    ) -> GenerationRequest:
        """Make all checks that need nothing public; return the normalized request."""
        if request.entry_point in _GUARDED:
            check_permissions(interaction)
        else:
            await self.check(interaction)
        if isinstance(request.picture, Frame):
            await self.rerolls.check(await self._submission(request, interaction, None))
        else:
            await self.check_consent(interaction, request)
            if request.picture.announced_bytes is not None:
                check_source_bytes(request.picture.announced_bytes)
        models, model_id = self.context.models, request.model_id
        model = models.default if model_id is None else models.of(model_id)
        return replace(request, options=check_options(request.options, model, models.offered))

    async def _submission(
        self, request: GenerationRequest, interaction: discord.Interaction, message_id: int | None
    ) -> Submission:
        locale = await public(interaction, self.languages)
        place = replace(place_of(interaction, message_id), locale=locale)
        return request.submission(person_of(interaction), place, interaction_id=interaction.id)


class HasSubmissionFlow(Protocol):
    """A client whose buttons reach the submission flow.

    discord.py makes a new button object for each press, and gives it nothing but the interaction,
    so the button can find the flow only through the client.
    """

    @property
    def flow(self) -> SubmissionFlow:
        """The flow that buttons submit to."""


def submission_flow_of(client: discord.Client) -> SubmissionFlow:
    """The flow that the buttons of a client submit to; commands get theirs when they are built."""
    return cast("HasSubmissionFlow", client).flow
