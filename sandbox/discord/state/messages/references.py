"""References of new messages: replies and forwards ("Message Reference Object")."""

from dataclasses import replace

from sandbox.discord.render.messages import MessageRenderer
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.rules.problems import FormErrors, invalid_form, problem
from sandbox.discord.rules.validation import FORWARD
from sandbox.discord.state.model import (
    BASIC_KINDS,
    Channel,
    Json,
    Message,
    MessageFlag,
    MessageKind,
    User,
)
from sandbox.discord.state.world import World


class References:
    """Lets new messages refer to others, where Discord does."""

    def __init__(self, world: World, renderer: MessageRenderer) -> None:
        self._world = world
        self._render = renderer

    def apply(self, message: Message, reference: Json) -> None:
        """Make a message a reply or a forward, as its author wants."""
        if reference.get("type") == FORWARD:
            self._forward(message, reference)
        else:
            self._reply(message, reference)

    def refer(self, message: Message, parent_id: int, kind: int = MessageKind.REPLY) -> None:
        """Let a message point to another one of its channel."""
        message.kind, message.reply_to = kind, parent_id
        channel = self._world.channels[message.channel_id]
        message.reply_given = _pointer(0, parent_id, channel)

    def _reply(self, message: Message, reference: Json) -> None:
        elsewhere = reference.get("channel_id")
        if elsewhere is not None and int(elsewhere) != message.channel_id:
            words = "Cannot reply to a message in a different channel"
            raise invalid_form("message_reference", "REPLIES_CANNOT_REFERENCE_CHANNEL", words)
        parent = self._world.messages[message.channel_id].get(int(reference["message_id"]))
        if parent is None or parent.ephemeral:
            if reference.get("fail_if_not_exists", True):
                raise _unknown()
            return
        if parent.kind not in BASIC_KINDS:
            words = "Cannot reply to a system message"
            code = "REPLIES_CANNOT_REFERENCE_SYSTEM_MESSAGE"
            raise invalid_form("message_reference", code, words)
        channel = self._world.channels[message.channel_id]
        if not self._may_read(message.author, channel):
            raise problem(160002)
        self.refer(message, parent.id)

    def _forward(self, message: Message, reference: Json) -> None:
        source = self._source(message, reference)
        original = self._world.messages[source.id].get(int(reference["message_id"]))
        if original is None or original.ephemeral:
            raise _unknown()
        if original.kind not in BASIC_KINDS or original.poll is not None:
            raise problem(50021)
        if message.author.bot and not self._render.shows_content(original):
            raise problem(160014)
        message.reply_given = _pointer(FORWARD, original.id, source)
        # A forward of a forward has the message that was forwarded first: snapshots do not nest.
        message.snapshot = original.snapshot or replace(original, files=[*original.files])
        message.flags |= MessageFlag.HAS_SNAPSHOT

    def _source(self, message: Message, reference: Json) -> Channel:
        """Return the channel of a forwarded message, which its forwarder must be able to read."""
        if reference.get("channel_id") is None:
            errors = FormErrors()
            errors.required("message_reference.channel_id")
            errors.raise_if_any()
        world = self._world
        source = world.find_channel(int(reference["channel_id"]))
        world.need(message.author, source)
        if not self._may_read(message.author, source):
            raise problem(160009)
        if source.nsfw and not world.channels[message.channel_id].nsfw:
            raise problem(160010)
        return source

    def _may_read(self, author: User, channel: Channel) -> bool:
        granted = self._world.permissions(author, channel)
        return bool(granted & Permission.READ_MESSAGE_HISTORY)


def _pointer(kind: int, message_id: int, channel: Channel) -> Json:
    guild = {} if channel.guild_id is None else {"guild_id": str(channel.guild_id)}
    return {"type": kind, "message_id": str(message_id), "channel_id": str(channel.id)} | guild


def _unknown() -> Exception:
    return invalid_form("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
