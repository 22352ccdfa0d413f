"""Reads the limit rules of a server's moderators that apply to a person."""

from dataclasses import fields
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Row, Select, and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.quotas.limits import Block, GuildLimits, Rules
from bot.storage.tables import guilds, members, role_limits


async def read_rules(
    connection: AsyncConnection, *, guild_id: int, person_id: int, role_ids: frozenset[int]
) -> Rules:
    """Return the rules for a person with these roles."""
    values = {"guild": guild_id, "person": person_id, "roles": sorted(role_ids)}
    rows = (await connection.execute(_query(), values)).all()
    first = rows[0]
    return Rules(
        guild=guild_limits_of(first),
        roles={row.role_id: row.role_videos for row in rows if row.role_id is not None},
        own=first.own_videos,
        block=block_of(first),
        reset_at=first.reset_at,
    )


@cache
def _query() -> Select[Any]:
    """One statement with at least one row, because each statement costs a thread switch."""
    anchor = select(bindparam("guild", type_=BigInteger).label("guild_id")).subquery("anchor")
    here = anchor.c.guild_id
    theirs = and_(members.c.guild_id == here, members.c.person_id == bindparam("person"))
    of_roles = and_(
        role_limits.c.guild_id == here,
        role_limits.c.role_id.in_(bindparam("roles", expanding=True)),
    )
    return select(
        *GUILD_LIMITS,
        members.c.videos.label("own_videos"),
        members.c.reset_at,
        *BLOCK,
        role_limits.c.role_id,
        role_limits.c.videos.label("role_videos"),
    ).select_from(
        anchor.outerjoin(guilds, guilds.c.guild_id == here)
        .outerjoin(members, theirs)
        .outerjoin(role_limits, of_roles)
    )


_COLUMNS = {
    field.name: guilds.c["quota_window" if field.name == "window" else field.name]
    for field in fields(GuildLimits)
}
"""The columns of a server's limits, by field."""
GUILD_LIMITS = tuple(_COLUMNS.values())
BLOCK = (members.c.blocked_at, members.c.blocked_by_id, members.c.blocked_reason)


def guild_limits_of(row: Row[Any]) -> GuildLimits:
    """Make the limits from a row with the columns ``GUILD_LIMITS``; NULL means not set."""
    found = {name: row._mapping[column] for name, column in _COLUMNS.items()}
    return GuildLimits(**{name: value for name, value in found.items() if value is not None})


def guild_limits_values(limits: GuildLimits) -> dict[str, Any]:
    """Return the values of the columns ``GUILD_LIMITS``, by their names."""
    return {column.name: getattr(limits, name) for name, column in _COLUMNS.items()}


def block_of(row: Row[Any]) -> Block | None:
    """Make the block, if there is one, from a row with the columns ``BLOCK``."""
    if row.blocked_at is None:
        return None
    return Block(by_id=row.blocked_by_id, at=row.blocked_at, reason=row.blocked_reason)
