"""`/help`: how to use the bot, what it stores, and which permissions it needs."""

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.ui.access.install_context import missing_permissions, writes_here
from bot.ui.submission.submission_flow import SubmissionFlow
from bot.ui.texts import guide


class Help(commands.Cog):
    """The `/help` command, which needs neither the database nor a request to Discord."""

    def __init__(self, *, client: commands.AutoShardedBot, flow: SubmissionFlow) -> None:
        self._client = client
        self._context = flow.context
        self._flow = flow

    @app_commands.command(
        name="help",
        description=locale_str("How to use me, what I store, and which permissions I need"),
    )
    async def help(self, interaction: discord.Interaction) -> None:
        """Reply ephemerally."""
        words = guide.how_to(
            self._context.models.default,
            keep_days=self._context.keep_images_days,
            operator=self._context.operator,
            missing=None if interaction.guild_id is None else missing_permissions(interaction),
            outside=not writes_here(interaction),
            command_ids=self._flow.command_ids,
        )
        await self._context.replies.tell(interaction, words)
