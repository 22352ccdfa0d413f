"""Who may write, change, publish and delete messages where."""

from collections import deque
from datetime import datetime, timedelta

from sandbox.discord.rules.channels import NO_MESSAGES
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.rules.problems import locked, problem
from sandbox.discord.state.model import (
    BASIC_KINDS,
    UNDELETABLE,
    Channel,
    ChannelKind,
    Message,
    MessageFlag,
    User,
)
from sandbox.discord.state.world import World

OLD = timedelta(hours=1)
OLD_EDITS, OLD_EDITS_WITHIN = 3, timedelta(seconds=20)
"""Changes of messages older than `OLD` in a channel: a number from bug reports."""


class MessageAccess:
    """Refuses what Discord refuses to whoever does something with a message."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._old_edits: dict[int, deque[datetime]] = {}

    def check_write(self, channel: Channel, author: User, *, files: bool) -> None:
        """Check a new message by its place and its author."""
        if channel.recipient is not None and author.bot:
            self._check_direct(channel.recipient)
        if channel.kind in NO_MESSAGES:
            raise problem(NO_MESSAGES[channel.kind])
        wanted = [Permission.SEND_MESSAGES]
        if channel.is_thread:
            wanted = [Permission.SEND_MESSAGES_IN_THREADS]
        if files:
            wanted.append(Permission.ATTACH_FILES)
        self._world.need(author, channel, *wanted)
        self.check_open(channel, author)

    def _check_direct(self, person: User) -> None:
        """A bot writes to people of its servers, and to those who have installed it."""
        if not self._world.shares_server(person) and not person.has_installed:
            raise problem(50278)
        if not person.accepts_direct_messages:
            raise problem(50007)

    def check_open(self, channel: Channel, author: User) -> None:
        """Refuse a locked thread with 50083, unless somebody has Manage Threads."""
        granted = self._world.permissions(author, channel)
        if channel.locked and not granted & Permission.MANAGE_THREADS:
            raise locked()

    def check_edit(self, message: Message, author: User, *, files: bool) -> None:
        """Check a change of one's own message."""
        channel = self._world.channels[message.channel_id]
        if message.flags & MessageFlag.VOICE_MESSAGE:
            raise problem(50162)
        if message.poll is not None:
            raise problem(520003)
        if channel.archived:
            raise problem(50083)
        self.check_open(channel, author)
        if files:
            self._world.need(author, channel, Permission.ATTACH_FILES)
        self._count_old_edit(message)

    def _count_old_edit(self, message: Message) -> None:
        """30046 where too many messages that are older than an hour were changed in a channel."""
        now = self._world.clock.now()
        if now - message.created_at < OLD:
            return
        lately = self._old_edits.setdefault(message.channel_id, deque(maxlen=OLD_EDITS))
        if len(lately) == OLD_EDITS and now - lately[0] < OLD_EDITS_WITHIN:
            raise problem(30046)
        lately.append(now)

    def check_delete(self, message: Message, author: User) -> None:
        """Check a deletion; messages of others are for moderators."""
        channel = self._world.channels[message.channel_id]
        self._world.need(author, channel)
        if message.kind in UNDELETABLE:
            raise problem(50021)
        if message.author is not author:
            if channel.guild_id is None:
                raise problem(50003)
            self._world.need(author, channel, Permission.MANAGE_MESSAGES)
        if channel.archived:
            self.check_open(channel, author)

    def check_crosspost(self, message: Message, author: User) -> None:
        """Check the publication of an announcement."""
        channel = self._world.channels[message.channel_id]
        if channel.kind is not ChannelKind.ANNOUNCEMENT:
            raise problem(50024)
        wanted = [Permission.SEND_MESSAGES]
        if message.author is not author:
            wanted.append(Permission.MANAGE_MESSAGES)
        self._world.need(author, channel, *wanted)
        if message.kind not in BASIC_KINDS:
            raise problem(50068)
        if message.flags & MessageFlag.CROSSPOSTED:
            raise problem(40033)
