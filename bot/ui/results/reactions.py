"""Rerolls and deletions by reaction.

A reaction is not an interaction, so it has no ephemeral answer. A refusal is a reply that is
deleted again, and rare.
"""

import logging
from dataclasses import replace

import discord
from cachetools import TTLCache

from bot.about import about
from bot.domain.task import EntryPoint, Person, Place, Task
from bot.errors import ConsentNeeded, NotTheirs, Refusal, StorageError, is_of_the_disk
from bot.ui.access.channel_people import ChannelPerson, in_guild
from bot.ui.access.members import DEFAULT_LIMIT
from bot.ui.access.moderators import is_moderator
from bot.ui.delivery.channel_notices import ChannelNotices
from bot.ui.delivery.requests.discord_errors import REQUEST_ERRORS, describe
from bot.ui.results.cards import reference_to
from bot.ui.submission.generation_request import GenerationRequest
from bot.ui.submission.submission_flow import SubmissionFlow
from bot.ui.texts.catalogues import speaking_in

log = logging.getLogger(__name__)

SAME, NEW, DELETE = "🔁", "🎲", "🗑"
# Seconds between two times of typing in one channel.
TYPES_EVERY = 5.0
_MOST_TYPED = 1_000
ENTRY_POINTS = {SAME: EntryPoint.REROLL, NEW: EntryPoint.NEW_SEED}


def plain(emoji: discord.PartialEmoji) -> str:
    """An emoji without the variation selector that some clients add; empty for custom emoji."""
    return "" if emoji.id else (emoji.name or "").replace("\N{VARIATION SELECTOR-16}", "")


class Reactions:
    """Carries out what a reaction asks for."""

    def __init__(self, *, client: discord.Client, flow: SubmissionFlow) -> None:
        self._client = client
        self._flow = flow
        self._context = flow.context
        self._notices = ChannelNotices(flow=flow)
        self._channel_submissions = flow.channel_submissions
        self._typed: TTLCache[int, None, float] = TTLCache(
            _MOST_TYPED, ttl=TYPES_EVERY, timer=flow.context.clock.monotonic
        )

    async def aclose(self) -> None:
        """Delete the notices that are still shown."""
        await self._notices.aclose()

    async def acknowledge(self, reaction: discord.RawReactionActionEvent) -> None:
        """Type in the channel of a result, to show that the reaction was seen. It does not raise.

        Once for all those who react within some seconds: Discord shows it for ten.
        """
        if reaction.channel_id in self._typed:
            return
        self._typed[reaction.channel_id] = None
        try:
            task = await self._context.tasks.of_result(reaction.message_id)
            reactor = self._reactor(reaction, task) if task else None
            if reactor is not None and not reactor.missing:
                channel = self._flow.channels.of(reaction.channel_id, reaction.guild_id)
                await channel.typing()
        except (*REQUEST_ERRORS, StorageError) as error:
            log.info("reaction on %s: not acknowledged: %s", reaction.message_id, error)

    async def carry_out(self, reaction: discord.RawReactionActionEvent) -> None:
        """Make the video again or delete it; a refusal is told to the person. Does not raise."""
        try:
            with about(server=reaction.guild_id):
                await self._carry_out(reaction)
        except REQUEST_ERRORS as error:
            log.warning("reaction on message %s failed: %s", reaction.message_id, describe(error))
        except Exception as error:
            trace = None if is_of_the_disk(error) else error
            log.error(
                "reaction on message %s failed: %s", reaction.message_id, error, exc_info=trace
            )

    async def _carry_out(self, reaction: discord.RawReactionActionEvent) -> None:
        task = await self._context.tasks.of_result(reaction.message_id)
        reactor = self._reactor(reaction, task) if task else None
        if task is None or reactor is None:
            return
        reactor = await self._heard(reactor)
        # Every answer is public, so it is in the server's language.
        with speaking_in(reactor.place.locale):
            await self._answer(reaction, task, reactor)

    async def _heard(self, reactor: ChannelPerson) -> ChannelPerson:
        """Set the server's language, since Discord sends no locale with a reaction."""
        place, languages = reactor.place, self._flow.languages
        locale = await languages.of_guild(place.guild_id, place.locale)
        return replace(
            reactor,
            person=replace(reactor.person, locale=locale),
            place=replace(place, locale=locale),
        )

    async def _answer(
        self, reaction: discord.RawReactionActionEvent, task: Task, reactor: ChannelPerson
    ) -> None:
        try:
            if plain(reaction.emoji) == DELETE:
                await self._delete(task, reactor)
            else:
                await self._again(task, reactor, ENTRY_POINTS[plain(reaction.emoji)])
        except Refusal as error:
            person, place = reactor.person, reactor.place
            self._flow.tell_moderators(place.guild_id, person.id, error)
            guild = self._client.get_guild(place.guild_id) if place.guild_id else None
            words = self._context.replies.reason_in_public(error, guild)
            self._notices.tell(task, reactor.person, words)

    # --- rerolls and deletion ---------------------------------------------------------------

    async def _again(self, result: Task, reactor: ChannelPerson, entry_point: EntryPoint) -> None:
        await self._channel_submissions.check(reactor)
        parent = await self._flow.rerolls.parent(result.id)
        options = self._flow.rerolls.options(parent, entry_point)
        request = GenerationRequest(
            picture=parent.request.frame, options=options, entry_point=entry_point, parent=parent
        )
        submission = request.submission(reactor.person, reactor.place)
        # Checked before anything is posted, so that a refusal leaves nothing else behind.
        try:
            await self._flow.rerolls.check(submission)
        except ConsentNeeded as error:
            await self._flow.questions.ask(submission, error.owner_id)
            return
        await self._channel_submissions.submit(request, submission, reference=reference_to(parent))

    async def _delete(self, task: Task, reactor: ChannelPerson) -> None:
        if task.person.id != reactor.person.id and not await self._moderates(reactor):
            raise NotTheirs(f"task {task.id}")
        await self._flow.channels.delete(replace(reactor.place, message_id=task.result_message_id))
        await self._context.tasks.taken_away(task.id)

    async def _moderates(self, reactor: ChannelPerson) -> bool:
        return await is_moderator(
            self._context,
            guild_id=reactor.place.guild_id,
            held=reactor.held,
            role_ids=reactor.person.role_ids,
        )

    # --- the person ---------------------------------------------------------------------------

    def _reactor(
        self, reaction: discord.RawReactionActionEvent, task: Task
    ) -> ChannelPerson | None:
        """The person who reacted; ``None`` if the server, channel or member is not known."""
        if reaction.guild_id is None:
            return _directly(reaction, self._client.get_user(reaction.user_id), task)
        guild, member = self._client.get_guild(reaction.guild_id), reaction.member
        channel = guild.get_channel_or_thread(reaction.channel_id) if guild else None
        if guild is None or channel is None or member is None:
            return None
        try:
            return in_guild(guild, channel, member)
        except discord.ClientException:
            # The parent channel of a thread is not known.
            return None


def _directly(
    reaction: discord.RawReactionActionEvent, user: discord.User | None, task: Task
) -> ChannelPerson:
    is_theirs = task.person.id == reaction.user_id
    name = user.display_name if user else task.person.name if is_theirs else ""
    locale = task.place.locale
    return ChannelPerson(
        person=Person(id=reaction.user_id, name=name, locale=locale),
        place=Place(channel_id=reaction.channel_id, filesize_limit=DEFAULT_LIMIT, locale=locale),
        held=discord.Permissions.none(),
    )
