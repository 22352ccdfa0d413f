"""Who asked, and where: what a task keeps of an interaction."""

import discord

from bot.domain.task import Person, Place

DEFAULT_LIMIT = 10 * 1024 * 1024


def person_of(interaction: discord.Interaction) -> Person:
    """The person behind an interaction."""
    user = interaction.user
    roles = user.roles if isinstance(user, discord.Member) else []
    return Person(
        id=user.id,
        name=user.display_name,
        role_ids=frozenset(role.id for role in roles),
        locale=str(interaction.locale),
    )


def place_of(interaction: discord.Interaction, message_id: int | None) -> Place:
    """Where it was asked, with the command's own message once there is one."""
    return Place(
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id,
        message_id=message_id,
        filesize_limit=_filesize_limit(interaction),
        locale=str(interaction.guild_locale or interaction.locale),
    )


def _filesize_limit(interaction: discord.Interaction) -> int:
    """The server's own tier in bytes: the interaction's limit includes the person's Nitro."""
    own = interaction.guild.filesize_limit if interaction.guild else DEFAULT_LIMIT
    return min(own, interaction.filesize_limit)
