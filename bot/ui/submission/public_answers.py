"""The public first answer to a request, which becomes the result, or is taken back."""

import logging
from collections.abc import Callable

import discord

from bot.ui.access.members import place_of
from bot.ui.app_context import AppContext
from bot.ui.delivery.channels import Channels
from bot.ui.delivery.guild_locales import GuildLocales, public
from bot.ui.delivery.requests.discord_errors import REQUEST_ERRORS, describe
from bot.ui.results import cards
from bot.ui.texts.catalogues import speaking_in

log = logging.getLogger(__name__)


class PublicAnswers:
    """Sends and takes back first answers that everybody in the channel sees."""

    def __init__(self, *, context: AppContext, channels: Channels, languages: GuildLocales) -> None:
        self._context = context
        self._channels = channels
        self._languages = languages

    async def send(
        self, interaction: discord.Interaction, card: Callable[[], cards.Card]
    ) -> int | None:
        """The id of the public message that becomes the result; ``None`` if it was not sent.

        Raises:
            AnsweredElsewhere: another process with the same token has it.
        """
        with speaking_in(await public(interaction, self._languages)):
            shown = card()
        try:
            message_id = await self._send_first(interaction, shown)
        except REQUEST_ERRORS as error:
            # Nothing was spent, and Discord tells the person that the application did not respond.
            log.warning("interaction %s: not acknowledged: %s", interaction.id, describe(error))
            return None
        self._context.tokens.keep(message_id, interaction)
        waited = self._context.clock.now() - interaction.created_at
        self._context.metrics.acknowledged(max(waited.total_seconds(), 0.0))
        return message_id

    async def _send_first(self, interaction: discord.Interaction, card: cards.Card) -> int:
        """Send the card as a public first answer and return its id."""
        answer = interaction.response.send_message(view=card)
        response = await self._context.replies.first(interaction, answer)
        if response is not None and response.message_id is not None:
            return response.message_id
        return (await interaction.original_response()).id

    async def take_back(
        self, interaction: discord.Interaction, message_id: int, error: Exception, *, told: bool
    ) -> None:
        """Delete the message, or show the reason there if the person was not told otherwise."""
        place = place_of(interaction, message_id)
        try:
            if told:
                await interaction.delete_original_response()
            else:
                with speaking_in(await public(interaction, self._languages)):
                    words = self._context.replies.words(error, interaction)
                await self._channels.edit(place, cards.notice(words))
        except REQUEST_ERRORS as failure:
            log.warning("interaction %s: not taken back: %s", interaction.id, describe(failure))
        self._context.tokens.drop(message_id)
