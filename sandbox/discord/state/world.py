"""The world: servers, people, channels and messages. It knows nothing of HTTP or the gateway."""

from bot.clock import Clock
from sandbox.discord.rules.channels import THREADS_OF
from sandbox.discord.rules.permissions import (
    BY_PERSON,
    DIRECT_MESSAGE,
    EVERYONE,
    Permission,
    base_permissions,
    permissions_in,
)
from sandbox.discord.rules.problems import problem
from sandbox.discord.state.changes import Changes
from sandbox.discord.state.files import UPLOAD_LIMITS
from sandbox.discord.state.model import (
    Channel,
    ChannelKind,
    Guild,
    Json,
    Member,
    Message,
    Overwrite,
    Role,
    User,
)
from sandbox.discord.state.snowflakes import Snowflakes
from sandbox.discord.state.typing import Typing


class World:
    """Servers, people, channels and messages, and methods to add them."""

    def __init__(self, clock: Clock, *, app_name: str = "Flipbook") -> None:
        self.clock = clock
        self.ids = Snowflakes(clock)
        self.changes = Changes()
        self.typing = Typing(self.changes)
        self.app_name = app_name
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, dict[int, Message]] = {}
        self.own_installs = True
        """Whether people may install the application for themselves, a choice of its owner."""
        self.interactions_endpoint: str | None = None
        """URL that the owner set for interactions instead of the gateway; it is only shown."""
        self.privileged_intents = 0
        """Privileged intents that are switched on for the application, as bits."""
        self.command_permissions: dict[tuple[int, int], list[Json]] = {}
        self.bot = self.add_user(app_name, bot=True)
        self.application_id = self.bot.id

    # --- making things ------------------------------------------------------------------

    def add_user(self, name: str, *, bot: bool = False) -> User:
        user = User(id=self.ids.next(), name=name, bot=bot)
        self.users[user.id] = user
        return user

    def add_guild(
        self,
        name: str,
        *,
        owner: User,
        bot_permissions: int | None = None,
        premium_tier: int = 0,
        with_bot: bool = True,
    ) -> Guild:
        """Add a server with the bot in it, with a role of its own unless permissions are ``None``.

        Without the bot, it is a server where people use what they installed for themselves.
        """
        guild = Guild(id=self.ids.next(), name=name, owner_id=owner.id, premium_tier=premium_tier)
        everyone = Role(
            id=guild.id, guild_id=guild.id, name="@everyone", permissions=EVERYONE, position=0
        )
        guild.roles[guild.id] = everyone
        self.guilds[guild.id] = guild
        self.add_member(guild, owner)
        if not with_bot:
            return guild
        bot_member = self.add_member(guild, self.bot)
        if bot_permissions is not None:
            role = self.add_role(guild, self.app_name, bot_permissions, managed=True)
            bot_member.roles.add(role.id)
        return guild

    def add_role(
        self, guild: Guild, name: str, permissions: int = 0, *, managed: bool = False
    ) -> Role:
        role = Role(
            id=self.ids.next(),
            guild_id=guild.id,
            name=name,
            permissions=permissions,
            position=len(guild.roles),
            managed=managed,
        )
        guild.roles[role.id] = role
        return role

    def add_member(self, guild: Guild, user: User | str, *roles: Role) -> Member:
        """Add somebody to a server; a name creates a new account."""
        account = self.add_user(user) if isinstance(user, str) else user
        member = Member(user=account, joined_at=self.clock.now(), roles={role.id for role in roles})
        guild.members[account.id] = member
        return member

    def add_channel(self, guild: Guild, name: str, kind: ChannelKind = ChannelKind.TEXT) -> Channel:
        channel = Channel(
            id=self.ids.next(),
            kind=kind,
            name=name,
            guild_id=guild.id,
            position=len(guild.channels),
            created_at=self.clock.now(),
        )
        return self._keep_channel(channel, guild)

    def add_thread(
        self,
        parent: Channel,
        name: str,
        *,
        owner: User,
        private: bool = False,
        kind: ChannelKind | None = None,
        id: int | None = None,
    ) -> Channel:
        """Add a thread, public unless it is said otherwise; ``id``: that of its message."""
        public = THREADS_OF.get(parent.kind, ChannelKind.THREAD)
        guild = self.guilds[parent.guild_id or 0]
        thread = Channel(
            id=id or self.ids.next(),
            kind=kind or (ChannelKind.PRIVATE_THREAD if private else public),
            name=name,
            guild_id=guild.id,
            parent_id=parent.id,
            owner_id=owner.id,
            people={owner.id},
            created_at=self.clock.now(),
        )
        return self._keep_channel(thread, guild)

    def _keep_channel(self, channel: Channel, guild: Guild | None) -> Channel:
        self.channels[channel.id] = channel
        self.messages[channel.id] = {}
        if guild is not None:
            guild.channels[channel.id] = channel
        return channel

    def direct_channel(self, user: User) -> Channel:
        """Return the direct messages between the bot and somebody; create them if needed."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        channel = Channel(
            id=self.ids.next(),
            kind=ChannelKind.DIRECT,
            name=user.name,
            recipient=user,
            created_at=self.clock.now(),
        )
        return self._keep_channel(channel, None)

    def add_group(self, name: str, *people: User) -> Channel:
        """Add a group's messages, which the bot cannot be part of."""
        group = Channel(
            id=self.ids.next(),
            kind=ChannelKind.GROUP,
            name=name,
            group=list(people),
            owner_id=people[0].id,
            created_at=self.clock.now(),
        )
        return self._keep_channel(group, None)

    def set_overwrite(
        self, channel: Channel, target: Role | Member, *, allow: int = 0, deny: int = 0
    ) -> None:
        kind, target_id = (0, target.id) if isinstance(target, Role) else (1, target.user.id)
        channel.overwrites[target_id] = Overwrite(
            id=target_id, kind=kind, allow=int(allow), deny=int(deny)
        )

    # --- finding things -----------------------------------------------------------------

    @property
    def guild(self) -> Guild:
        """The first server."""
        return next(iter(self.guilds.values()))

    def channel(self, name: str | Channel, guild: Guild | None = None) -> Channel:
        """Return a channel of a server by name."""
        if isinstance(name, Channel):
            return name
        channels = (guild or self.guild).channels.values()
        return next(channel for channel in channels if channel.name == name.removeprefix("#"))

    def user(self, name: str) -> User:
        return next(user for user in self.users.values() if user.name == name)

    def find_channel(self, channel_id: int) -> Channel:
        """Return a channel by id; 10003 if there is none."""
        channel = self.channels.get(channel_id)
        if channel is None:
            raise problem(10003)
        return channel

    def find_guild(self, guild_id: int) -> Guild:
        """Return a server that the bot is in; 10004 if there is none."""
        guild = self.guilds.get(guild_id)
        if guild is None or self.bot.id not in guild.members:
            raise problem(10004)
        return guild

    def find_message(self, channel_id: int, message_id: int) -> Message:
        """Return a message by id; 10008 if there is none, or if it is ephemeral."""
        message = self.messages.get(channel_id, {}).get(message_id)
        if message is None or message.ephemeral:
            raise problem(10008)
        return message

    def shares_server(self, user: User) -> bool:
        """Whether the bot and somebody are in the same server."""
        both = {user.id, self.bot.id}
        return any(both <= guild.members.keys() for guild in self.guilds.values())

    def guild_of(self, channel: Channel) -> Guild | None:
        return None if channel.guild_id is None else self.guilds[channel.guild_id]

    # --- permissions --------------------------------------------------------------------

    def permissions(self, user: User, channel: Channel) -> int:
        """Return somebody's permissions in a channel; none if they are not a member."""
        guild = self.guild_of(channel)
        if channel.kind is ChannelKind.GROUP:
            return int(DIRECT_MESSAGE) if user in channel.group else 0
        if guild is None:
            mine = user is channel.recipient or user is self.bot
            return int(DIRECT_MESSAGE) if mine else 0
        member = guild.members.get(user.id)
        return permissions_in(guild, member, channel) if member else 0

    def may_see(self, user: User, channel: Channel) -> bool:
        """Whether somebody sees the content of a channel.

        A private thread is for people who were invited or have Manage Threads, whatever other
        permissions say. Text in a voice channel is for people who may connect (Discord's
        documentation: "Threads", and "Get Channel Messages").
        """
        granted = self.permissions(user, channel)
        if channel.is_voice and not granted & Permission.CONNECT:
            return False
        is_private = channel.kind is ChannelKind.PRIVATE_THREAD
        if is_private and user.id not in channel.people:
            return bool(granted & Permission.MANAGE_THREADS)
        return bool(granted & Permission.VIEW_CHANNEL)

    def is_bot_in(self, channel: Channel) -> bool:
        """Whether the bot itself is there, and not only somebody who installed it."""
        guild = self.guild_of(channel)
        if guild is None:
            return channel.kind is not ChannelKind.GROUP
        return self.bot.id in guild.members

    def has_app(self, channel: Channel) -> bool:
        """Whether the application is there for everybody, with its bot or with commands only."""
        guild = self.guild_of(channel)
        return self.is_bot_in(channel) or (guild is not None and guild.has_commands)

    def app_permissions(self, person: User, channel: Channel) -> int:
        """Return the permissions for answers to a person's interactions.

        Without the bot, they depend on the person's permissions. In private channels, the bits are
        those that Discord's documentation names there.
        """
        if self.is_bot_in(channel):
            return self.permissions(self.bot, channel)
        return self.permissions(person, channel) & BY_PERSON

    def guild_permissions(self, user: User, guild: Guild) -> int:
        member = guild.members.get(user.id)
        return base_permissions(guild, member) if member else 0

    def need(self, user: User, channel: Channel, *wanted: Permission) -> None:
        """Raise 50001 if somebody cannot see the channel, 50013 for another missing permission."""
        granted = self.permissions(user, channel)
        if not self.may_see(user, channel):
            raise problem(50001)
        if any(not granted & permission for permission in wanted):
            raise problem(50013)

    def upload_limit(self, channel: Channel, user: User | None = None) -> int:
        """Return the bytes per file: the server's limit, or the person's if it is higher."""
        guild = self.guild_of(channel)
        tier = UPLOAD_LIMITS[guild.premium_tier if guild else 0]
        return max(tier, user.upload_limit if user else 0)
