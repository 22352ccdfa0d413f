"""Budget levels that were reached: recorded with the reservation, announced once, later."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.quotas.budget import LEVELS, Budget, BudgetWarning, Level
from bot.storage.tables import budget_warnings

_NOBODY = 0


async def note_levels(connection: AsyncConnection, reached: Iterable[Level], now: datetime) -> None:
    """Record the levels that are new in their period; reservations run one at a time.

    If several levels are reached at once, people are told only the highest.
    """
    for level in reached:
        known = set((await connection.scalars(_known(level))).all())
        new = [one for one in LEVELS if one <= level.percent and one not in known]
        if new and max(new) > max(known, default=0):
            rows = [_row(level, percent, now, is_told=percent < max(new)) for percent in new]
            await connection.execute(insert(budget_warnings), rows)


async def untold(connection: AsyncConnection, limit: int) -> Sequence[BudgetWarning]:
    """Return the warnings that nobody has been told about, oldest first."""
    at = budget_warnings.c
    query = select(budget_warnings).where(at.told_at.is_(None)).order_by(at.id).limit(limit)
    return [_warning(row) for row in await connection.execute(query)]


async def told(connection: AsyncConnection, warning_id: int, now: datetime) -> None:
    """Record that somebody was told."""
    at = budget_warnings.c
    this = and_(at.id == warning_id, at.told_at.is_(None))
    await connection.execute(update(budget_warnings).where(this).values(told_at=now))


def _known(level: Level) -> Any:
    at = budget_warnings.c
    return select(at.percent).where(
        at.budget == level.budget,
        at.guild_id == (level.guild_id or _NOBODY),
        at.person_id == (level.person_id or _NOBODY),
        at.period_start == level.period_start,
    )


def _row(level: Level, percent: int, now: datetime, *, is_told: bool) -> dict[str, Any]:
    return {
        "budget": level.budget,
        "guild_id": level.guild_id or _NOBODY,
        "person_id": level.person_id or _NOBODY,
        "period_start": level.period_start,
        "percent": percent,
        "limit": level.limit,
        "counted": level.counted,
        "at": now,
        "told_at": now if is_told else None,
    }


def _warning(row: Row[Any]) -> BudgetWarning:
    level = Level(
        budget=Budget(row.budget),
        percent=row.percent,
        limit=row.limit,
        counted=row.counted,
        period_start=row.period_start,
        guild_id=row.guild_id or None,
        person_id=row.person_id or None,
    )
    return BudgetWarning(id=row.id, level=level, at=row.at)
