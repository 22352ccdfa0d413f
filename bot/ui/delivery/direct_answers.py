"""Answers to people who write to the bot in a direct message.

What they wrote is neither needed nor kept. Nobody reads those messages, so the answer says how the
bot is used. A bot is never answered, and nobody more than once in a while, so that two programs
cannot answer each other without end.
"""

from collections.abc import Mapping

import discord
from cachetools import TTLCache

from bot.clock import Clock
from bot.ui.access.install_context import InstallContext
from bot.ui.delivery.letters import letter
from bot.ui.delivery.requests.discord_errors import tried
from bot.ui.texts import guide
from bot.ui.texts.catalogues import languages, speaking_in

ANSWER_EVERY = 600.0
"""Seconds until the same person gets the answer again."""
_MOST_PEOPLE = 5_000
# Written by a person, and not by Discord about a pin, a call or the like.
_BY_PEOPLE = frozenset({discord.MessageType.default, discord.MessageType.reply})


class DirectAnswers:
    """Answers direct messages with how the bot is used."""

    def __init__(self, *, places: InstallContext, clock: Clock) -> None:
        self._places = places
        self._answered: TTLCache[int, None, float] = TTLCache(
            _MOST_PEOPLE, ttl=ANSWER_EVERY, timer=clock.monotonic
        )

    async def answer(self, message: discord.Message, *, command_ids: Mapping[str, int]) -> None:
        """Answer a message, unless it needs no answer. Does not raise."""
        author = message.author
        if message.guild or author.bot or message.type not in _BY_PEOPLE:
            return
        if author.id in self._answered:
            return
        self._answered[author.id] = None
        words = self._words(command_ids)
        # If a second copy of the bot answers as well, Discord drops the same text by its nonce.
        await tried("-", message.channel.send(**letter(words), nonce=str(message.id)))

    def _words(self, command_ids: Mapping[str, int]) -> str:
        """The answer in each language, as Discord does not say which one the person reads."""
        lines = list[str]()
        for locale in languages():
            with speaking_in(locale):
                lines.append(
                    guide.to_writer(works_here=self._places.user_install, command_ids=command_ids)
                )
        return "\n".join(dict.fromkeys(lines))
