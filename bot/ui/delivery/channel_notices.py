"""Refusals posted in a channel, where nothing else reaches a person; rare and short-lived."""

import asyncio
import logging

import discord
from cachetools import TTLCache

from bot.concurrency import cancel_all
from bot.domain.task import Person, Task
from bot.ui.delivery.letters import letter
from bot.ui.delivery.requests.discord_errors import REQUEST_ERRORS, describe, tried
from bot.ui.results.cards import reference_to
from bot.ui.submission.submission_flow import SubmissionFlow
from bot.ui.texts import rerolls as texts

log = logging.getLogger(__name__)

# How long a refusal stays, and the least time between two for one person, in seconds.
STAYS = 15.0
EVERY = 60.0
# The most refusals shown in one channel at once: a crowd is not answered one by one.
MOST_SHOWN = 3
_MOST_TOLD = 10_000


class ChannelNotices:
    """Posts refusals as replies that are deleted again, with limits per person and per channel."""

    def __init__(self, *, flow: SubmissionFlow) -> None:
        self._flow = flow
        self._clock = flow.context.clock
        self._told: TTLCache[int, None, float] = TTLCache(
            _MOST_TOLD, ttl=EVERY, timer=self._clock.monotonic
        )
        self._shown: dict[asyncio.Task[None], int] = {}

    def tell(self, task: Task, person: Person, words: str) -> None:
        """Reply to the result, unless this person or this channel has had enough notices lately."""
        reference = reference_to(task)
        if reference is None or not self._is_due(person.id, reference.channel_id):
            return
        channel = self._flow.channels.of(reference.channel_id, reference.guild_id)
        text = texts.to(person.id, words)
        showing = asyncio.create_task(self._show(channel, text, reference))
        self._shown[showing] = reference.channel_id
        showing.add_done_callback(lambda done: self._shown.pop(done, None))

    def _is_due(self, person_id: int, channel_id: int) -> bool:
        if person_id in self._told:
            return False
        if list(self._shown.values()).count(channel_id) >= MOST_SHOWN:
            return False
        self._told[person_id] = None
        return True

    async def _show(
        self,
        channel: discord.PartialMessageable,
        words: str,
        reference: discord.MessageReference,
    ) -> None:
        try:
            message = await channel.send(**letter(words), reference=reference, silent=True)
        except REQUEST_ERRORS as error:
            log.info("refusal not posted in channel %s: %s", channel.id, describe(error))
            return
        try:
            await self._clock.sleep(STAYS)
        finally:
            # Deleted on shutdown as well, or it would stay for good.
            await tried("-", message.delete())

    async def aclose(self) -> None:
        """Delete all notices that are still shown."""
        await cancel_all(self._shown)
