"""Data about one person in one server."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.guilds.audit import Detail
from bot.domain.quotas.limits import Block
from bot.storage.engine.upsert import upsert
from bot.storage.quotas.limit_rules import BLOCK, block_of
from bot.storage.quotas.usage import grants_left
from bot.storage.tables import members


def _this(guild_id: int, person_id: int) -> Any:
    return and_(members.c.guild_id == guild_id, members.c.person_id == person_id)


async def videos(connection: AsyncConnection, guild_id: int, person_id: int) -> int | None:
    """Return the person's own limit, if they have one."""
    query = select(members.c.videos).where(_this(guild_id, person_id))
    found: int | None = await connection.scalar(query)
    return found


async def block(connection: AsyncConnection, guild_id: int, person_id: int) -> Block | None:
    """Return the person's block in this server, if they are blocked."""
    query = select(*BLOCK).where(_this(guild_id, person_id))
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else block_of(row)


def block_details(block: Block | None) -> dict[str, Detail]:
    """Return a block as written in the audit log."""
    return {"blocked": block is not None, "reason": block.reason if block else None}


async def bonus(connection: AsyncConnection, guild_id: int, person_id: int, now: datetime) -> int:
    """Return how many granted videos the person has left here."""
    left = grants_left().subquery("grants_left")
    query = select(func.coalesce(func.sum(left.c.left), 0)).where(left.c.left > 0)
    values = {"guild_key": guild_id, "person": person_id, "now": now}
    return int(await connection.scalar(query, values) or 0)


async def change(
    connection: AsyncConnection, guild_id: int, person_id: int, values: Mapping[str, Any]
) -> None:
    """Set these columns; the others stay."""
    await upsert(connection, members, {"guild_id": guild_id, "person_id": person_id}, values)
