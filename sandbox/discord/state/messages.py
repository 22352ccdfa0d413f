"""Writes, changes and deletes messages, for the bot and for people."""

from collections import deque
from datetime import datetime, timedelta
from typing import Any

from sandbox.discord.gateway.gateway import Gateway
from sandbox.discord.render import entities
from sandbox.discord.render.messages import MessageRenderer
from sandbox.discord.rules.component_echo import echo_components
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.rules.problems import invalid_form, locked, problem
from sandbox.discord.rules.validation import allowed_flags, check_message, check_not_empty
from sandbox.discord.state.files import Files
from sandbox.discord.state.mentions import mention
from sandbox.discord.state.model import (
    Channel,
    ChannelKind,
    Json,
    Message,
    MessageFlag,
    MessageKind,
    Upload,
    User,
)
from sandbox.discord.state.world import World

NONCE_LIFE = timedelta(minutes=5)
"""How long an enforced nonce is remembered ("the past few minutes" in the documentation)."""

OLD = timedelta(hours=1)
OLD_EDITS, OLD_EDITS_WITHIN = 3, timedelta(seconds=20)
"""Changes of messages older than `OLD` in a channel: a number from bug reports."""

_THREADS = Permission.MANAGE_THREADS


class Messages:
    """Messages of all channels; clients are told of every change."""

    def __init__(
        self, world: World, files: Files, gateway: Gateway, renderer: MessageRenderer
    ) -> None:
        self.nonce_life = NONCE_LIFE
        self._old_edits: dict[int, deque[datetime]] = {}
        self._world = world
        self._files = files
        self._gateway = gateway
        self._render = renderer

    # --- writing ------------------------------------------------------------------------

    def post(
        self, channel: Channel, author: User, body: Json, uploads: dict[int, Upload]
    ) -> Message:
        """Post to a channel with all checks; an enforced nonce returns the earlier message."""
        self._may_post(channel, author, uploads)
        check_message(body, uploads)
        check_not_empty(body, uploads)
        if body.get("tts"):
            self._world.need(author, channel, Permission.SEND_TTS_MESSAGES)
        self.check_sizes(channel, uploads)
        known = self._by_nonce(channel, author, body)
        if known is not None:
            return known
        return self.write(channel, author, body, uploads)

    def write(
        self,
        channel: Channel,
        author: User,
        body: Json,
        uploads: dict[int, Upload],
        *,
        seen_only_by: User | None = None,
        interaction: Json | None = None,
        loading: bool = False,
        reply_to: Message | None = None,
        kind: int = MessageKind.DEFAULT,
    ) -> Message:
        """Create a message that has been checked by the caller; ``kind``: unless it is a reply."""
        message = Message(
            id=self._world.ids.next(),
            channel_id=channel.id,
            guild_id=channel.guild_id,
            author=author,
            created_at=self._world.clock.now(),
            kind=kind,
            flags=allowed_flags(body),
            nonce=body.get("nonce"),
            tts=bool(body.get("tts")),
            interaction=interaction,
            application_id=None if interaction is None else self._world.application_id,
            seen_only_by=None if seen_only_by is None else seen_only_by.id,
        )
        if seen_only_by is not None:
            message.flags |= MessageFlag.EPHEMERAL
        self._reply(message, body.get("message_reference"))
        if reply_to is not None:
            self.refer(message, reply_to.id, kind)
        self.fill(message, body, uploads)
        message.flags |= MessageFlag.LOADING if loading else 0
        self._world.messages[channel.id][message.id] = message
        self._world.typing.end(channel.id, author.id)
        channel.last_message_id = message.id
        self._announce("MESSAGE_CREATE", message)
        return message

    def fill(self, message: Message, body: Json, uploads: dict[int, Upload]) -> None:
        """Update content, embeds, components and files from a body; missing fields stay."""
        if "content" in body:
            message.content = body["content"] or ""
        if "embeds" in body:
            message.embeds = [{"type": "rich"} | embed for embed in body["embeds"] or []]
        if "components" in body:
            message.components = echo_components(body["components"] or [])
        channel = self._world.channels[message.channel_id]
        if self._world.is_bot_in(channel) and not (
            self._world.permissions(message.author, channel) & Permission.EMBED_LINKS
        ):
            message.embeds = []
        self._take_files(message, body, uploads)
        if "content" in body or "components" in body:
            mention(message, body, self._world)
        if "flags" in body:
            kept = MessageFlag.EPHEMERAL | MessageFlag.COMPONENTS_V2
            message.flags = (message.flags & kept) | allowed_flags(body)
            if message.seen_only_by is None:
                message.flags &= ~MessageFlag.EPHEMERAL

    def _take_files(self, message: Message, body: Json, uploads: dict[int, Upload]) -> None:
        listed = body.get("attachments")
        if listed is not None:
            # "Any previously-added files that aren't included will be removed", even if a component
            # shows them. Without a list, all files stay, and new ones are appended.
            kept = {int(one["id"]) for one in listed}
            message.files = [file for file in message.files if file.id in kept]
        described = {int(one["id"]): one for one in listed or []}
        for number, upload in uploads.items():
            words = described.get(number, {}).get("description")
            stored = self._files.keep(upload, channel_id=message.channel_id, description=words)
            stored.ephemeral = message.seen_only_by is not None
            message.files.append(stored)

    def _reply(self, message: Message, reference: Any) -> None:
        if not reference:
            return
        if reference.get("type") == 1:
            # Nothing is ever forwarded here; this is the answer for content that is not readable.
            raise problem(160014)
        elsewhere = reference.get("channel_id")
        if elsewhere is not None and int(elsewhere) != message.channel_id:
            words = "Cannot reply to a message in a different channel"
            raise invalid_form("message_reference", "REPLIES_CANNOT_REFERENCE_CHANNEL", words)
        parent_id = int(reference["message_id"])
        parent = self._world.messages[message.channel_id].get(parent_id)
        if parent is None or parent.ephemeral:
            if reference.get("fail_if_not_exists", True):
                raise invalid_form(
                    "message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message"
                )
            return
        channel = self._world.channels[message.channel_id]
        granted = self._world.permissions(message.author, channel)
        if not granted & Permission.READ_MESSAGE_HISTORY:
            raise problem(160002)
        self.refer(message, parent_id)

    def refer(self, message: Message, parent_id: int, kind: int = MessageKind.REPLY) -> None:
        """Let a message point to another one of its channel."""
        message.kind, message.reply_to = kind, parent_id
        given = {"type": 0, "message_id": str(parent_id), "channel_id": str(message.channel_id)}
        guild = {} if message.guild_id is None else {"guild_id": str(message.guild_id)}
        message.reply_given = given | guild

    def _may_post(self, channel: Channel, author: User, uploads: dict[int, Upload]) -> None:
        if channel.kind is ChannelKind.DIRECT:
            other = channel.recipient
            if author.bot and other is not None:
                self._may_write_to(other)
        if channel.kind in (ChannelKind.FORUM, ChannelKind.MEDIA):
            raise problem(40058)
        wanted = [Permission.SEND_MESSAGES]
        if channel.is_thread:
            wanted = [Permission.SEND_MESSAGES_IN_THREADS]
        if uploads:
            wanted.append(Permission.ATTACH_FILES)
        self._world.need(author, channel, *wanted)
        self._open_again(channel, author)

    def _may_write_to(self, person: User) -> None:
        """A bot writes to people of its servers, and to those who have installed it."""
        if not self._world.shares_server(person) and not person.has_installed:
            raise problem(50278)
        if not person.accepts_direct_messages:
            raise problem(50007)

    def check_open(self, channel: Channel, author: User) -> None:
        """Refuse a locked thread with 50083, unless somebody has Manage Threads."""
        if channel.locked and not self._world.permissions(author, channel) & _THREADS:
            raise locked()

    def _open_again(self, channel: Channel, author: User) -> None:
        """Reopen an archived thread after a message, unless it is locked."""
        self.check_open(channel, author)
        if channel.archived:
            channel.archived = False
            self._gateway.dispatch("THREAD_UPDATE", entities.channel(channel))

    def check_sizes(
        self, channel: Channel, uploads: dict[int, Upload], person: User | None = None
    ) -> None:
        """Refuse a file over the channel's upload limit with 40005."""
        limit = self._world.upload_limit(channel, person)
        if any(len(upload.data) > limit for upload in uploads.values()):
            raise problem(40005)

    def _by_nonce(self, channel: Channel, author: User, body: Json) -> Message | None:
        nonce = body.get("nonce")
        if nonce is None or not body.get("enforce_nonce"):
            return None
        oldest = self._world.clock.now() - self.nonce_life
        for message in reversed(self._world.messages[channel.id].values()):
            if message.created_at < oldest:
                return None
            if message.author is author and message.nonce == nonce:
                return message
        return None

    def rendered(self, message: Message) -> Json:
        """Render the message object as people see it."""
        return self._render.whole(message)

    def target(self, message: Message) -> Json:
        """Render the message object that comes with a command from its menu."""
        return self._render.target(message)

    # --- changing -----------------------------------------------------------------------

    def edit(
        self, message: Message, author: User, body: Json, uploads: dict[int, Upload]
    ) -> Message:
        """Edit one's own message through its channel."""
        channel = self._world.channels[message.channel_id]
        self._world.need(author, channel)
        if message.author is not author:
            raise problem(50005)
        if channel.archived:
            raise problem(50083)
        self.check_open(channel, author)
        if uploads:
            self._world.need(author, channel, Permission.ATTACH_FILES)
        self._count_old_edit(message)
        return self.rewrite(message, body, uploads)

    def _count_old_edit(self, message: Message) -> None:
        """30046 where too many messages that are older than an hour were changed in a channel."""
        now = self._world.clock.now()
        if now - message.created_at < OLD:
            return
        lately = self._old_edits.setdefault(message.channel_id, deque(maxlen=OLD_EDITS))
        if len(lately) == OLD_EDITS and now - lately[0] < OLD_EDITS_WITHIN:
            raise problem(30046)
        lately.append(now)

    def rewrite(
        self,
        message: Message,
        body: Json,
        uploads: dict[int, Upload],
        *,
        under: str = "",
        person: User | None = None,
    ) -> Message:
        """Change a message after the caller's checks of permissions.

        ``under`` is the path of the form; ``person`` may have an upload limit of their own.
        """
        check_message(body, uploads, edited=message, under=under)
        self.check_sizes(self._world.channels[message.channel_id], uploads, person)
        before = (message.content, message.embeds, message.components, message.files)
        self.fill(message, body, uploads)
        if not (message.content or message.embeds or message.components or message.files):
            message.content, message.embeds, message.components, message.files = before
            raise problem(50006)
        return self.touch(message)

    def touch(self, message: Message) -> Message:
        """Mark a message as edited and announce it."""
        message.flags &= ~MessageFlag.LOADING
        message.edited_at = self._world.clock.now()
        message.edits += 1
        self._announce("MESSAGE_UPDATE", message)
        return message

    def delete(self, message: Message) -> None:
        """Delete a message."""
        self._world.messages[message.channel_id].pop(message.id, None)
        message.deleted = True
        for file in message.files:
            self._files.forget(file)
        where = self._where(message)
        gone = {"id": str(message.id), "channel_id": str(message.channel_id)} | where
        channel = self._world.channels[message.channel_id]
        if message.seen_only_by is None and self._world.is_bot_in(channel):
            self._gateway.dispatch("MESSAGE_DELETE", gone)
        self._world.changes.announce()

    # --- telling ------------------------------------------------------------------------

    def _announce(self, event: str, message: Message) -> None:
        """Tell clients about a message, except for ephemeral ones, which answer interactions."""
        channel = self._world.channels[message.channel_id]
        if message.seen_only_by is None and self._world.is_bot_in(channel):
            body = self._render.message(message) | self._where(message)
            if message.guild_id is not None:
                member = self._world.guilds[message.guild_id].members.get(message.author.id)
                if member is not None:
                    body["member"] = entities.member(member)
                    del body["member"]["user"]
            self._gateway.dispatch(event, body)
        self._world.changes.announce()

    def _where(self, message: Message) -> Json:
        return {} if message.guild_id is None else {"guild_id": str(message.guild_id)}
