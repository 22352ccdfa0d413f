"""How a video ended that could be said nowhere: told at its person's next command, wherever."""

from typing import Any

import discord
from discord.ext import commands

from bot.ui.submission.submission_flow import SubmissionFlow
from bot.ui.texts import endings as texts


class PendingNotices(commands.Cog):
    """Hears that a command was answered, and adds what its person could not be told before."""

    def __init__(self, *, client: commands.AutoShardedBot, flow: SubmissionFlow) -> None:
        self._context = flow.context

    @commands.Cog.listener()
    async def on_app_command_completion(
        self, interaction: discord.Interaction, command: Any
    ) -> None:
        """A form is no answer yet: what comes of it has an answer of its own."""
        answered = interaction.response.type
        if answered in (None, discord.InteractionResponseType.modal):
            return
        tasks = await self._context.tasks.pending_notices(interaction.user.id)
        if tasks and await self._context.replies.tell(interaction, texts.pending_notices(tasks)):
            await self._context.tasks.clear_pending_notices(interaction.user.id)
