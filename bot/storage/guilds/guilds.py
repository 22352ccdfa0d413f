"""A server's row: its default limit, budgets and settings."""

from dataclasses import asdict, fields, replace
from typing import Any, TypeVar

from sqlalchemy import Row, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.guilds.audit import Detail
from bot.domain.guilds.guild import GuildSettings
from bot.domain.money import Usd
from bot.domain.quotas.limits import GuildLimits
from bot.domain.task import Task
from bot.storage.engine.upsert import upsert
from bot.storage.quotas.limit_rules import GUILD_LIMITS, guild_limits_of, guild_limits_values
from bot.storage.tables import guilds

Rules = TypeVar("Rules", GuildSettings, GuildLimits)

# Names in the audit log, if they differ from those of the fields.
_LOGGED = {
    "budget_day": "budget_usd_day",
    "budget_month": "budget_usd_month",
    "budget_person_month": "budget_usd_user_month",
}
_NAMES = tuple(field.name for field in fields(GuildSettings))
# Read for each task; building a statement takes longer than running it.
_THIS_GUILD = guilds.c.guild_id == bindparam("guild", type_=guilds.c.guild_id.type)
_SETTINGS = select(*(guilds.c[name] for name in _NAMES)).where(_THIS_GUILD)
_COUNTS = select(guilds.c.count_charged_failures).where(_THIS_GUILD)


async def read_settings(connection: AsyncConnection, guild_id: int) -> GuildSettings:
    """Return a server's settings, with defaults for what was not set."""
    row = (await connection.execute(_SETTINGS, {"guild": guild_id})).one_or_none()
    return GuildSettings() if row is None else _settings_of(row)


async def write_settings(
    connection: AsyncConnection, guild_id: int, settings: GuildSettings
) -> None:
    """Write all of a server's settings."""
    values = {name: getattr(settings, name) for name in _NAMES}
    await upsert(connection, guilds, {"guild_id": guild_id}, values)


async def read_limits(connection: AsyncConnection, guild_id: int) -> GuildLimits:
    """Return a server's limits; all are None if nothing was set."""
    query = select(*GUILD_LIMITS).where(guilds.c.guild_id == guild_id)
    row = (await connection.execute(query)).one_or_none()
    return GuildLimits() if row is None else guild_limits_of(row)


async def counts_charged_failures(connection: AsyncConnection, task: Task) -> bool:
    """Whether a charged failure counts as a video in the server of ``task``."""
    stored = await connection.scalar(_COUNTS, {"guild": task.place.guild_id})
    return stored is not False


async def write_limits(connection: AsyncConnection, guild_id: int, limits: GuildLimits) -> None:
    """Write all of a server's limits."""
    values = guild_limits_values(limits)
    await upsert(connection, guilds, {"guild_id": guild_id}, values)


def settings_details(settings: GuildSettings) -> dict[str, Detail]:
    """Return settings as written in the audit log."""
    return {
        **asdict(settings),
        "channels": sorted(settings.channels),
        "blocked_words": list(settings.blocked_words),
        "models": list(settings.models),
        "highest_price": _money(settings.highest_price),
    }


def limits_details(limits: GuildLimits) -> dict[str, Detail]:
    """Return limits as written in the audit log."""
    found = {field.name: getattr(limits, field.name) for field in fields(limits)}
    return {
        _LOGGED.get(name, name): _money(value) if isinstance(value, Usd) else value
        for name, value in found.items()
    }


def _money(amount: Usd | None) -> str | None:
    return None if amount is None else str(amount).removeprefix("$")


def _settings_of(row: Row[Any]) -> GuildSettings:
    """Make the settings; a column that was never set is NULL, even beside others that were."""
    found = row._mapping
    return GuildSettings(**{name: found[name] for name in _NAMES if found[name] is not None})


def merged(stored: Rules, wanted: Rules, found: Rules | None) -> Rules:
    """Apply a moderator's changes of ``found`` to the stored values.

    Another moderator may have changed other fields in the meantime.
    """
    if found is None:
        return wanted
    names = [field.name for field in fields(wanted)]
    changed = [name for name in names if getattr(wanted, name) != getattr(found, name)]
    return replace(
        stored,
        **{
            name: _combined(*(getattr(one, name) for one in (stored, wanted, found)))
            for name in changed
        },
    )


def _combined(stored: Any, wanted: Any, found: Any) -> Any:
    """A value as a moderator wants it; of a set, only what they added and removed."""
    if not isinstance(wanted, frozenset):
        return wanted
    return (stored | (wanted - found)) - (found - wanted)
