"""Checks gateway events against Discord's OpenAPI description and its documentation.

The description has the objects inside most events. The fields that events add to them, and events
that it has nothing for, are from the documentation ("Gateway Events"). Of ``READY``, ``RESUMED``
and ``GUILD_MEMBERS_CHUNK``, only the fields and the objects inside are checked.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.discord.discord_spec import schema_errors

Json = dict[str, Any]


@dataclass(frozen=True)
class Event:
    """The parts of an event: a described object with more fields, or fields alone."""

    schema: str | None = None
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    inside: Mapping[str, str] = field(default_factory=dict)
    """Fields that are described objects, or lists of these."""


def event(
    schema: str | None = None, required: str = "", optional: str = "", **inside: str
) -> Event:
    return Event(schema, frozenset(required.split()), frozenset(optional.split()), inside)


_MESSAGE = event("MessageResponse", "channel_type", "guild_id member")
_CHANNEL = event("GuildChannelResponse")
_REACTION = "user_id channel_id message_id emoji burst type"
EVENTS: dict[str, Event] = {
    "MESSAGE_CREATE": _MESSAGE,
    "MESSAGE_UPDATE": _MESSAGE,
    "MESSAGE_DELETE": event(None, "id channel_id", "guild_id"),
    "MESSAGE_DELETE_BULK": event(None, "ids channel_id", "guild_id"),
    "MESSAGE_REACTION_ADD": event(
        None,
        _REACTION,
        "guild_id member message_author_id",
        emoji="MessageReactionEmojiResponse",
        member="GuildMemberResponse",
    ),
    "MESSAGE_REACTION_REMOVE": event(
        None, _REACTION, "guild_id", emoji="MessageReactionEmojiResponse"
    ),
    "MESSAGE_REACTION_REMOVE_ALL": event(None, "channel_id message_id", "guild_id"),
    "MESSAGE_REACTION_REMOVE_EMOJI": event(
        None, "channel_id message_id emoji", "guild_id", emoji="MessageReactionEmojiResponse"
    ),
    "CHANNEL_CREATE": _CHANNEL,
    "CHANNEL_UPDATE": _CHANNEL,
    "CHANNEL_DELETE": _CHANNEL,
    "CHANNEL_PINS_UPDATE": event(None, "channel_id", "guild_id last_pin_timestamp"),
    "THREAD_CREATE": event("ThreadResponse", "", "newly_created"),
    "THREAD_UPDATE": event("ThreadResponse"),
    "THREAD_DELETE": event(None, "id guild_id parent_id type"),
    "THREAD_MEMBERS_UPDATE": event(
        None, "id guild_id member_count", "added_members removed_member_ids"
    ),
    "GUILD_CREATE": event(
        "GuildResponse",
        "joined_at large unavailable member_count voice_states members channels threads "
        "presences stage_instances guild_scheduled_events soundboard_sounds",
        members="GuildMemberResponse",
        channels="GuildChannelResponse",
        threads="ThreadResponse",
    ),
    "GUILD_DELETE": event(None, "id", "unavailable"),
    "GUILD_MEMBER_UPDATE": event("GuildMemberResponse", "guild_id"),
    "GUILD_MEMBERS_CHUNK": event(
        None,
        "guild_id members chunk_index chunk_count",
        "not_found nonce",
        members="GuildMemberResponse",
    ),
    "GUILD_ROLE_CREATE": event(None, "guild_id role", role="GuildRoleResponse"),
    "GUILD_ROLE_UPDATE": event(None, "guild_id role", role="GuildRoleResponse"),
    "APPLICATION_COMMAND_PERMISSIONS_UPDATE": event("CommandPermissionsResponse"),
    "INTERACTION_CREATE": event(
        None,
        "id application_id type data channel channel_id token version app_permissions locale "
        "entitlements authorizing_integration_owners context attachment_size_limit",
        "guild guild_id guild_locale member user message",
        member="PrivateGuildMemberResponse",
        user="UserResponse",
        message="MessageResponse",
    ),
    "READY": event(
        None,
        "v user guilds session_id resume_gateway_url shard application",
        "session_type private_channels presences relationships _trace",
        user="UserPIIResponse",
    ),
}


def faults(name: str, data: Json) -> list[str]:
    """Return the problems of an event, one line each."""
    if name not in EVENTS:
        return [f"{name}: there is no such event"]
    return [f"{name}: {one}" for one in _wrong(name, EVENTS[name], data)]


def _wrong(name: str, wanted: Event, data: Json) -> Iterator[str]:
    own = {key: value for key, value in data.items() if key not in _known(wanted)}
    if wanted.schema is None:
        yield from (f"{key} is not documented" for key in own)
    else:
        yield from schema_errors(wanted.schema, own)
    yield from (f"{key} is missing" for key in wanted.required - set(data))
    for key, schema in wanted.inside.items():
        found = data.get(key) or []
        for one in found if isinstance(found, list) else [found]:
            yield from (f"{key} {error}" for error in schema_errors(schema, one))
    if name in _MORE:
        yield from _MORE[name](data)


def _known(wanted: Event) -> frozenset[str]:
    return wanted.required | wanted.optional


def _interaction(data: Json) -> Iterator[str]:
    """Check a server's or a person's interaction, and what was chosen in it."""
    place = {"guild", "guild_id", "guild_locale", "member"}
    if not (place <= set(data) or (not place & set(data) and "user" in data)):
        yield "an interaction is a server's, or one person's"
    if "permission_overwrites" in data["channel"]:
        yield "the channel is a partial one"
    for group, schema in _RESOLVED.items():
        for one in (data["data"].get("resolved") or {}).get(group, {}).values():
            yield from (f"resolved {group} {error}" for error in schema_errors(schema, one))


_RESOLVED = {
    "users": "UserResponse",
    "roles": "GuildRoleResponse",
    "messages": "MessageResponse",
    "attachments": "MessageAttachmentResponse",
}


def _message(data: Json) -> Iterator[str]:
    """Check the author's membership, which has no account of its own."""
    if "member" in data:
        whole = data["member"] | {"user": data["author"]}
        yield from (f"member {error}" for error in schema_errors("GuildMemberResponse", whole))
        if "user" in data["member"]:
            yield "the member is a partial one"


def _joined(data: Json) -> Iterator[str]:
    for one in data.get("added_members", []):
        if "presence" not in one:
            yield "presence is missing"
        plain = {key: value for key, value in one.items() if key != "presence"}
        yield from schema_errors("ThreadMemberResponse", plain)


_MORE: dict[str, Callable[[Json], Iterator[str]]] = {
    "INTERACTION_CREATE": _interaction,
    "MESSAGE_CREATE": _message,
    "MESSAGE_UPDATE": _message,
    "THREAD_MEMBERS_UPDATE": _joined,
}
