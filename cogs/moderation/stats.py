"""`/stats`: statistics of a server's videos, for moderators."""

import io

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.errors import NotModerator, OptionRefused
from bot.ui.access import moderators
from bot.ui.pages.figures import FiguresCache
from bot.ui.submission.submission_flow import SubmissionFlow
from bot.ui.texts.measures import MESSAGE_CHARS, clipped
from bot.ui.texts.moderation import usage as texts

DAYS = 14
MOST_DAYS = 90


class Stats(commands.Cog):
    """The `/stats` command: a chart, and its numbers as text."""

    def __init__(self, *, client: commands.AutoShardedBot, flow: SubmissionFlow) -> None:
        self._context = flow.context
        self._figures = FiguresCache(stored=flow.context.statistics, clock=flow.context.clock)

    @app_commands.command(
        name="stats", description=locale_str("Statistics of this server's videos (moderators)")
    )
    @app_commands.describe(days=locale_str("How many days to show"))
    @app_commands.guild_only()
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def stats(
        self, interaction: discord.Interaction, days: app_commands.Range[int, 1, MOST_DAYS] = DAYS
    ) -> None:
        """Show the statistics of this server's last ``days`` days."""
        guild_id = interaction.guild_id
        if guild_id is None or not await moderators.by_interaction(interaction, self._context):
            raise NotModerator("stats")
        if not 1 <= days <= MOST_DAYS:
            raise OptionRefused("days", given=days, allowed=(1, MOST_DAYS))
        await self._context.replies.first(interaction, interaction.response.defer(ephemeral=True))
        figures = await self._figures.of(guild_id, days)
        words = texts.statistics(figures.found, days=days, models=self._context.models)
        if figures.picture is None:
            await self._context.replies.say(interaction, words)
            return
        # A message with layout components would not show the file, so the text must stay plain.
        words = clipped(f"{words}\n{texts.statistics_legend()}", MESSAGE_CHARS)
        picture = io.BytesIO(figures.picture)
        file = discord.File(picture, filename="stats.png", description=words[:1000])
        await self._context.replies.say(interaction, words, file=file)
