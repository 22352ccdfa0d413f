"""Adds, removes and clears reactions, for the bot and for people."""

from sandbox.discord.gateway.gateway import Gateway
from sandbox.discord.render import entities
from sandbox.discord.render.messages import emoji
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.rules.problems import problem
from sandbox.discord.state.model import Json, Message, User
from sandbox.discord.state.world import World

MOST = 20
"""Maximum number of different emoji on one message."""


class Reactions:
    """Reactions of people; clients are told of every change."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway

    def react(self, message: Message, user: User, name: str) -> None:
        """Add a reaction; a second one from the same person changes nothing."""
        channel = self._world.channels[message.channel_id]
        wanted = [Permission.READ_MESSAGE_HISTORY]
        if name not in message.reactions:
            wanted.append(Permission.ADD_REACTIONS)
        self._world.need(user, channel, *wanted)
        self._check_active(message)
        if not _is_emoji(name):
            raise problem(10014)
        if name not in message.reactions and len(message.reactions) >= MOST:
            raise problem(30010)
        users = message.reactions.setdefault(name, [])
        if user.id not in users:
            users.append(user.id)
            self._reaction("MESSAGE_REACTION_ADD", message, user, name)

    def unreact(self, message: Message, user: User, name: str) -> None:
        """Remove a reaction, if there is one."""
        self._check_active(message)
        users = message.reactions.get(name, [])
        if user.id not in users:
            return
        users.remove(user.id)
        if not users:
            del message.reactions[name]
        self._reaction("MESSAGE_REACTION_REMOVE", message, user, name)

    def clear(self, message: Message, name: str | None = None) -> None:
        """Remove all reactions, or all with one emoji."""
        self._check_active(message)
        where = {"message_id": str(message.id), "channel_id": str(message.channel_id)}
        body: Json = where | _where(message)
        if name is None:
            message.reactions.clear()
            self._gateway.dispatch("MESSAGE_REACTION_REMOVE_ALL", body)
        elif message.reactions.pop(name, None) is not None:
            body["emoji"] = emoji(name)
            self._gateway.dispatch("MESSAGE_REACTION_REMOVE_EMOJI", body)
        self._world.changes.announce()

    def _check_active(self, message: Message) -> None:
        """Refuse a change in an archived thread, where messages can only be deleted."""
        if self._world.channels[message.channel_id].archived:
            raise problem(50083)

    def _reaction(self, event: str, message: Message, user: User, name: str) -> None:
        body: Json = {
            "user_id": str(user.id),
            "channel_id": str(message.channel_id),
            "message_id": str(message.id),
            "emoji": emoji(name),
            "burst": False,
            "type": 0,
        }
        body |= _where(message)
        if event == "MESSAGE_REACTION_ADD":
            body["message_author_id"] = str(message.author.id)
            if message.guild_id is not None:
                guild = self._world.guilds[message.guild_id]
                body["member"] = entities.member(guild.members[user.id])
        if self._world.is_bot_in(self._world.channels[message.channel_id]):
            self._gateway.dispatch(event, body)
        self._world.changes.announce()


def _where(message: Message) -> Json:
    return {} if message.guild_id is None else {"guild_id": str(message.guild_id)}


def _is_emoji(name: str) -> bool:
    """Whether a name can be an emoji: not plain letters; a server's own is ``name:id``."""
    return bool(name) and (":" in name or not name.isascii())
