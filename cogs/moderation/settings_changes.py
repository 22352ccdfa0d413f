"""Turns the options of `/settings set` into the fields that they change."""

from collections.abc import Callable
from typing import Any

import discord

from bot.domain.consent import OthersPictures
from bot.domain.guilds.guild import GuildSettings
from bot.domain.models.model import Models
from bot.domain.money import Usd
from bot.domain.words.blocked_words import tidied
from bot.errors import OptionRefused
from cogs.moderation.server_models import parse_models

WORDS_CHARS = 4000
NONE = "none"
NO_PRICE = -1
MOST_USD = 1_000


def changes_of(
    found: GuildSettings, given: dict[str, Any], guild: discord.Guild | None, models: Models
) -> dict[str, Any]:
    """The fields that the options change."""
    plain = ("watermark", "spoiler", "announce", "hide_reported")
    changes: dict[str, Any] = {name: given[name] for name in plain if name in given}
    if "models" in given:
        changes["models"] = parse_models(given["models"], models)
    for name in ("resolution", "model", "language"):
        if name in given:
            changes[name] = None if given[name] == NONE else given[name]
    for name, (field, parse) in _PARSED.items():
        if name in given:
            changes[field] = parse(given[name])
    return changes | _places(found, given, guild)


def _places(
    found: GuildSettings, given: dict[str, Any], guild: discord.Guild | None
) -> dict[str, Any]:
    """The fields of roles and channels that the options change."""
    changes = dict[str, Any]()
    if "moderator_role" in given:
        role = given["moderator_role"]
        # Discord offers no empty choice, so @everyone stands for "no role".
        changes["moderator_role_id"] = None if role.is_default() else role.id
    if "log_channel" in given:
        channel_id = given["log_channel"].id
        changes["log_channel_id"] = None if channel_id == found.log_channel_id else channel_id
    if "channel_add" in given or "channel_remove" in given:
        changes["channels"] = _channels(found, given, guild)
    return changes


def _price(usd: float) -> Usd | None:
    """The highest price of a video; -1 removes it."""
    if usd == NO_PRICE:
        return None
    if not 0 < usd <= MOST_USD:
        raise OptionRefused("highest_price_usd", given=usd, allowed=(0, MOST_USD))
    # Discord has no decimal type; `str` gives back the digits that were typed.
    return Usd.parse(str(usd))


def _channels(
    found: GuildSettings, given: dict[str, Any], guild: discord.Guild | None
) -> frozenset[int]:
    """The allowed channels after the change; deleted channels are dropped."""
    added = {given[name].id for name in ("channel_add",) if name in given}
    removed = {given[name].id for name in ("channel_remove",) if name in given}
    there = {channel.id for channel in guild.channels} if guild else found.channels
    # Nobody can choose a deleted channel to remove it.
    return frozenset((found.channels & there) | added) - removed


def _words(text: str) -> tuple[str, ...]:
    """Parse a comma-separated list; ``none`` alone clears it."""
    found = tidied(text.replace("，", ",").split(","))
    return () if found == (NONE,) else found


# Options whose values are parsed, with the fields that they set.
_PARSED: dict[str, tuple[str, Callable[[Any], object]]] = {
    "highest_price_usd": ("highest_price", _price),
    "others_pictures": ("others_pictures", OthersPictures),
    "blocked_words": ("blocked_words", _words),
}
