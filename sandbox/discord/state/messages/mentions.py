"""Finds who is mentioned: people, roles, everyone (Discord's "Allowed Mentions Object")."""

import re
from collections.abc import Mapping

from sandbox.discord.rules.permissions import Permission
from sandbox.discord.state.model import Guild, Json, Message, User
from sandbox.discord.state.world import World

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(everyone|here)\b")
_BY_DEFAULT: Mapping[bool, frozenset[str]] = {
    False: frozenset({"users", "roles", "everyone"}),
    # Answers to interactions mention only users by default.
    True: frozenset({"users"}),
}


def mention(message: Message, body: Json, world: World) -> None:
    """Update a message's mentions, from its content and its text displays."""
    allowed = body.get("allowed_mentions")
    displays = [one["content"] for one in message.every_component() if one.get("type") == 10]
    words = "\n".join([message.content, *displays])
    message.mentions = _users(message, words, allowed, world)
    message.mention_roles, message.mention_everyone = [], False
    guild = world.guilds.get(message.guild_id or 0)
    if guild is None:
        return
    channel = world.channels[message.channel_id]
    granted = world.permissions(message.author, channel)
    may_everyone = bool(granted & Permission.MENTION_EVERYONE)
    message.mention_roles = _roles(message, words, allowed, guild, may_everyone=may_everyone)
    wanted = _is_parsed("everyone", allowed, message)
    message.mention_everyone = may_everyone and wanted and bool(_EVERYONE.search(words))


def _users(message: Message, words: str, allowed: Json | None, world: World) -> list[User]:
    found = _named(_USER, words, "users", allowed, message)
    by_default = allowed is None and message.interaction is None
    if message.reply_to is not None and (by_default or (allowed or {}).get("replied_user")):
        parent = world.messages[message.channel_id].get(message.reply_to)
        found += [parent.author.id] if parent else []
    return [world.users[one] for one in dict.fromkeys(found) if one in world.users]


def _roles(
    message: Message, words: str, allowed: Json | None, guild: Guild, *, may_everyone: bool
) -> list[int]:
    """Return mentioned roles: mentionable ones, or any if the author may mention everyone."""
    return [
        role_id
        for role_id in dict.fromkeys(_named(_ROLE, words, "roles", allowed, message))
        if role_id in guild.roles and (may_everyone or guild.roles[role_id].mentionable)
    ]


def _named(
    pattern: re.Pattern[str], words: str, kind: str, allowed: Json | None, message: Message
) -> list[int]:
    found = [int(one) for one in pattern.findall(words)]
    if _is_parsed(kind, allowed, message):
        return found
    listed = {int(one) for one in (allowed or {}).get(kind) or []}
    return [one for one in found if one in listed]


def _is_parsed(kind: str, allowed: Json | None, message: Message) -> bool:
    if allowed is None:
        return kind in _BY_DEFAULT[message.interaction is not None]
    return kind in (allowed.get("parse") or [])
