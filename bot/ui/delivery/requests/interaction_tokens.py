"""Interaction tokens, kept only in memory, and only while they are valid."""

from datetime import datetime, timedelta

import discord
from cachetools import TLRUCache

from bot.clock import Clock

# Discord's 15 minutes, less the time that a request with an upload may take.
LIFE = timedelta(minutes=14)
MOST = 10_000


class InteractionTokens:
    """The interactions of the last minutes, by the id of their public message."""

    def __init__(self, *, clock: Clock, most: int = MOST) -> None:
        self._kept: TLRUCache[int, discord.Interaction, datetime] = TLRUCache(
            most, ttu=lambda _, kept, __: kept.created_at + LIFE, timer=clock.now
        )

    def keep(self, message_id: int, interaction: discord.Interaction) -> None:
        """Remember an interaction until its token expires or there are too many."""
        self._kept[message_id] = interaction

    def get(self, message_id: int | None) -> discord.Interaction | None:
        """The interaction that this message answers, if its token is still valid."""
        self._kept.expire()
        return None if message_id is None else self._kept.get(message_id)

    def drop(self, message_id: int | None) -> None:
        """Forget an interaction that is no longer needed."""
        if message_id is not None:
            self._kept.pop(message_id, None)
