"""Notices about new defaults: written by a migration, announced once, later."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.guilds.default_notice import DefaultNotice
from bot.storage.tables import default_notices


async def untold(connection: AsyncConnection, limit: int) -> Sequence[DefaultNotice]:
    """Return notices that nobody has been told yet."""
    at = default_notices.c
    query = select(at.guild_id, at.version).where(at.told_at.is_(None)).order_by(at.guild_id)
    found = await connection.execute(query.limit(limit))
    return [DefaultNotice(guild_id=row.guild_id, version=row.version) for row in found]


async def told(connection: AsyncConnection, notice: DefaultNotice, now: datetime) -> None:
    """Record that the server was told."""
    this = update(default_notices).filter_by(guild_id=notice.guild_id, version=notice.version)
    await connection.execute(this.values(told_at=now))
