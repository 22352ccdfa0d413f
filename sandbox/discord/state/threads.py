"""Threads: who begins one where, and who is in it ("Threads" in Discord's documentation)."""

from sandbox.discord.gateway.gateway import Gateway
from sandbox.discord.render import entities
from sandbox.discord.rules.channels import POSTS_ONLY, THREADS_OF
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.rules.problems import problem
from sandbox.discord.state.messages.messages import Messages
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


class Threads:
    """Begins threads, and changes their members; clients are told."""

    def __init__(self, world: World, gateway: Gateway, messages: Messages) -> None:
        self._world = world
        self._gateway = gateway
        self._messages = messages

    # --- beginning ----------------------------------------------------------------------

    def under(self, message: Message, author: User, name: str) -> Channel:
        """Begin a public thread under a message, with the message's id."""
        parent = self._world.channels[message.channel_id]
        if parent.kind not in THREADS_OF or parent.kind in POSTS_ONLY:
            raise problem(50024)
        self._world.need(author, parent, Permission.CREATE_PUBLIC_THREADS)
        if message.id in self._world.channels:
            raise problem(160004)
        thread = self._begin(parent, author, name, THREADS_OF[parent.kind], id=message.id)
        message.flags |= MessageFlag.HAS_THREAD
        self._messages.announce_change(message)
        starter = self._messages.write(thread, author, {}, {}, kind=MessageKind.THREAD_STARTER)
        starter.reply_to = message.id
        return thread

    def alone(self, parent: Channel, author: User, name: str, kind: int | None) -> Channel:
        """Begin a thread without a message; a private one, unless it says otherwise."""
        wanted = ChannelKind.PRIVATE_THREAD if kind is None else kind
        is_private = wanted == ChannelKind.PRIVATE_THREAD
        allowed = {THREADS_OF.get(parent.kind)}
        if parent.kind is ChannelKind.TEXT:
            allowed.add(ChannelKind.PRIVATE_THREAD)
        if wanted not in allowed:
            raise problem(50024)
        public, private = Permission.CREATE_PUBLIC_THREADS, Permission.CREATE_PRIVATE_THREADS
        self._world.need(author, parent, private if is_private else public)
        return self._begin(parent, author, name, ChannelKind(wanted))

    def post(
        self, parent: Channel, author: User, name: str, body: Json, uploads: dict[int, Upload]
    ) -> tuple[Channel, Message]:
        """Begin a thread of a forum with its first message, which has the same id."""
        wanted = [Permission.SEND_MESSAGES] + [Permission.ATTACH_FILES] * bool(uploads)
        self._world.need(author, parent, *wanted)
        self._messages.check_new(parent, body, uploads)
        thread = self._begin(parent, author, name, THREADS_OF[parent.kind])
        message = self._messages.write(thread, author, body, uploads, message_id=thread.id)
        return thread, message

    def _begin(
        self, parent: Channel, author: User, name: str, kind: ChannelKind, id: int | None = None
    ) -> Channel:
        thread = self._world.add_thread(parent, name, owner=author, kind=kind, id=id)
        body = entities.channel(thread) | {"newly_created": True}
        if self._world.may_see(self._world.bot, thread):
            self._gateway.dispatch("THREAD_CREATE", body)
        self._world.changes.announce()
        return thread

    # --- members ------------------------------------------------------------------------

    def join(self, thread: Channel, by: User, user: User) -> None:
        """Add somebody; whoever adds others must be able to write there."""
        wanted = [] if by is user else [Permission.SEND_MESSAGES_IN_THREADS]
        self._check_active(thread, by, *wanted)
        if user.id in thread.people:
            return
        self._world.need(user, self._world.channels[thread.parent_id])
        thread.people.add(user.id)
        added = self.member(thread, user) | {"presence": None}
        member = self._world.guilds[thread.guild_id or 0].members[user.id]
        self._tell(thread, user, added_members=[added | {"member": entities.member(member)}])

    def leave(self, thread: Channel, by: User, user: User) -> None:
        """Remove somebody: oneself, or others as a moderator or owner of a private thread."""
        owns = thread.kind is ChannelKind.PRIVATE_THREAD and thread.owner_id == by.id
        wanted = [] if by is user or owns else [Permission.MANAGE_THREADS]
        self._check_active(thread, by, *wanted)
        if user.id in thread.people:
            thread.people.discard(user.id)
            self._tell(thread, user, removed_member_ids=[str(user.id)])

    def member(self, thread: Channel, user: User) -> Json:
        """Render a member; 10007 if somebody is none."""
        if user.id not in thread.people:
            raise problem(10007)
        return {
            "id": str(thread.id),
            "user_id": str(user.id),
            "join_timestamp": entities.iso(thread.created_at),
            "flags": 0,
        }

    def _check_active(self, thread: Channel, by: User, *wanted: Permission) -> None:
        if not thread.is_thread:
            raise problem(50024)
        self._world.need(by, thread, *wanted)
        if thread.archived:
            raise problem(50083)

    def _tell(self, thread: Channel, user: User, **changed: object) -> None:
        """Tell clients; those without the intent for members, about the bot alone."""
        if user is self._world.bot and "added_members" in changed:
            self._gateway.dispatch("THREAD_CREATE", entities.channel(thread))
        body = {
            "id": str(thread.id),
            "guild_id": str(thread.guild_id),
            "member_count": min(50, len(thread.people)),
        }
        self._gateway.dispatch("THREAD_MEMBERS_UPDATE", body | changed)
        self._world.changes.announce()
