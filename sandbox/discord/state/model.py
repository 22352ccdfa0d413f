"""What the local Discord is made of: plain objects, changed in place by the world alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

Json = dict[str, Any]
"""A JSON object, as it comes in or goes out."""


class ChannelKind(IntEnum):
    """Discord's channel types, as far as they occur here."""

    TEXT = 0
    DIRECT = 1
    VOICE = 2
    GROUP = 3
    ANNOUNCEMENT = 5
    THREAD = 11
    PRIVATE_THREAD = 12
    STAGE = 13
    FORUM = 15
    MEDIA = 16
    LATER = 99
    """A kind that came to be after the libraries of today."""


class MessageFlag:
    """Bits of a message's ``flags``."""

    SUPPRESS_EMBEDS = 1 << 2
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody attaches."""

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
    """Bytes their own subscription allows; 0 for none."""
    locale: str = "en-US"
    """What their client is set to."""
    has_installed: bool = False
    """Whether they have the application for themselves, wherever they are."""


@dataclass(slots=True, kw_only=True)
class Role:
    """A role of a server; the one with the server's own id is everyone's."""

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
    """A text or voice channel, a thread in one, a direct message, or a group's messages."""

    id: int
    kind: ChannelKind
    name: str
    guild_id: int | None = None
    position: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    recipient: User | None = None
    group: list[User] = field(default_factory=list)
    """Who is in a group; the bot never is."""
    people: set[int] = field(default_factory=set)
    """Who was invited to a private thread."""
    parent_id: int = 0
    owner_id: int = 0
    archived: bool = False
    locked: bool = False
    nsfw: bool = False
    created_at: datetime
    last_message_id: int | None = None

    @property
    def is_thread(self) -> bool:
        return self.kind in {ChannelKind.THREAD, ChannelKind.PRIVATE_THREAD}


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
    """Whether it has the application's commands without its bot."""
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
    """The application it was handed to in an option; such a file belongs to no message."""

    @property
    def spoiler(self) -> bool:
        return self.name.startswith("SPOILER_")


@dataclass(slots=True, kw_only=True)
class Message:
    """A message, as it stands now."""

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
    """People who are mentioned and told of it."""
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    reactions: dict[str, list[int]] = field(default_factory=dict)
    reply_to: int | None = None
    reply_given: Json | None = None
    nonce: str | int | None = None
    edited_at: datetime | None = None
    deleted: bool = False
    tts: bool = False
    pinned: bool = False
    interaction: Json | None = None
    """Where it answers an interaction: its ``interaction_metadata``."""
    application_id: int | None = None
    seen_only_by: int | None = None
    """The one person an ephemeral message is shown to."""
    edits: int = 0

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & MessageFlag.EPHEMERAL)

    @property
    def loading(self) -> bool:
        return bool(self.flags & MessageFlag.LOADING)

    @property
    def layout(self) -> bool:
        """Whether it is made of Components V2 alone."""
        return bool(self.flags & MessageFlag.COMPONENTS_V2)

    def every_component(self) -> Iterator[Json]:
        """Its components at every depth."""
        return walk_components(self.components)

    @property
    def buttons(self) -> list[Json]:
        """Its buttons in reading order, as JSON objects."""
        return [part for part in self.every_component() if part.get("type") == 2]

    @property
    def text(self) -> str:
        """Every word of it, those of embeds and text displays too, a line each."""
        parts = [self.content]
        for embed in self.embeds:
            parts += [embed.get("title", ""), embed.get("description", "")]
            for one in embed.get("fields", []):
                parts += [one["name"], one["value"]]
            parts.append(embed.get("footer", {}).get("text", ""))
        parts += [part["content"] for part in self.every_component() if part.get("type") == 10]
        return "\n".join(part for part in parts if part)


def walk_components(components: list[Json]) -> Iterator[Json]:
    """Components at every depth, outer ones first, accessories after what they stand beside."""
    for part in components:
        yield part
        yield from walk_components(part.get("components", []))
        for key in ("accessory", "component"):
            if isinstance(part.get(key), dict):
                yield from walk_components([part[key]])
