"""Which of a server's channels somebody may be told of."""

from collections.abc import Iterable

import discord

from bot.errors import PlaceRefused


def naming_visible_channels(
    error: PlaceRefused,
    guild: discord.Guild | None,
    reader: discord.abc.User | discord.Role | None,
) -> PlaceRefused:
    """The refusal with those of the allowed channels that exist and that its reader may view."""
    if guild is None or not isinstance(reader, discord.Member | discord.Role):
        return error.seen_by(frozenset())
    return error.seen_by(_visible(error.allowed_channel_ids, guild, reader))


def _visible(
    channel_ids: Iterable[int], guild: discord.Guild, reader: discord.Member | discord.Role
) -> frozenset[int]:
    channels = (guild.get_channel(one) for one in channel_ids)
    return frozenset(one.id for one in channels if one and one.permissions_for(reader).view_channel)
