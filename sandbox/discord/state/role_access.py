"""Who may give roles, and change what a channel allows ("Permission Hierarchy")."""

from sandbox.discord.rules.permissions import ALL, Permission
from sandbox.discord.state.model import Channel, Role, User
from sandbox.discord.state.world import World


def may_give(world: World, user: User, role: Role) -> bool:
    """Whether somebody may give and take a role: one below their own highest."""
    guild = world.guilds[role.guild_id]
    member = guild.members[user.id]
    if user.id == guild.owner_id:
        return True
    highest = max(guild.roles[one].position for one in (guild.id, *member.roles))
    granted = world.guild_permissions(user, guild)
    return bool(granted & Permission.MANAGE_ROLES) and role.position < highest


def changeable(world: World, user: User, channel: Channel) -> int:
    """Return the permissions that somebody may allow and deny in a channel: their own.

    An overwrite that gives them Manage Roles there lets them change all.
    """
    guild = world.guilds[channel.guild_id or 0]
    mine = {user.id, guild.id, *guild.members[user.id].roles}
    own = [one for one in channel.overwrites.values() if one.id in mine]
    if any(one.allow & Permission.MANAGE_ROLES for one in own):
        return ALL
    return world.guild_permissions(user, guild) | world.permissions(user, channel)
