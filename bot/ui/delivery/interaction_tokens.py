"""Interaction tokens, in memory while they live: never written anywhere."""

from collections import OrderedDict
from datetime import timedelta

import discord

from bot.clock import Clock

# Discord's 15 minutes, less what a request with an upload may take.
LIFE = timedelta(minutes=14)
MOST = 10_000


class InteractionTokens:
    """The interactions of the last minutes, by the id of their own public message."""

    def __init__(self, *, clock: Clock, most: int = MOST) -> None:
        self._clock = clock
        self._most = most
        self._kept: OrderedDict[int, discord.Interaction] = OrderedDict()

    def keep(self, message_id: int, interaction: discord.Interaction) -> None:
        """Remember it until its token ends, or until there are too many."""
        self._kept[message_id] = interaction
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def get(self, message_id: int | None) -> discord.Interaction | None:
        """The interaction whose answer this message is, if its token still serves."""
        self._drop_ended()
        return None if message_id is None else self._kept.get(message_id)

    def drop(self, message_id: int | None) -> None:
        """It is no longer needed."""
        if message_id is not None:
            self._kept.pop(message_id, None)

    def _drop_ended(self) -> None:
        oldest = self._clock.now() - LIFE
        while self._kept:
            message_id, interaction = next(iter(self._kept.items()))
            if interaction.created_at > oldest:
                return
            del self._kept[message_id]
