"""Data model of the local Discord: plain objects, which only the world changes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

Json = dict[str, Any]
"""A JSON object."""


class ChannelKind(IntEnum):
    """Discord's channel types that are used here."""

    TEXT = 0
    DIRECT = 1
    VOICE = 2
    GROUP = 3
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    THREAD = 11
    PRIVATE_THREAD = 12
    STAGE = 13
    FORUM = 15
    MEDIA = 16
    LATER = 99
    """A kind that today's libraries do not know."""


THREADS = frozenset(
    {ChannelKind.ANNOUNCEMENT_THREAD, ChannelKind.THREAD, ChannelKind.PRIVATE_THREAD}
)


class MessageKind(IntEnum):
    """Discord's message types that are used here."""

    DEFAULT = 0
    PINNED = 6
    REPLY = 19
    CHAT_INPUT_COMMAND = 20
    THREAD_STARTER = 21
    CONTEXT_MENU_COMMAND = 23


BASIC_KINDS = frozenset(
    {
        MessageKind.DEFAULT,
        MessageKind.REPLY,
        MessageKind.CHAT_INPUT_COMMAND,
        MessageKind.CONTEXT_MENU_COMMAND,
    }
)
"""Messages that somebody wrote; the others are Discord's own."""
UNDELETABLE = frozenset({MessageKind.THREAD_STARTER})
"""Messages that nobody can delete, among those that are used here."""


class MessageFlag:
    """Bits of a message's ``flags``."""

    CROSSPOSTED = 1 << 0
    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    VOICE_MESSAGE = 1 << 13
    HAS_SNAPSHOT = 1 << 14
    COMPONENTS_V2 = 1 << 15


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to attach."""

    name: str
    data: bytes
    content_type: str | None = None


@dataclass(slots=True, kw_only=True)
class User:
    """An account."""

    id: int
    name: str
    bot: bool = False
    accepts_direct_messages: bool = True
    upload_limit: int = 0
    """Bytes that their own subscription allows; 0 without one."""
    locale: str = "en-US"
    """Language of their client."""
    has_installed: bool = False
    """Whether they installed the application for themselves."""


@dataclass(slots=True, kw_only=True)
class Role:
    """A role of a server; the one with the server's id is @everyone."""

    id: int
    guild_id: int
    name: str
    permissions: int
    position: int
    managed: bool = False
    mentionable: bool = False


@dataclass(slots=True, kw_only=True)
class Overwrite:
    """What a channel allows and denies a role (kind 0) or a member (kind 1)."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass(slots=True, kw_only=True)
class Channel:
    """A text or voice channel, a thread, a direct message, or a group's messages."""

    id: int
    kind: ChannelKind
    name: str
    guild_id: int | None = None
    position: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    recipient: User | None = None
    group: list[User] = field(default_factory=list)
    """Members of a group; the bot is never one."""
    people: set[int] = field(default_factory=set)
    """Members of a thread; a private one is for those who were invited."""
    applied_tags: list[str] = field(default_factory=list)
    last_pin: datetime | None = None
    message_count: int = 0
    """Messages in a thread, without those that were deleted."""
    total_message_sent: int = 0
    parent_id: int = 0
    owner_id: int = 0
    archived: bool = False
    locked: bool = False
    nsfw: bool = False
    created_at: datetime
    last_message_id: int | None = None

    @property
    def is_thread(self) -> bool:
        return self.kind in THREADS

    @property
    def is_voice(self) -> bool:
        """Whether it is for speaking, and has a text chat beside it."""
        return self.kind in (ChannelKind.VOICE, ChannelKind.STAGE)


@dataclass(slots=True, kw_only=True)
class Member:
    """A user in a server."""

    user: User
    joined_at: datetime
    roles: set[int] = field(default_factory=set)
    nick: str | None = None
    timed_out: bool = False


@dataclass(slots=True, kw_only=True)
class Guild:
    """A server."""

    id: int
    name: str
    owner_id: int
    premium_tier: int = 0
    has_commands: bool = False
    """Whether it has the application's commands without the bot."""
    preferred_locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class StoredFile:
    """An uploaded file."""

    id: int
    channel_id: int
    name: str
    data: bytes = field(repr=False)
    content_type: str
    description: str | None = None
    ephemeral: bool = False
    width: int | None = None
    height: int | None = None
    source_of: int | None = None
    """The application that got it as an option; such a file belongs to no message."""

    @property
    def spoiler(self) -> bool:
        return self.name.startswith("SPOILER_")


@dataclass(slots=True, kw_only=True)
class Message:
    """A message in its current state."""

    id: int
    channel_id: int
    guild_id: int | None
    author: User
    created_at: datetime
    kind: int = 0
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    files: list[StoredFile] = field(default_factory=list)
    flags: int = 0
    mentions: list[User] = field(default_factory=list)
    """People who are mentioned and notified."""
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    poll: Json | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict)
    reply_to: int | None = None
    reply_given: Json | None = None
    """Its ``message_reference``."""
    snapshot: "Message | None" = None
    """A copy of the message that it forwards."""
    nonce: str | int | None = None
    edited_at: datetime | None = None
    deleted: bool = False
    tts: bool = False
    pinned_at: datetime | None = None
    interaction: Json | None = None
    """Its ``interaction_metadata``, if it answers an interaction."""
    application_id: int | None = None
    seen_only_by: int | None = None
    """The only person who sees an ephemeral message."""
    edits: int = 0

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & MessageFlag.EPHEMERAL)

    @property
    def loading(self) -> bool:
        return bool(self.flags & MessageFlag.LOADING)

    @property
    def layout(self) -> bool:
        """Whether it consists of Components V2."""
        return bool(self.flags & MessageFlag.COMPONENTS_V2)

    def every_component(self) -> Iterator[Json]:
        """Yield its components at every depth."""
        return walk_components(self.components)

    @property
    def buttons(self) -> list[Json]:
        """Its buttons in reading order, as JSON objects."""
        return [part for part in self.every_component() if part.get("type") == 2]

    @property
    def text(self) -> str:
        """All its words, including embeds and text displays, one part per line."""
        parts = [self.content]
        for embed in self.embeds:
            parts += [embed.get("title", ""), embed.get("description", "")]
            for one in embed.get("fields", []):
                parts += [one["name"], one["value"]]
            parts.append(embed.get("footer", {}).get("text", ""))
        parts += [part["content"] for part in self.every_component() if part.get("type") == 10]
        return "\n".join(part for part in parts if part)


def walk_components(components: list[Json]) -> Iterator[Json]:
    """Yield components at every depth, outer ones first, accessories after their siblings."""
    for part in components:
        yield part
        yield from walk_components(part.get("components") or [])
        for key in ("accessory", "component"):
            if isinstance(part.get(key), dict):
                yield from walk_components([part[key]])
