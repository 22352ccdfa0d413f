"""`/settings`: how the bot behaves in a server."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.domain.guilds.guild import GuildSettings
from bot.errors import NotManager
from bot.ui.access.install_context import lacking_in
from bot.ui.submission.submission_flow import SubmissionFlow
from bot.ui.texts.moderation import settings as texts
from cogs.moderation.settings_changes import changes_of
from cogs.moderation.settings_command import set_command


@app_commands.default_permissions(manage_guild=True)
@app_commands.guild_only()
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
class SettingsCog(
    commands.GroupCog,
    name="settings",
    description=locale_str("How I work in this server (Manage Server)"),
):
    """The `/settings` commands; Manage Server is checked here as well as by Discord."""

    def __init__(self, *, client: commands.AutoShardedBot, flow: SubmissionFlow) -> None:
        self._context = flow.context
        self._flow = flow
        group = self.app_command
        if isinstance(group, app_commands.Group):
            group.add_command(set_command(self._apply, flow.context.models))

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Refuse anybody without Manage Server."""
        return await self._context.replies.guard(interaction, self._let_in(interaction))

    async def _let_in(self, interaction: discord.Interaction) -> None:
        # Defer first: the subcommand reads the database, and Discord waits only 3 s.
        await self._context.replies.first(interaction, interaction.response.defer(ephemeral=True))
        held = interaction.permissions
        if interaction.guild_id is None or not (held.manage_guild or held.administrator):
            raise NotManager("settings")

    @app_commands.command(name="show", description=locale_str("Show my settings in this server"))
    async def show(self, interaction: discord.Interaction) -> None:
        """Show all settings, and any problem with the log channel."""
        guild_id = _guild(interaction)
        found = await self._context.moderation.settings(guild_id)
        await self._tell(interaction, found)

    async def _apply(self, interaction: discord.Interaction, given: dict[str, Any]) -> None:
        """Apply the given options, or show all settings if they change nothing."""
        # The cog's own check does not cover a command that is built outside its class.
        if not await self.interaction_check(interaction):
            return
        guild_id, models = _guild(interaction), self._context.models
        found = await self._context.moderation.settings(guild_id)
        wanted = replace(found, **changes_of(found, given, interaction.guild, models))
        if wanted == found:
            await self._tell(interaction, found)
            return
        entry = await self._context.moderation.set_settings(
            guild_id, wanted, found=found, by_id=interaction.user.id
        )
        self._flow.languages.forget(guild_id)
        await self._tell_changed(interaction, found, wanted)
        if entry.is_change:
            self._context.log_channel.changed(entry)

    async def _tell_changed(
        self, interaction: discord.Interaction, found: GuildSettings, wanted: GuildSettings
    ) -> None:
        words = texts.changed(
            found,
            wanted,
            models=self._context.models,
            troubles=self._troubles(interaction, wanted, before=found),
            watermark_always=self._context.watermark_always,
        )
        await self._context.replies.tell(interaction, words)

    async def _tell(self, interaction: discord.Interaction, found: GuildSettings) -> None:
        words = texts.shown(
            found,
            models=self._context.models,
            troubles=self._troubles(interaction, found, before=GuildSettings()),
            watermark_always=self._context.watermark_always,
        )
        await self._context.replies.tell(interaction, words)

    def _troubles(
        self, interaction: discord.Interaction, now: GuildSettings, *, before: GuildSettings
    ) -> list[str]:
        """The problems that keep the bot from following a change of channels."""
        troubles = list[str]()
        if now.log_channel_id != before.log_channel_id:
            trouble = self._context.log_channel.trouble(_guild(interaction), now.log_channel_id)
            troubles += [trouble] if trouble else []
        if interaction.guild:
            troubles += _closed_channels(interaction.guild, now.channels - before.channels)
        return troubles


def _closed_channels(guild: discord.Guild, channel_ids: Iterable[int]) -> Iterator[str]:
    """Return a warning for each channel in which the bot cannot deliver a video."""
    for channel_id in sorted(channel_ids):
        channel = guild.get_channel(channel_id)
        if channel and (missing := lacking_in(channel.permissions_for(guild.me), channel)):
            yield texts.cannot_post(channel_id, missing)


def _guild(interaction: discord.Interaction) -> int:
    """The server's id; `interaction_check` has refused direct messages."""
    if interaction.guild_id is None:
        raise NotManager("no server")
    return interaction.guild_id
