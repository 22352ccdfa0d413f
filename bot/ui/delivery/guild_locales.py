"""Which language is spoken to whom.

An answer that only its person sees is in their language, by the locale that Discord names with
each interaction: ``Tree.interaction_check`` and ``Replies.guard`` set it for all that follows.
What a channel sees is in its server's language, and is set where it is written.
"""

import asyncio

import discord
from cachetools import FIFOCache

from bot.clock import Clock
from bot.errors import StorageError
from bot.services.moderation import Moderation
from bot.ui.access.install_context import home_guild

# A change with `/settings` in another process is noticed after this many seconds.
KNOWN_FOR = 60.0
# The acknowledgement, which is due within 3 s, does not wait longer for the database, in seconds.
PATIENCE = 0.5
_MOST_KNOWN = 10_000


class GuildLocales:
    """The languages that servers chose with `/settings`, as far as they were asked for lately."""

    def __init__(self, *, settings: Moderation, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._known = FIFOCache[int, tuple[str | None, float]](_MOST_KNOWN)

    async def of_guild(self, guild_id: int | None, own: str) -> str:
        """The locale of what a channel sees.

        Args:
            guild_id: the server; ``None`` in direct messages.
            own: Discord's locale of the server, or of the person where there is no server.
        """
        return own if guild_id is None else (await self._chosen(guild_id)) or own

    def forget(self, guild_id: int) -> None:
        """It was changed."""
        self._known.pop(guild_id, None)

    async def _chosen(self, guild_id: int) -> str | None:
        chosen, until = self._known.get(guild_id, (None, 0.0))
        if until > self._clock.monotonic():
            return chosen
        try:
            async with asyncio.timeout(PATIENCE):
                chosen = (await self._settings.settings(guild_id)).language
        except (StorageError, TimeoutError):
            # The words matter less than the answer: what was chosen last, else Discord's locale.
            return chosen
        self._known[guild_id] = (chosen, self._clock.monotonic() + KNOWN_FOR)
        return chosen


async def public(interaction: discord.Interaction, languages: GuildLocales) -> str:
    """The locale of what the channel of an interaction sees."""
    own = str(interaction.guild_locale or interaction.locale)
    return await languages.of_guild(home_guild(interaction), own)
