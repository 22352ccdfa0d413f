"""Which events a client gets for which intents (Discord's documentation, "List of Intents")."""

from enum import IntFlag

from sandbox.discord.state.model import Json


class Intent(IntFlag):
    """The groups of events that a client asks for."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_EXPRESSIONS = 1 << 3
    GUILD_INTEGRATIONS = 1 << 4
    GUILD_WEBHOOKS = 1 << 5
    GUILD_INVITES = 1 << 6
    GUILD_VOICE_STATES = 1 << 7
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15
    GUILD_SCHEDULED_EVENTS = 1 << 16
    AUTO_MODERATION_CONFIGURATION = 1 << 20
    AUTO_MODERATION_EXECUTION = 1 << 21
    GUILD_MESSAGE_POLLS = 1 << 24
    DIRECT_MESSAGE_POLLS = 1 << 25


ALWAYS = Intent(0)
"""For events that come whatever was asked for, interactions above all."""
PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT
KNOWN = sum(Intent)

_PREFIXES = {
    "GUILD_MEMBERS_CHUNK": ALWAYS,
    "GUILD_MEMBER_": Intent.GUILD_MEMBERS,
    "GUILD_": Intent.GUILDS,
    "CHANNEL_": Intent.GUILDS,
    "THREAD_": Intent.GUILDS,
}
# Events of messages, in servers and in direct messages.
_MESSAGES = {
    "MESSAGE_REACTION_": (Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS),
    "MESSAGE_": (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
    "CHANNEL_PINS_": (Intent.GUILDS, Intent.DIRECT_MESSAGES),
    "TYPING_": (Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING),
}


def intent_of(event: str, data: Json, bot_id: int) -> Intent:
    """The intent that a client needs for an event."""
    if event == "GUILD_MEMBER_UPDATE" and data["user"]["id"] == str(bot_id):
        return ALWAYS
    if event == "THREAD_MEMBERS_UPDATE":
        return Intent.GUILDS if _concerns(data, bot_id) else Intent.GUILD_MEMBERS
    for prefix, (in_servers, in_direct_messages) in _MESSAGES.items():
        if event.startswith(prefix):
            return in_servers if "guild_id" in data else in_direct_messages
    return next((kept for prefix, kept in _PREFIXES.items() if event.startswith(prefix)), ALWAYS)


def _concerns(data: Json, bot_id: int) -> bool:
    """Whether the bot itself was added to a thread, or removed from it."""
    added = [one["user_id"] for one in data.get("added_members", [])]
    return str(bot_id) in [*added, *data.get("removed_member_ids", [])]
