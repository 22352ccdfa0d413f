"""Submissions that no interaction acknowledges: the bot posts the message of the task itself."""

import asyncio
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import discord

from bot.domain.delivery import Posted
from bot.domain.submission import Submission
from bot.domain.task import Place
from bot.errors import PermissionsMissing
from bot.ui.access.channel_people import ChannelPerson
from bot.ui.delivery.requests.discord_errors import tried
from bot.ui.submission.generation_request import GenerationRequest

if TYPE_CHECKING:
    from bot.ui.submission.submission_flow import SubmissionFlow


class ChannelSubmissions:
    """Checks and submits what somebody asked for without an interaction of their own."""

    def __init__(self, *, flow: "SubmissionFlow") -> None:
        self._flow = flow
        # One message at a time per channel: Discord allows five in five seconds.
        self._posting: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def check(self, person: ChannelPerson) -> None:
        """Check that somebody may make videos in the channel, and the bot can deliver them.

        Raises:
            Refusal: they may not, or it cannot.
        """
        self._flow.context.places.check(person.place.guild_id)
        if person.asker is not None:
            await self._flow.access.check(person.asker, person.held)
        if person.missing:
            raise PermissionsMissing(person.missing)

    async def submit(
        self,
        request: GenerationRequest,
        submission: Submission,
        *,
        reference: discord.MessageReference | None,
    ) -> None:
        """Post the message that becomes the result, and submit.

        Raises:
            Refusal: the request is refused; nothing was written, and the message is gone.
        """
        posted = await self._post(request, submission.place, reference)
        place = replace(submission.place, message_id=posted.message_id)
        try:
            task = await self._flow.accept(replace(submission, place=place))
        except Exception:
            await tried("-", self._flow.channels.delete(place))
            raise
        await self._flow.context.messenger.show(task)

    async def _post(
        self,
        request: GenerationRequest,
        place: Place,
        reference: discord.MessageReference | None,
    ) -> Posted:
        channel_id = place.channel_id or 0
        channel = self._flow.channels.of(channel_id, place.guild_id)
        async with self._posting.setdefault(channel_id, asyncio.Lock()):
            return await self._flow.channels.send(
                channel,
                self._flow.card(request),
                None,
                "",
                nonce=secrets.token_hex(12),
                reference=reference,
            )
