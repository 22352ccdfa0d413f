"""Writes, changes and deletes messages, for the bot and for people."""

from datetime import timedelta

from sandbox.discord.gateway.gateway import Gateway
from sandbox.discord.render import entities
from sandbox.discord.render.messages import MessageRenderer
from sandbox.discord.rules.component_echo import echo_components
from sandbox.discord.rules.embeds import shown_embeds
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.rules.polls import made_poll
from sandbox.discord.rules.problems import problem
from sandbox.discord.rules.validation import (
    allowed_flags,
    check_message,
    check_not_empty,
    edited_flags,
)
from sandbox.discord.state.access import MessageAccess
from sandbox.discord.state.files import Files
from sandbox.discord.state.messages.mentions import mention
from sandbox.discord.state.messages.references import References
from sandbox.discord.state.model import (
    Channel,
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


class Messages:
    """Messages of all channels; clients are told of every change."""

    def __init__(
        self, world: World, files: Files, gateway: Gateway, renderer: MessageRenderer
    ) -> None:
        self.nonce_life = NONCE_LIFE
        self._world = world
        self._files = files
        self._gateway = gateway
        self._render = renderer
        self._references = References(world, renderer)
        self.access = MessageAccess(world)

    # --- writing ------------------------------------------------------------------------

    def post(
        self, channel: Channel, author: User, body: Json, uploads: dict[int, Upload]
    ) -> Message:
        """Post to a channel with all checks; an enforced nonce returns the earlier message."""
        self.access.check_write(channel, author, files=bool(uploads))
        self._open_again(channel)
        self.check_new(channel, body, uploads)
        if body.get("tts"):
            self._world.need(author, channel, Permission.SEND_TTS_MESSAGES)
        known = self._by_nonce(channel, author, body)
        if known is not None:
            return known
        return self.write(channel, author, body, uploads)

    def check_new(self, channel: Channel, body: Json, uploads: dict[int, Upload]) -> None:
        """Check the form of a new message, and its files."""
        check_message(body, uploads)
        check_not_empty(body, uploads)
        self.check_sizes(channel, uploads)

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
        message_id: int | None = None,
    ) -> Message:
        """Create a message that has been checked by the caller; ``kind``: unless it is a reply."""
        message = Message(
            id=message_id or self._world.ids.next(),
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
        message.flags &= ~MessageFlag.EPHEMERAL
        if seen_only_by is not None:
            message.flags |= MessageFlag.EPHEMERAL
        if interaction is None and body.get("message_reference"):
            self._references.apply(message, body["message_reference"])
        if reply_to is not None:
            self._references.refer(message, reply_to.id, kind)
        self.fill(message, body, uploads)
        message.flags |= MessageFlag.LOADING if loading else 0
        self._world.messages[channel.id][message.id] = message
        self._world.typing.end(channel.id, author.id)
        channel.last_message_id = message.id
        channel.message_count += 1
        channel.total_message_sent += 1
        self._announce("MESSAGE_CREATE", message)
        return message

    def fill(self, message: Message, body: Json, uploads: dict[int, Upload]) -> None:
        """Update content, embeds, components and files from a body; missing fields stay."""
        if "content" in body:
            message.content = body["content"] or ""
        if "embeds" in body:
            message.embeds = shown_embeds(body["embeds"] or [])
        if "components" in body:
            message.components = echo_components(body["components"] or [])
        channel = self._world.channels[message.channel_id]
        if self._world.is_bot_in(channel) and not (
            self._world.permissions(message.author, channel) & Permission.EMBED_LINKS
        ):
            message.embeds = []
        if body.get("poll"):
            message.poll = made_poll(body["poll"], message.created_at)
        self._take_files(message, body, uploads)
        if "content" in body or "components" in body:
            mention(message, body, self._world)

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

    def _open_again(self, channel: Channel) -> None:
        """Reopen an archived thread after a message."""
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
        """Edit one's own message through its channel; of others', the flags with a permission."""
        channel = self._world.channels[message.channel_id]
        self._world.need(author, channel)
        if message.author is not author:
            return self._edit_flags(message, author, body, uploads)
        self.access.check_edit(message, author, files=bool(uploads))
        return self.rewrite(message, body, uploads)

    def _edit_flags(
        self, message: Message, author: User, body: Json, uploads: dict[int, Upload]
    ) -> Message:
        if uploads or {key for key, value in body.items() if value is not None} != {"flags"}:
            raise problem(50005)
        check_message(body, uploads, edited=message)
        channel = self._world.channels[message.channel_id]
        self._world.need(author, channel, Permission.MANAGE_MESSAGES)
        flag = MessageFlag.SUPPRESS_EMBEDS
        message.flags = (message.flags & ~flag) | (int(body["flags"]) & flag)
        return self.touch(message)

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
        message.flags = edited_flags(message.flags, body)
        content = message.content or message.embeds or message.components or message.files
        if not (content or message.poll):
            message.content, message.embeds, message.components, message.files = before
            raise problem(50006)
        return self.touch(message)

    def announce_change(self, message: Message) -> None:
        """Tell clients of a change that is no edit."""
        self._announce("MESSAGE_UPDATE", message)

    def touch(self, message: Message) -> Message:
        """Mark a message as edited and announce it."""
        message.flags &= ~MessageFlag.LOADING
        message.edited_at = self._world.clock.now()
        message.edits += 1
        self._announce("MESSAGE_UPDATE", message)
        return message

    def delete(self, *messages: Message) -> None:
        """Delete a message, or several of one channel together."""
        for message in messages:
            self._world.messages[message.channel_id].pop(message.id, None)
            message.deleted = True
            for file in message.files:
                self._files.forget(file)
        first = messages[0]
        channel = self._world.channels[first.channel_id]
        channel.message_count -= len(messages)
        where = {"channel_id": str(channel.id)} | self._where(first)
        if first.seen_only_by is None and self._world.is_bot_in(channel):
            ids = [str(one.id) for one in messages]
            if len(ids) == 1:
                self._gateway.dispatch("MESSAGE_DELETE", {"id": ids[0]} | where)
            else:
                self._gateway.dispatch("MESSAGE_DELETE_BULK", {"ids": ids} | where)
        self._world.changes.announce()

    def crosspost(self, message: Message, author: User) -> Message:
        """Publish a message of an announcement channel to the channels that follow it."""
        self.access.check_crosspost(message, author)
        message.flags |= MessageFlag.CROSSPOSTED
        self.announce_change(message)
        return message

    # --- telling ------------------------------------------------------------------------

    def _announce(self, event: str, message: Message) -> None:
        """Tell clients about a message, except for ephemeral ones, which answer interactions."""
        channel = self._world.channels[message.channel_id]
        if message.seen_only_by is None and self._world.is_bot_in(channel):
            body = self._render.message(message) | self._where(message)
            body["channel_type"] = int(channel.kind)
            if message.guild_id is not None:
                member = self._world.guilds[message.guild_id].members.get(message.author.id)
                if member is not None:
                    body["member"] = entities.member(member)
                    del body["member"]["user"]
            self._gateway.dispatch(event, body)
        self._world.changes.announce()

    def _where(self, message: Message) -> Json:
        return {} if message.guild_id is None else {"guild_id": str(message.guild_id)}
