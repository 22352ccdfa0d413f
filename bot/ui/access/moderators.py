"""Who moderates a server: a member with Manage Server, or with the server's moderator role."""

from collections.abc import Collection

import discord

from bot.ui.access.install_context import home_guild
from bot.ui.app_context import AppContext


async def is_moderator(
    context: AppContext,
    *,
    guild_id: int | None,
    held: discord.Permissions,
    role_ids: Collection[int],
) -> bool:
    """Whether somebody is a moderator of a server.

    Args:
        context: knows the server's settings.
        guild_id: the server; nobody moderates direct messages.
        held: their permissions in the current channel.
        role_ids: their roles in the server.
    """
    if guild_id is None:
        return False
    if held.administrator or held.manage_guild:
        return True
    return (await context.moderation.settings(guild_id)).moderator_role_id in role_ids


async def by_interaction(interaction: discord.Interaction, context: AppContext) -> bool:
    """Whether the person behind an interaction is a moderator."""
    user = interaction.user
    roles = user.roles if isinstance(user, discord.Member) else []
    return await is_moderator(
        context,
        guild_id=home_guild(interaction),
        held=interaction.permissions,
        role_ids=[role.id for role in roles],
    )
