"""`/tasks`: one's own videos, what became of them, and what can be done about it."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.app_context import Desk
from bot.ui.pages.task_pages import task_page
from bot.ui.texts import commands as texts


class Tasks(commands.Cog):
    """Answers to its author only."""

    def __init__(self, *, client: commands.AutoShardedBot, desk: Desk) -> None:
        self._desk = desk

    @app_commands.command(name="tasks", description=texts.tasks())
    async def tasks(self, interaction: discord.Interaction) -> None:
        """The newest ones; the rest is pages away."""
        await self._desk.replies.say(interaction, await task_page(self._desk, interaction.user.id))
