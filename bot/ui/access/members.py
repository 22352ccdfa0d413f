"""The person and the place that a task keeps of an interaction."""

import discord

from bot.domain.task import Person, Place
from bot.ui.access.install_context import home_guild, writes_here

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
    """Where an interaction happened, with the command's own message once there is one."""
    reachable = writes_here(interaction)
    return Place(
        guild_id=home_guild(interaction),
        channel_id=interaction.channel_id,
        parent_channel_id=parent_of(interaction.channel),
        message_id=message_id,
        filesize_limit=filesize_limit(interaction),
        locale=str(interaction.guild_locale or interaction.locale),
        age_restricted=_is_restricted(interaction),
        reachable=reachable,
        link_guild_id=None if reachable else interaction.guild_id,
    )


def is_age_restricted(channel: object) -> bool:
    """Whether a channel, or a thread's parent channel, is age-restricted; direct messages are not.

    A thread whose parent channel is not known counts as age-restricted.
    """
    if isinstance(channel, discord.Thread):
        return channel.parent is None or channel.parent.is_nsfw()
    is_nsfw = getattr(channel, "is_nsfw", None)
    return bool(is_nsfw is not None and is_nsfw())


def _is_restricted(interaction: discord.Interaction) -> bool:
    """Treat a channel of a kind that discord.py does not know as age-restricted."""
    is_unknown = interaction.channel is None and interaction.guild_id is not None
    return is_unknown or is_age_restricted(interaction.channel)


def parent_of(channel: object) -> int | None:
    """The channel that a thread belongs to; ``None`` for any other channel."""
    return channel.parent_id if isinstance(channel, discord.Thread) else None


def filesize_limit(interaction: discord.Interaction) -> int:
    """The largest file in bytes that the bot can post, without what the person's Nitro adds."""
    own = interaction.guild.filesize_limit if interaction.guild else DEFAULT_LIMIT
    return min(own, interaction.filesize_limit)
