"""Ephemeral answers, and the handling of every error of a command, button or form."""

import logging
import secrets
from collections.abc import Awaitable, Coroutine, Mapping
from typing import Any, TypeVar

import discord
from cachetools import FIFOCache

from bot.about import about
from bot.domain.report import BlockKind
from bot.errors import BlockRefused, PlaceRefused, QuotaRefused, Refusal, is_of_the_disk
from bot.ui.access.visible_channels import naming_visible_channels
from bot.ui.delivery.letters import Page, letter
from bot.ui.delivery.requests.discord_errors import REQUEST_ERRORS, describe
from bot.ui.submission.acknowledgements import Acknowledgements, AnsweredElsewhere
from bot.ui.texts.catalogues import speaking_in
from bot.ui.texts.command_names import clickable
from bot.ui.texts.refusals import refusals

log = logging.getLogger(__name__)

T = TypeVar("T")

# Key in an interaction's extras: its deferred answer has been sent.
_ANSWERED = "answered"

# The most interactions whose duplicates are detected: a resumed session may replay some minutes.
# The database detects older ones.
_REMEMBERED = 10_000


class Replies:
    """Sends answers that only the person behind an interaction sees."""

    def __init__(self, *, acknowledgements: Acknowledgements) -> None:
        self.acknowledgements = acknowledgements
        self.command_ids: Mapping[str, int] = {}
        """Discord's ids of the slash commands by their whole names, which answers mention."""
        self._begun = FIFOCache[int, None](_REMEMBERED)

    def begins(self, interaction: discord.Interaction) -> bool:
        """Whether an interaction comes for the first time: the gateway may send one twice."""
        if interaction.id in self._begun:
            log.warning("interaction %s ignored, it came a second time", interaction.id)
            return False
        self._begun[interaction.id] = None
        return True

    async def first(self, interaction: discord.Interaction, answer: Awaitable[T]) -> T | None:
        """Send a first answer; see :meth:`Acknowledgements.first`."""
        return await self.acknowledgements.first(interaction, answer)

    async def tell(self, interaction: discord.Interaction, words: str | Page) -> bool:
        """Send an answer; return whether that worked. Does not raise."""
        try:
            await self.say(interaction, words)
        except AnsweredElsewhere:
            return False
        except REQUEST_ERRORS as error:
            log.warning("interaction %s: not answered: %s", interaction.id, describe(error))
            return False
        return True

    def words(self, error: Exception, interaction: discord.Interaction) -> str:
        """The text for an error; one that is not a refusal is logged with an id."""
        if isinstance(error, PlaceRefused):
            error = naming_visible_channels(error, interaction.guild, interaction.user)
        if isinstance(error, Refusal):
            return refusals.refusal(error)
        error_id = secrets.token_hex(3)
        log.error(
            "error %s: %s by %s in %s: %s",
            error_id,
            interaction.command.qualified_name if interaction.command else interaction.type.name,
            interaction.user.id,
            interaction.channel_id,
            error,
            exc_info=None if is_of_the_disk(error) else error,
        )
        return refusals.went_wrong(error_id)

    def reason_in_public(self, error: Refusal, guild: discord.Guild | None) -> str:
        """The public text for a refusal.

        It does not tell others that somebody is blocked, nor of channels that not all can view.
        """
        if isinstance(error, BlockRefused) and error.block.kind is BlockKind.PERSON:
            return refusals.not_possible()
        if isinstance(error, QuotaRefused) and error.denial.block is not None:
            return refusals.not_here()
        if isinstance(error, PlaceRefused):
            everyone = guild.default_role if guild else None
            error = naming_visible_channels(error, guild, everyone)
        return refusals.refusal(error)

    async def explain(self, interaction: discord.Interaction, error: Exception) -> bool:
        """Tell the person about an error, unless another process did; return whether it worked."""
        if isinstance(error, AnsweredElsewhere):
            return False
        return await self.tell(interaction, self.words(error, interaction))

    async def guard(
        self, interaction: discord.Interaction, work: Coroutine[Any, Any, None]
    ) -> bool:
        """Do the work in the person's language, tell them about any error, and raise none.

        Returns whether the work was done without an error.
        """
        # For commands, the tree has checked that already.
        is_command = interaction.type is discord.InteractionType.application_command
        if not is_command and not self.begins(interaction):
            work.close()
            return False
        with speaking_in(str(interaction.locale)), about(server=interaction.guild_id):
            try:
                await work
            except Exception as error:  # noqa: BLE001 - it is logged and told to the person
                await self.explain(interaction, error)
                return False
        return True

    async def say(
        self,
        interaction: discord.Interaction,
        words: str | Page,
        *,
        file: discord.File | None = None,
    ) -> None:
        """Send an ephemeral answer: as the first one, in place of "thinking", or as a follow-up.

        Raises:
            AnsweredElsewhere: see :meth:`Acknowledgements.first`.
            discord.HTTPException, aiohttp.ClientError, OSError: the request failed.
        """
        sent = self._with_commands(interaction, words)
        beside: dict[str, Any] = {} if file is None else {"file": file}
        has_answered = interaction.response.is_done()
        if not has_answered:
            may_have = self.acknowledgements.may_have_answered(interaction)
            answer = interaction.response.send_message(**sent, **beside, ephemeral=True)
            is_new = await self.first(interaction, answer) is not None
            # An earlier answer got through, so this one must follow it.
            has_answered = may_have and not is_new
        elif _is_thinking(interaction):
            # A follow-up would work as well, but Discord advises against it.
            attachments = [file] if file else []
            await interaction.edit_original_response(**sent, attachments=attachments)
            interaction.extras[_ANSWERED] = True
            return
        if has_answered:
            await interaction.followup.send(**sent, **beside, ephemeral=True)

    def _with_commands(self, interaction: discord.Interaction, words: str | Page) -> dict[str, Any]:
        """An answer in which a press on the name of a command begins it.

        In direct messages, the names stay plain: most of the commands are not there.
        """
        ids = {} if interaction.guild_id is None else self.command_ids
        if isinstance(words, Page):
            words.write(clickable(words.words, ids))
            return {"view": words}
        return letter(clickable(words, ids))


def _is_thinking(interaction: discord.Interaction) -> bool:
    """Whether the answer was deferred and has not been sent yet."""
    put_off = discord.InteractionResponseType.deferred_channel_message
    return interaction.response.type is put_off and _ANSWERED not in interaction.extras
