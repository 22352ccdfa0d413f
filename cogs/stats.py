"""`/stats`: what a server's videos come to, for moderators."""

import asyncio
import io
from datetime import timedelta

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.statistics import statistics
from bot.errors import NotModerator, OptionRefused
from bot.ui import moderators
from bot.ui.charts import days_chart
from bot.ui.desk import Desk
from bot.ui.texts import commands as said
from bot.ui.texts import stats as texts

DAYS = 14
MOST_DAYS = 90


class Stats(commands.Cog):
    """A picture, and the same in words."""

    def __init__(self, *, client: commands.AutoShardedBot, desk: Desk) -> None:
        self._desk = desk

    @app_commands.command(name="stats", description=said.stats())
    @app_commands.describe(days=said.stats_days())
    @app_commands.guild_only()
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def stats(
        self, interaction: discord.Interaction, days: app_commands.Range[int, 1, MOST_DAYS] = DAYS
    ) -> None:
        """The last days of this server."""
        guild_id = interaction.guild_id
        if guild_id is None or not await moderators.by_interaction(interaction, self._desk):
            raise NotModerator("stats")
        if not 1 <= days <= MOST_DAYS:
            raise OptionRefused("days", given=days, allowed=(1, MOST_DAYS))
        await self._desk.replies.first(interaction, interaction.response.defer(ephemeral=True))
        now = self._desk.clock.now()
        since = (now - timedelta(days=days - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
        made = await self._desk.statistics.made(guild_id, since)
        found = statistics(made, now=now, days=days)
        words = texts.words(found, days=days)
        if not found.videos:
            await interaction.followup.send(words, ephemeral=True)
            return
        picture = await asyncio.to_thread(days_chart, found)
        words = f"{words}\n{texts.legend()}"
        file = discord.File(io.BytesIO(picture), filename="stats.png", description=words[:1000])
        await interaction.followup.send(words, file=file, ephemeral=True)
