"""Asks the owner of a picture, in the channel, whether somebody may make a video from it."""

import json
import logging
import secrets
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import discord

from bot.domain.consent import ANSWER_WITHIN, PictureQuestion
from bot.domain.models.model import Models, Options
from bot.domain.submission import Submission
from bot.domain.task import EntryPoint, FoundPicture, Source
from bot.errors import (
    AskerGone,
    InteractionTaken,
    PictureDeleted,
    PictureNotAllowed,
    QuestionOver,
)
from bot.ui.access.channel_people import ChannelPerson, in_guild
from bot.ui.delivery.letters import Page
from bot.ui.delivery.requests.discord_errors import REQUEST_ERRORS, describe
from bot.ui.submission.generation_request import GenerationRequest
from bot.ui.submission.question_buttons import AllowButton, RefuseButton
from bot.ui.submission.source_messages import as_picture
from bot.ui.texts import picture_questions as texts
from bot.ui.texts.catalogues import speaking_in

if TYPE_CHECKING:
    from bot.ui.submission.submission_flow import SubmissionFlow

log = logging.getLogger(__name__)


class PictureQuestions:
    """Posts questions, and makes the videos that were allowed."""

    def __init__(self, *, client: discord.Client, flow: "SubmissionFlow") -> None:
        self._client = client
        self._flow = flow
        self._context = flow.context

    # --- asking -----------------------------------------------------------------------------

    async def ask(self, submission: Submission, owner_id: int) -> None:
        """Ask the owner of a picture about a request; nothing is read or held before the answer.

        Raises:
            Refusal: the request would be refused even if they allowed it, or they cannot be asked.
        """
        place = submission.place
        if place.guild_id is None or place.channel_id is None or not place.reachable:
            raise PictureNotAllowed
        allowed = replace(submission, allowed_by_id=owner_id)
        check = self._flow.rerolls.check if submission.parent_id else self._context.intake.check
        await check(allowed)
        if await self._member(place.guild_id, owner_id) is None:
            raise PictureNotAllowed(f"{owner_id} has left")
        question = PictureQuestion(
            id=secrets.token_hex(8),
            person_id=submission.person.id,
            author_id=owner_id,
            guild_id=place.guild_id,
            channel_id=place.channel_id,
            picture=_picture(submission),
            request=_stored(submission, self._context.models),
            made_at=self._context.clock.now(),
        )
        await self._context.picture_questions.open(question)
        with speaking_in(place.locale):
            await self._post(question, submission)

    async def _post(self, question: PictureQuestion, submission: Submission) -> None:
        words = texts.question(
            question.author_id,
            question.person_id,
            submission.options.prompt,
            question.made_at + ANSWER_WITHIN,
        )
        page = Page(words, [AllowButton(question.id), RefuseButton(question.id)])
        only_them = discord.AllowedMentions(
            everyone=False,
            roles=False,
            replied_user=False,
            users=[discord.Object(question.author_id)],
        )
        channel = self._flow.channels.of(question.channel_id, question.guild_id)
        more: dict[str, Any] = {}
        if submission.source and submission.source.channel_id == question.channel_id:
            more["reference"] = discord.MessageReference(
                message_id=submission.source.message_id,
                channel_id=question.channel_id,
                guild_id=question.guild_id,
                fail_if_not_exists=False,
            )
        try:
            await channel.send(view=page, nonce=question.id, allowed_mentions=only_them, **more)
        except REQUEST_ERRORS as error:
            log.info("question not posted in %s: %s", question.channel_id, describe(error))
            await self._context.picture_questions.remove(question.id)
            raise PictureNotAllowed("the question cannot be posted") from error

    # --- the answer -------------------------------------------------------------------------

    async def make(self, question: PictureQuestion, message_id: int) -> None:
        """Make the video that was asked for, as if it had been asked for now.

        The id of the question's message stands for an interaction, so that each question makes
        one task at most, however often it is allowed.

        Raises:
            Refusal: the request is refused now, and nothing was spent.
        """
        person = await self._asker(question)
        request = await self._request(question)
        await self._flow.channel_submissions.check(person)
        submission = replace(
            request.submission(person.person, person.place, interaction_id=message_id),
            allowed_by_id=question.author_id,
        )
        reference = discord.MessageReference(
            message_id=message_id,
            channel_id=question.channel_id,
            guild_id=question.guild_id,
            fail_if_not_exists=False,
        )
        check: Any = self._flow.rerolls.check if request.parent else self._context.intake.check
        try:
            await check(submission)
            await self._flow.channel_submissions.submit(request, submission, reference=reference)
        except InteractionTaken:
            log.info("question %s was allowed before", question.id)

    async def _asker(self, question: PictureQuestion) -> ChannelPerson:
        guild = self._client.get_guild(question.guild_id)
        channel = guild.get_channel_or_thread(question.channel_id) if guild else None
        member = await self._member(question.guild_id, question.person_id)
        if guild is None or channel is None or member is None:
            raise AskerGone(f"{question.person_id}")
        try:
            person = in_guild(guild, channel, member)
        except discord.ClientException as error:
            raise QuestionOver(question.id) from error
        locale = await self._flow.languages.of_guild(guild.id, person.place.locale)
        return replace(
            person,
            person=replace(person.person, locale=locale),
            place=replace(person.place, locale=locale),
        )

    async def _member(self, guild_id: int, person_id: int) -> discord.Member | None:
        guild = self._client.get_guild(guild_id)
        try:
            return await guild.fetch_member(person_id) if guild else None
        except discord.NotFound:
            return None

    async def _request(self, question: PictureQuestion) -> GenerationRequest:
        stored = json.loads(question.request)
        # Questions of an older version have no length.
        seconds = {"seconds": self._context.models.default.default_seconds}
        options = Options(**seconds | stored["options"])
        entry_point = EntryPoint(stored["entry_point"])
        if stored["parent_id"] is not None:
            parent = await self._flow.rerolls.parent(stored["parent_id"])
            return GenerationRequest(
                picture=parent.request.frame,
                options=options,
                entry_point=entry_point,
                parent=parent,
                model=stored.get("model"),
            )
        found = FoundPicture(**stored["source"].pop("picture"))
        source = Source(**stored["source"], picture=found)
        channels = self._flow.channels
        if not await channels.fetch(source.channel_id, question.guild_id, source.message_id):
            raise PictureDeleted(f"message {source.message_id}")
        return GenerationRequest(
            picture=as_picture(found, self._context),
            options=options,
            entry_point=entry_point,
            source=source,
            model=stored.get("model"),
        )


def _picture(submission: Submission) -> str:
    source = submission.source
    return f"{source.message_id}:{source.number}" if source else f"task {submission.parent_id}"


def _stored(submission: Submission, models: Models) -> str:
    """What was asked for, as JSON, with its model: the default one may change meanwhile."""
    stored = {
        "options": asdict(submission.options),
        "entry_point": submission.entry_point,
        "parent_id": submission.parent_id,
        "source": submission.source and asdict(submission.source),
        "model": submission.model or models.default.id,
    }
    return json.dumps(stored, ensure_ascii=False)
