"""Removes people from counts, money and reports that no limit needs any more.

Counts of videos are needed for 31 days (the longest window), money until the end of the month,
reports for a day. Somebody who deletes their data is removed from older ones at once, and from the
rest by the sweep, as soon as these are old enough. The sweep finds them by their videos, which
nobody owns any more; a report has a mark of its own.
"""

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import Table, delete, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.money import ZERO, Usd
from bot.domain.quotas.quota import month_start
from bot.storage.quotas import spend_totals
from bot.storage.tables import allowance_holds, budget_warnings, money_holds, reports, tasks
from bot.storage.tables import spent as sums

NOBODY = -2
"""Id that no Discord account has; 0 stands for the terminal."""
COUNTS_KEPT = timedelta(days=31)
_REPORTS_KEPT = timedelta(days=1)
_ERASED = select(tasks.c.id).where(tasks.c.person_id == NOBODY)


async def forget_person(
    connection: AsyncConnection, person_id: int, now: datetime, *, only_erased: bool = False
) -> None:
    """Remove a person from old counts and old money.

    ``only_erased``: only from those of videos that they have deleted.
    """
    for table, before in _kept_until(now).items():
        old = (table.c.person_id == person_id) & (table.c.made_at < before)
        if only_erased:
            old &= table.c.task_id.in_(_ERASED)
        forgotten = update(table).where(old).values(person_id=NOBODY)
        if table is money_holds:
            columns = (table.c.made_at, table.c.guild_id, table.c.settled)
            rows = (await connection.execute(forgotten.returning(*columns))).all()
            await _move_sums(connection, person_id, [tuple(row) for row in rows])
        else:
            await connection.execute(forgotten)
    past = (sums.c.person_id == person_id) & (sums.c.period < spend_totals.month_of(now))
    await connection.execute(delete(sums).where(past, sums.c.settled == ZERO))
    # Warnings matter only in their own period.
    warned = budget_warnings.c
    old_warnings = (warned.person_id == person_id) & (warned.period_start < month_start(now))
    await connection.execute(delete(budget_warnings).where(old_warnings))


async def forget_erased(connection: AsyncConnection, now: datetime) -> None:
    """Remove everybody who has deleted their data from what has become old since."""
    found = [
        select(table.c.person_id).where(
            table.c.person_id != NOBODY, table.c.made_at < before, table.c.task_id.in_(_ERASED)
        )
        for table, before in _kept_until(now).items()
    ]
    # Always in the same order, so that two processes cannot deadlock.
    for person_id in sorted((await connection.scalars(union(*found))).all()):
        await forget_person(connection, person_id, now, only_erased=True)
    await _forget_reporters(connection, now)


async def forget_reporter(connection: AsyncConnection, person_id: int, now: datetime) -> None:
    """Empty a person's reports, and take their id out of old ones."""
    theirs = update(reports).where(reports.c.person_id == person_id)
    await connection.execute(theirs.values(words="", erased=True))
    await _forget_reporters(connection, now)


async def _forget_reporters(connection: AsyncConnection, now: datetime) -> None:
    at = reports.c
    old = update(reports).where(at.erased, at.made_at < now - _REPORTS_KEPT)
    await connection.execute(old.where(at.person_id != NOBODY).values(person_id=NOBODY))


def _kept_until(now: datetime) -> dict[Table, datetime]:
    """The time before which a table's rows are needed by no limit."""
    return {allowance_holds: now - COUNTS_KEPT, money_holds: month_start(now)}


async def _move_sums(
    connection: AsyncConnection,
    person_id: int,
    rows: list[tuple[datetime, int | None, Usd | None]],
) -> None:
    """Move settled money of past months from the person's sums to nobody's."""
    moved = defaultdict[tuple[str, int], Usd](lambda: ZERO)
    for made_at, guild_id, settled in rows:
        key = (spend_totals.month_of(made_at), guild_id or spend_totals.NO_GUILD)
        moved[key] += settled or ZERO
    for (period, guild_id), amount in sorted(moved.items()):
        await spend_totals.add(connection, [(period, guild_id, person_id)], ZERO - amount)
        await spend_totals.add(connection, [(period, guild_id, NOBODY)], amount)
