"""The world that the demo and most tests begin with."""

from bot.clock import Clock
from sandbox.discord.rules.permissions import (
    Permission,
)
from sandbox.discord.state.world import World

BOT_PERMISSIONS = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.MANAGE_MESSAGES
)


def default_world(clock: Clock) -> World:
    """Make one server with a moderator and a channel where the bot may not attach files."""
    world = World(clock)
    guild = world.add_guild(
        "Workshop", owner=world.add_user("Olive"), bot_permissions=int(BOT_PERMISSIONS)
    )
    moderators = world.add_role(guild, "Moderators", int(Permission.MANAGE_GUILD))
    world.add_role(guild, "Painters")
    world.add_member(guild, "Ada")
    world.add_member(guild, "Grace")
    world.add_member(guild, "Mona", moderators)
    world.add_channel(guild, "general")
    no_files = world.add_channel(guild, "no-files")
    world.set_overwrite(no_files, guild.members[world.bot.id], deny=int(Permission.ATTACH_FILES))
    return world
