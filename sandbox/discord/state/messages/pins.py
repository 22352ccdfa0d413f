"""Pinned messages of a channel."""

from sandbox.discord.gateway.gateway import Gateway
from sandbox.discord.render import entities
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.rules.problems import problem
from sandbox.discord.state.messages.messages import Messages
from sandbox.discord.state.model import BASIC_KINDS, Channel, Json, Message, MessageKind, User
from sandbox.discord.state.world import World

PINS_MAX = 250


class Pins:
    """Pins and unpins messages; clients are told of every change."""

    def __init__(self, world: World, gateway: Gateway, messages: Messages) -> None:
        self._world = world
        self._gateway = gateway
        self._messages = messages

    def pinned(self, channel: Channel, reader: User) -> list[Message]:
        """Return the pinned messages, the last one first; none without the history."""
        self._world.need(reader, channel)
        granted = self._world.permissions(reader, channel)
        if not granted & Permission.READ_MESSAGE_HISTORY:
            return []
        found = [(one.pinned_at, one) for one in self._world.messages[channel.id].values()]
        pins = [(at, one.id, one) for at, one in found if at is not None]
        return [one for _, _, one in sorted(pins, key=lambda pin: pin[:2], reverse=True)]

    def pin(self, message: Message, by: User) -> None:
        """Pin a message; a message of Discord's own says so in the channel."""
        channel = self._may_pin(message, by)
        if message.kind not in BASIC_KINDS:
            raise problem(50021)
        if message.pinned_at is not None:
            return
        if len(self.pinned(channel, by)) >= PINS_MAX:
            raise problem(30003)
        message.pinned_at = channel.last_pin = self._world.clock.now()
        self._tell(channel)
        notice = self._messages.write(channel, by, {}, {}, reply_to=message, kind=_NOTICE)
        assert notice.reply_given is not None

    def unpin(self, message: Message, by: User) -> None:
        channel = self._may_pin(message, by)
        if message.pinned_at is not None:
            message.pinned_at = None
            self._tell(channel)

    def _may_pin(self, message: Message, by: User) -> Channel:
        channel = self._world.channels[message.channel_id]
        wanted = () if channel.guild_id is None else (Permission.PIN_MESSAGES,)
        self._world.need(by, channel, *wanted)
        if channel.archived:
            raise problem(50083)
        return channel

    def _tell(self, channel: Channel) -> None:
        body: Json = {"channel_id": str(channel.id)}
        if channel.last_pin is not None:
            body["last_pin_timestamp"] = entities.iso(channel.last_pin)
        if channel.guild_id is not None:
            body["guild_id"] = str(channel.guild_id)
        self._gateway.dispatch("CHANNEL_PINS_UPDATE", body)
        self._world.changes.announce()


_NOTICE = MessageKind.PINNED
