"""The languages of public messages.

An ephemeral answer is in the person's language, by the locale that Discord sends with each
interaction: ``Tree.interaction_check`` and ``Replies.guard`` set it for the whole interaction.
A public message is in its server's language, which is set where the message is written.
"""

import asyncio

import discord
from cachetools import FIFOCache

from bot.clock import Clock
from bot.errors import StorageError
from bot.services.moderation import Moderation
from bot.ui.access.install_context import home_guild

# Seconds after which a change by `/settings` in another process is noticed.
KNOWN_FOR = 60.0
# Seconds to wait for the database: the acknowledgement is due within 3 s.
PATIENCE = 0.5
_MOST_KNOWN = 10_000


class GuildLocales:
    """Caches the languages that servers chose with `/settings`."""

    def __init__(self, *, settings: Moderation, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._known = FIFOCache[int, tuple[str | None, float]](_MOST_KNOWN)

    async def of_guild(self, guild_id: int | None, own: str) -> str:
        """The locale of public messages.

        Args:
            guild_id: the server; ``None`` in direct messages.
            own: Discord's locale of the server, or of the person where there is no server.
        """
        return own if guild_id is None else (await self._chosen(guild_id)) or own

    def forget(self, guild_id: int) -> None:
        """Forget a server's choice, which has changed."""
        self._known.pop(guild_id, None)

    async def _chosen(self, guild_id: int) -> str | None:
        chosen, until = self._known.get(guild_id, (None, 0.0))
        if until > self._clock.monotonic():
            return chosen
        try:
            async with asyncio.timeout(PATIENCE):
                chosen = (await self._settings.settings(guild_id)).language
        except (StorageError, TimeoutError):
            # An answer matters more than its language: fall back to the last known choice, if any.
            return chosen
        self._known[guild_id] = (chosen, self._clock.monotonic() + KNOWN_FOR)
        return chosen


async def public(interaction: discord.Interaction, languages: GuildLocales) -> str:
    """The locale of public messages in the channel of an interaction."""
    own = str(interaction.guild_locale or interaction.locale)
    return await languages.of_guild(home_guild(interaction), own)
