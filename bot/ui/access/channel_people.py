"""People in channels who act without an interaction: by a reaction, or by somebody's answer."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.domain.task import Person, Place
from bot.ui.access.command_access import Asker
from bot.ui.access.install_context import lacking_in
from bot.ui.access.members import is_age_restricted, parent_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPerson:
    """Somebody in a channel, with what they and the bot may do there."""

    person: Person
    place: Place
    held: discord.Permissions
    missing: Sequence[str] = ()
    """The permissions that the bot lacks there."""
    asker: Asker | None = None
    """``None`` in direct messages."""


def in_guild(
    guild: discord.Guild, channel: discord.abc.GuildChannel | discord.Thread, member: discord.Member
) -> ChannelPerson:
    """A member in a channel of a server that the bot is in.

    Raises:
        discord.ClientException: the parent channel of a thread is not known.
    """
    role_ids = frozenset(role.id for role in member.roles)
    locale = str(guild.preferred_locale)
    return ChannelPerson(
        person=Person(id=member.id, name=member.display_name, role_ids=role_ids, locale=locale),
        place=Place(
            guild_id=guild.id,
            channel_id=channel.id,
            parent_channel_id=parent_of(channel),
            filesize_limit=guild.filesize_limit,
            locale=locale,
            age_restricted=is_age_restricted(channel),
        ),
        held=channel.permissions_for(member),
        missing=lacking_in(channel.permissions_for(guild.me), channel),
        asker=Asker(
            guild_id=guild.id,
            channel_id=channel.parent_id if isinstance(channel, discord.Thread) else channel.id,
            person_id=member.id,
            role_ids=role_ids,
        ),
    )
