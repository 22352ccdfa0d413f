"""Where the bot works, and what it must be allowed to do there."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.domain.task import Task
from bot.errors import PermissionsMissing, PlaceProblem, PlaceRefused, VideoGone


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallContext:
    """The operator's rules about servers and direct messages."""

    guilds: frozenset[int] | None = None
    """The servers that the bot works in; ``None`` means any."""
    user_install: bool = False
    """Whether the bot works in direct messages and outside the servers it is in."""

    def check(self, guild_id: int | None) -> None:
        """Check that the operator allows this place.

        Raises:
            PlaceRefused: the operator does not.
        """
        if guild_id is None and not self.user_install:
            raise PlaceRefused(PlaceProblem.DIRECT_MESSAGE)
        if guild_id is not None and self.guilds is not None and guild_id not in self.guilds:
            raise PlaceRefused(PlaceProblem.GUILD_NOT_LISTED)

    def enter(self, interaction: discord.Interaction) -> None:
        """Check that the bot may answer an interaction in its place.

        Raises:
            PlaceRefused: the operator does not allow this place, or not without the bot as a
                member; or discord.py does not know this kind of channel.
        """
        if interaction.channel is None:
            raise PlaceRefused(PlaceProblem.UNKNOWN_CHANNEL)
        self.check(interaction.guild_id)
        if not self.user_install and not is_reachable(interaction):
            raise PlaceRefused(PlaceProblem.NOT_INVITED)


def is_reachable(interaction: discord.Interaction) -> bool:
    """Whether the bot is a member of the interaction's server or direct messages.

    A server can also add only the commands, by a link without the scope `bot`.
    """
    if interaction.guild_id is None:
        return interaction.context.dm_channel
    is_member = interaction.client.get_guild(interaction.guild_id) is not None
    return is_member and interaction.is_guild_integration()


def writes_here(interaction: discord.Interaction) -> bool:
    """Whether the bot's own token can write and edit in the interaction's channel.

    In a private thread that it was not invited to, the bot can act only by the interaction,
    whatever its permissions are.
    """
    if not is_reachable(interaction):
        return False
    channel, held = interaction.channel, interaction.app_permissions
    if not isinstance(channel, discord.Thread) or not channel.is_private():
        return True
    is_known = channel.guild.get_thread(channel.id) is not None
    return is_known or held.administrator or held.manage_threads


def home_guild(interaction: discord.Interaction) -> int | None:
    """The server whose rules and limits apply; ``None`` where only a person installed the bot.

    Discord says with each interaction whether the server has the bot. The client's cache alone
    would not do: it does not know a server before the gateway has announced it.
    """
    guild_id = interaction.guild_id
    if guild_id is None:
        return None
    is_installed = interaction.is_guild_integration()
    # The buttons of a message keep the installation that it was made through, also after the bot
    # has joined the server.
    is_member = interaction.client.get_guild(guild_id) is not None
    return guild_id if is_installed or is_member else None


def check_from_here(task: Task, interaction: discord.Interaction) -> None:
    """Check that somebody who acts on a task by its id can see the channel of its result.

    The id comes from a `custom_id`, and a client can send any. The buttons of a result in direct
    messages work only for its person.

    Raises:
        VideoGone: they cannot see it; the error reveals nothing about the task.
    """
    if not _is_seen_from(task, interaction):
        raise VideoGone(f"task {task.id} belongs to a place that is not visible from here")


def _is_seen_from(task: Task, interaction: discord.Interaction) -> bool:
    home = task.place.guild_id or task.place.link_guild_id
    if interaction.guild_id not in (None, home):
        return False
    here = interaction.channel_id
    known = (task.result_channel_id, task.place.channel_id)
    if here is not None and here in known:
        return True
    if known == (None, None) and home is not None:
        # Its places were deleted with its person's data. Only 🗑️ works for it, and looks at the
        # message itself.
        return interaction.guild_id == home
    if task.place.age_restricted:
        return False
    if interaction.guild_id is None:
        return task.person.id == interaction.user.id
    return _may_read(task, interaction)


def _may_read(task: Task, interaction: discord.Interaction) -> bool:
    """Whether a member may read the channel of a result from another channel of the server."""
    guild, member = interaction.guild, interaction.user
    channel_id = task.result_channel_id or task.place.channel_id
    channel = guild.get_channel_or_thread(channel_id) if guild and channel_id else None
    if channel is None or not isinstance(member, discord.Member):
        return False
    try:
        held = channel.permissions_for(member)
    except discord.ClientException:
        # The parent channel of a thread is not known.
        return False
    # The members of a private thread are not known here.
    is_private = isinstance(channel, discord.Thread) and channel.is_private()
    is_open = not is_private or held.manage_threads
    return held.view_channel and held.read_message_history and is_open


def missing_permissions(interaction: discord.Interaction) -> Sequence[str]:
    """The permissions that the bot lacks to deliver a video in this channel, by discord.py's names.

    Read Message History is needed to reply and to find its own messages again.
    """
    if interaction.guild_id is None:
        return ()
    if not writes_here(interaction):
        return _lacking(interaction.app_permissions, ("attach_files",))
    return lacking_in(interaction.app_permissions, interaction.channel)


def lacking_in(held: discord.Permissions, channel: object) -> Sequence[str]:
    """The permissions that ``held`` lacks to deliver a video in a server's channel or thread."""
    return _lacking(held, (*_to_write_in(channel), "attach_files", "read_message_history"))


def may_write_in(held: discord.Permissions, channel: object) -> bool:
    """Whether ``held`` allows sending messages in a server's channel or thread."""
    return not _lacking(held, _to_write_in(channel))


def _to_write_in(channel: object) -> tuple[str, ...]:
    if isinstance(channel, discord.Thread | discord.ForumChannel):
        # In a forum there are only threads.
        return "view_channel", "send_messages_in_threads"
    if isinstance(channel, discord.VoiceChannel | discord.StageChannel):
        # Without Connect, a voice channel's messages can be neither read nor sent.
        return "view_channel", "connect", "send_messages"
    return "view_channel", "send_messages"


def check_permissions(interaction: discord.Interaction) -> None:
    """Check that the bot can deliver a video in this channel.

    Raises:
        PermissionsMissing: names what the bot lacks.
    """
    if missing := missing_permissions(interaction):
        raise PermissionsMissing(missing)


def _lacking(held: discord.Permissions, wanted: Sequence[str]) -> tuple[str, ...]:
    # An administrator has all permissions, whatever the other bits say.
    if held.administrator:
        return ()
    return tuple(name for name in wanted if not getattr(held, name))
