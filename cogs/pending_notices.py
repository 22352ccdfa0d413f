"""Notices that could not be delivered anywhere, shown after the person's next command."""

from typing import Any

import discord
from discord.ext import commands

from bot.ui.submission.submission_flow import SubmissionFlow
from bot.ui.texts import endings as texts
from bot.ui.texts.moderation import reports


class PendingNotices(commands.Cog):
    """Follows the answer to a command with the person's pending notices."""

    def __init__(self, *, client: commands.AutoShardedBot, flow: SubmissionFlow) -> None:
        self._context = flow.context

    @commands.Cog.listener()
    async def on_app_command_completion(
        self, interaction: discord.Interaction, command: Any
    ) -> None:
        """Send the pending notices, unless the command only opened a form."""
        answered = interaction.response.type
        if answered in (None, discord.InteractionResponseType.modal):
            return
        await self._tell_verdicts(interaction)
        tasks = await self._context.tasks.pending_notices(interaction.user.id)
        if tasks and await self._context.replies.tell(interaction, texts.pending_notices(tasks)):
            await self._context.tasks.clear_pending_notices(interaction.user.id)

    async def _tell_verdicts(self, interaction: discord.Interaction) -> None:
        person_id = interaction.user.id
        verdicts = await self._context.reports.unread_verdicts(person_id)
        if verdicts and await self._context.replies.tell(interaction, reports.verdicts(verdicts)):
            await self._context.reports.read_verdicts(person_id)
