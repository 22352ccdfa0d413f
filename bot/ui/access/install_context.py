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
    """The servers it works in; ``None`` is any."""
    user_install: bool = False
    """Whether it works in direct messages and outside the servers it is in."""

    def check(self, guild_id: int | None) -> None:
        """
        Raises:
            PlaceRefused: the operator did not open this place.
        """
        if guild_id is None and not self.user_install:
            raise PlaceRefused(PlaceProblem.DIRECT_MESSAGE)
        if guild_id is not None and self.guilds is not None and guild_id not in self.guilds:
            raise PlaceRefused(PlaceProblem.GUILD_NOT_LISTED)

    def enter(self, interaction: discord.Interaction) -> None:
        """
        Raises:
            PlaceRefused: the operator did not open this place, or this way into it; or nothing
                could be done there, since discord.py does not know what it is.
        """
        if interaction.channel is None:
            raise PlaceRefused(PlaceProblem.UNKNOWN_CHANNEL)
        self.check(interaction.guild_id)
        if not self.user_install and not is_reachable(interaction):
            raise PlaceRefused(PlaceProblem.NOT_INVITED)


def is_reachable(interaction: discord.Interaction) -> bool:
    """Whether the bot itself, not only this interaction, can write in that channel.

    A server can also have added the commands alone, by a link without the scope `bot`.
    """
    if interaction.guild_id is None:
        return interaction.context.dm_channel
    is_member = interaction.client.get_guild(interaction.guild_id) is not None
    return is_member and interaction.is_guild_integration()


def writes_here(interaction: discord.Interaction) -> bool:
    """Whether the bot's own token can write and edit in that channel.

    A private thread that it was not invited to is out of its reach, whatever permissions say:
    Discord neither tells of it nor lets anything be done there but by the interaction.
    """
    if not is_reachable(interaction):
        return False
    channel, held = interaction.channel, interaction.app_permissions
    if not isinstance(channel, discord.Thread) or not channel.is_private():
        return True
    is_known = channel.guild.get_thread(channel.id) is not None
    return is_known or held.administrator or held.manage_threads


def home_guild(interaction: discord.Interaction) -> int | None:
    """The server whose rules and limits count: none where only a person installed the bot."""
    return interaction.guild_id if is_reachable(interaction) else None


def check_from_here(task: Task, interaction: discord.Interaction) -> None:
    """Check that whoever acts on a task, which a `custom_id` names, can see where its result is.

    A `custom_id` comes from the client, which may send any. What somebody was sent directly has
    its buttons in their direct messages and is good for that person only.

    Raises:
        VideoGone: the task belongs to a place that is closed to them; nothing of it is told.
    """
    if not _is_seen_from(task, interaction):
        raise VideoGone(f"task {task.id} belongs to a place that is not visible from here")


def _is_seen_from(task: Task, interaction: discord.Interaction) -> bool:
    home = task.place.guild_id or task.place.link_guild_id
    if interaction.guild_id not in (None, home):
        return False
    here = interaction.channel_id
    if here is not None and here in (task.result_channel_id, task.place.channel_id):
        return True
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
        # A thread whose channel is not known.
        return False
    # Who is in a private thread is not known here.
    is_private = isinstance(channel, discord.Thread) and channel.is_private()
    is_open = not is_private or held.manage_threads
    return held.view_channel and held.read_message_history and is_open


def missing_permissions(interaction: discord.Interaction) -> Sequence[str]:
    """What the bot lacks in this channel to deliver a video there; Discord's names.

    Replying, and finding its own messages again, take Read Message History.
    """
    if interaction.guild_id is None:
        return ()
    if not writes_here(interaction):
        return _lacking(interaction.app_permissions, ("attach_files",))
    return lacking_in(interaction.app_permissions, interaction.channel)


def lacking_in(held: discord.Permissions, channel: object) -> Sequence[str]:
    """What is missing of ``held`` to deliver a video in a channel or thread of a server."""
    return _lacking(held, (*_to_write_in(channel), "attach_files", "read_message_history"))


def may_write_in(held: discord.Permissions, channel: object) -> bool:
    """Whether words may be written in a channel or thread of a server."""
    return not _lacking(held, _to_write_in(channel))


def _to_write_in(channel: object) -> tuple[str, ...]:
    if isinstance(channel, discord.Thread):
        return "view_channel", "send_messages_in_threads"
    if isinstance(channel, discord.VoiceChannel | discord.StageChannel):
        # Without Connect, what is written in a voice channel is neither seen nor sent.
        return "view_channel", "connect", "send_messages"
    return "view_channel", "send_messages"


def check_permissions(interaction: discord.Interaction) -> None:
    """
    Raises:
        PermissionsMissing: names what the bot lacks in this channel.
    """
    if missing := missing_permissions(interaction):
        raise PermissionsMissing(missing)


def _lacking(held: discord.Permissions, wanted: Sequence[str]) -> tuple[str, ...]:
    # An administrator has everything, whatever the single bits say.
    if held.administrator:
        return ()
    return tuple(name for name in wanted if not getattr(held, name))
