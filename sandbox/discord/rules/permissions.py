"""Discord's permission rules: roles first, then the channel's overwrites in Discord's order."""

from enum import IntFlag

from sandbox.discord.state.model import Channel, Guild, Member, Overwrite


class Permission(IntFlag):
    """The bits of Discord's documentation ("Permissions", bitwise permission flags)."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CONNECT = 1 << 20
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51


ALL = (1 << 53) - 1

EVERYONE = (
    Permission.CREATE_INSTANT_INVITE
    | Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.CONNECT
    | Permission.CHANGE_NICKNAME
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.USE_EXTERNAL_APPS
)
"""Permissions that a new server gives everyone, as far as they matter here."""

DIRECT_MESSAGE = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.MENTION_EVERYONE
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
)
"""Permissions in a direct message, which has no roles."""

BY_PERSON = Permission.EMBED_LINKS | Permission.ATTACH_FILES | Permission.MENTION_EVERYONE
"""Permissions of an application that only a person installed."""

_WHILE_TIMED_OUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY


def base_permissions(guild: Guild, member: Member) -> int:
    """Return the permissions of a member's roles in the whole server."""
    if member.user.id == guild.owner_id:
        return ALL
    granted = guild.roles[guild.id].permissions
    for role_id in member.roles:
        granted |= guild.roles[role_id].permissions
    return ALL if granted & Permission.ADMINISTRATOR else granted


def _apply(granted: int, overwrites: list[Overwrite]) -> int:
    """Apply one level of overwrites: all denials first, then all allowances."""
    for overwrite in overwrites:
        granted &= ~overwrite.deny
    for overwrite in overwrites:
        granted |= overwrite.allow
    return granted


def permissions_in(guild: Guild, member: Member, channel: Channel) -> int:
    """Return a member's permissions in a channel, after all overwrites.

    The order is everyone's overwrite, the roles', then the member's. A thread uses the overwrites
    of
    its parent channel. Without View Channel, there are no permissions; without Send Messages, none
    for files, embeds and mentions.
    """
    granted = base_permissions(guild, member)
    if granted == ALL:
        return ALL
    source = guild.channels[channel.parent_id] if channel.is_thread else channel
    levels = ([guild.id], sorted(member.roles), [member.user.id])
    for level in levels:
        granted = _apply(granted, [source.overwrites[i] for i in level if i in source.overwrites])
    if member.timed_out:
        granted &= _WHILE_TIMED_OUT
    return _implied(granted, channel)


def _implied(granted: int, channel: Channel) -> int:
    """Remove permissions that depend on missing ones."""
    if not granted & Permission.VIEW_CHANNEL:
        return 0
    if channel.is_thread:
        return granted
    if not granted & Permission.SEND_MESSAGES:
        granted &= ~(Permission.SEND_TTS_MESSAGES | Permission.MENTION_EVERYONE)
        granted &= ~(Permission.ATTACH_FILES | Permission.EMBED_LINKS)
    return granted
