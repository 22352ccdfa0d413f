"""The audit log: each entry is written with its change; they are read newest first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.guilds.audit import Action, AuditEntry, Detail, bounded
from bot.storage.tables import audit

Details = Mapping[str, Detail]


async def write_down(
    connection: AsyncConnection,
    *,
    guild_id: int,
    by_id: int,
    action: Action,
    subject_id: int | None,
    before: Details,
    after: Details,
    now: datetime,
) -> AuditEntry:
    """Write the entry of a change. If nothing changed, it is not written and has the id 0."""
    before, after = bounded(before, after)
    entry = AuditEntry(
        id=0,
        guild_id=guild_id,
        at=now,
        by_id=by_id,
        action=action,
        subject_id=subject_id,
        before=before,
        after=after,
    )
    if not entry.is_change:
        return entry
    values = {
        "guild_id": guild_id,
        "at": now,
        "by_id": by_id,
        "action": action,
        "subject_id": subject_id,
        "before": before,
        "after": after,
    }
    new = insert(audit).values(values).returning(audit)
    return _entry((await connection.execute(new)).one())


async def page(
    connection: AsyncConnection,
    guild_id: int,
    *,
    subject_id: int | None,
    before_id: int | None,
    limit: int,
) -> Sequence[AuditEntry]:
    """Return entries, newest first."""
    query = select(audit).where(audit.c.guild_id == guild_id)
    if subject_id is not None:
        query = query.where(audit.c.subject_id == subject_id)
    if before_id is not None:
        query = query.where(audit.c.id < before_id)
    query = query.order_by(audit.c.id.desc()).limit(limit)
    return [_entry(row) for row in await connection.execute(query)]


async def trim(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Remove at most ``most`` entries from before that time, oldest first; return their number."""
    old = select(audit.c.id).where(audit.c.at < before).order_by(audit.c.id).limit(most)
    done = await connection.execute(delete(audit).where(audit.c.id.in_(old)))
    return done.rowcount


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        id=row.id,
        guild_id=row.guild_id,
        at=row.at,
        by_id=row.by_id,
        action=Action(row.action),
        subject_id=row.subject_id,
        before=row.before,
        after=row.after,
    )


def changed(before: Details, after: Details) -> tuple[Details, Details]:
    """Keep only the values that differ."""
    keys = [key for key in after if before[key] != after[key]]
    return {key: before[key] for key in keys}, {key: after[key] for key in keys}
