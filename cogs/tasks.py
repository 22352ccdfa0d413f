"""`/tasks`: list a person's own videos, cancel one or send it again."""

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.ui.pages.task_pages import task_page
from bot.ui.submission.submission_flow import SubmissionFlow


class TasksCog(commands.Cog):
    """The `/tasks` command, whose answer is ephemeral."""

    def __init__(self, *, client: commands.AutoShardedBot, flow: SubmissionFlow) -> None:
        self._context = flow.context

    @app_commands.command(
        name="tasks",
        description=locale_str(
            "Your videos: see their progress and cost, cancel one or send it again"
        ),
    )
    async def tasks(self, interaction: discord.Interaction) -> None:
        """Show the first page, newest first."""
        await self._context.replies.say(
            interaction, await task_page(self._context, interaction.user.id)
        )
