"""Who moderates a server."""

import discord

from bot.ui.counter import Counter


async def is_moderator(interaction: discord.Interaction, counter: Counter) -> bool:
    """Whether the person behind an interaction may take other people's results away."""
    return interaction.guild_id is not None and interaction.permissions.manage_guild
