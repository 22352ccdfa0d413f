"""The bot's own reactions 🔁 and 🎲 on each result, which invite people to press them."""

import logging

import discord

from bot.concurrency import BackgroundTasks
from bot.domain.delivery import Posted
from bot.ui.delivery.requests.discord_errors import REQUEST_ERRORS, describe

log = logging.getLogger(__name__)

EMOJI = ("🔁", "🎲")


class ReactionPrompts:
    """Adds the reactions in the background; without the permission, only the buttons remain."""

    def __init__(self, *, client: discord.Client) -> None:
        self._client = client
        self._running = BackgroundTasks()

    def put(self, posted: Posted, guild_id: int | None) -> None:
        """Start adding the reactions, unless they would be refused."""
        if self._may(posted.channel_id, guild_id):
            self._running.start(self._put(posted, guild_id))

    async def aclose(self) -> None:
        """Cancel requests in flight."""
        await self._running.cancel()

    async def _put(self, posted: Posted, guild_id: int | None) -> None:
        channel = self._client.get_partial_messageable(posted.channel_id, guild_id=guild_id)
        message = channel.get_partial_message(posted.message_id)
        try:
            for emoji in EMOJI:
                await message.add_reaction(emoji)
        except REQUEST_ERRORS as error:
            log.info("no reactions on message %s: %s", posted.message_id, describe(error))

    def _may(self, channel_id: int, guild_id: int | None) -> bool:
        """Whether the bot may add reactions, without a request that could be refused."""
        guild = self._client.get_guild(guild_id) if guild_id is not None else None
        channel = guild.get_channel_or_thread(channel_id) if guild else None
        if guild is None or channel is None:
            return True
        try:
            held = channel.permissions_for(guild.me)
        except discord.ClientException:
            return True
        return held.administrator or (held.add_reactions and held.read_message_history)
