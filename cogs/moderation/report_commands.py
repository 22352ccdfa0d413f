"""`/quota-admin reports` and `/quota-admin remove-all`."""

from datetime import timedelta

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.errors import NotModerator
from bot.ui.app_context import AppContext
from bot.ui.results.report_cards import report_list
from bot.ui.texts.moderation import reports as texts

_MOST_LISTED = 20
_DAYS = 7
_MOST_DAYS = 90


class ReportCommands(commands.Cog):
    """The subcommands about reports, which the cog of `/quota-admin` inherits."""

    _context: AppContext

    @app_commands.command(
        name="reports", description=locale_str("Reported videos that wait for a decision")
    )
    async def reports(self, interaction: discord.Interaction) -> None:
        """List the open reports, each of which can be opened."""
        found = await self._context.reports.undecided(_guild(interaction), limit=_MOST_LISTED)
        await self._context.replies.tell(interaction, report_list(found))

    @app_commands.command(
        name="remove-all",
        description=locale_str("Remove all of someone's videos of the last days in this server"),
    )
    @app_commands.describe(
        user=locale_str("Which person"),
        days=locale_str("How many days back, from 1 to 90 (default: 7)"),
    )
    async def remove_all(
        self,
        interaction: discord.Interaction,
        user: discord.User,
        days: app_commands.Range[int, 1, _MOST_DAYS] = _DAYS,
    ) -> None:
        """Remove a person's videos, those that are still being made included."""
        days = max(1, min(days, _MOST_DAYS))
        entry = await self._context.removals.remove_all(
            _guild(interaction),
            user.id,
            since=self._context.clock.now() - timedelta(days=days),
            days=days,
            by_id=interaction.user.id,
        )
        await self._context.replies.tell(interaction, texts.all_removed(entry))
        if entry.is_change:
            self._context.log_channel.changed(entry)
            self._context.report_board.soon()


def _guild(interaction: discord.Interaction) -> int:
    """The server's id; `interaction_check` has refused direct messages."""
    if interaction.guild_id is None:
        raise NotModerator("no server")
    return interaction.guild_id
