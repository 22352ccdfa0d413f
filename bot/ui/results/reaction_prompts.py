"""🔁 and 🎲 under each result: an invitation to press them, beside the buttons."""

import asyncio
import logging

import discord

from bot.services.ports import Posted
from bot.ui.delivery.discord_errors import REQUEST_ERRORS, describe

log = logging.getLogger(__name__)

EMOJI = ("🔁", "🎲")


class ReactionPrompts:
    """Puts the reactions there; where it may not, the buttons do."""

    def __init__(self, *, client: discord.Client) -> None:
        self._client = client
        self._running: set[asyncio.Task[None]] = set()

    def put(self, posted: Posted, guild_id: int | None) -> None:
        """Begin, and do not wait: two requests, or none where they would be refused."""
        if not self._may(posted.channel_id, guild_id):
            return
        running = asyncio.create_task(self._put(posted, guild_id))
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    async def aclose(self) -> None:
        """Give those under way up."""
        for running in self._running:
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _put(self, posted: Posted, guild_id: int | None) -> None:
        channel = self._client.get_partial_messageable(posted.channel_id, guild_id=guild_id)
        message = channel.get_partial_message(posted.message_id)
        try:
            for emoji in EMOJI:
                await message.add_reaction(emoji)
        except REQUEST_ERRORS as error:
            log.info("no reactions on %s: %s", posted.message_id, describe(error))

    def _may(self, channel_id: int, guild_id: int | None) -> bool:
        """As far as is known without asking: a refused request counts against the bot."""
        guild = self._client.get_guild(guild_id) if guild_id is not None else None
        channel = guild.get_channel_or_thread(channel_id) if guild else None
        if guild is None or channel is None:
            return True
        try:
            held = channel.permissions_for(guild.me)
        except discord.ClientException:
            return True
        return held.administrator or (held.add_reactions and held.read_message_history)
