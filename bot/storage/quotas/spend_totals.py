"""Settled money per calendar period, so that budgets are looked up instead of summed."""

from datetime import datetime

from sqlalchemy import ColumnElement, Integer, ScalarSelect, bindparam, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.money import Usd
from bot.storage.engine.upsert import add_to
from bot.storage.tables import spent

Key = tuple[str, int, int]
"""Period (``2026-11`` or ``2026-11-23``, UTC), server, person."""

ALL = -1
"""As a server: all servers. As a person: everybody."""
NO_GUILD = 0
"""Stands for direct messages and the terminal."""


def month_of(moment: datetime) -> str:
    """The calendar month (UTC) as a period."""
    return moment.strftime("%Y-%m")


def day_of(moment: datetime) -> str:
    """The calendar day (UTC) as a period."""
    return moment.strftime("%Y-%m-%d")


def keys(made_at: datetime, guild_id: int | None, person_id: int) -> list[Key]:
    """Return the totals that a task made at ``made_at`` counts towards.

    Their order is fixed, so that two settlements of the same rows cannot deadlock.
    """
    month = month_of(made_at)
    own = [(month, ALL, ALL), (month, guild_id or NO_GUILD, person_id)]
    if guild_id is None:
        return own
    return [*own, (month, guild_id, ALL), (day_of(made_at), guild_id, ALL)]


async def add(connection: AsyncConnection, to: list[Key], amount: Usd) -> None:
    """Add ``amount`` to all of these totals in one statement."""
    names = ("period", "guild_id", "person_id")
    rows = [{**dict(zip(names, key, strict=True)), "settled": amount} for key in to]
    await add_to(connection, spent, rows, key=names, column="settled")


def lookup(period: str, guild: str | int, person: str | int) -> ScalarSelect[Usd]:
    """Select one total; each argument is a number or the name of a parameter."""
    column = spent.c
    return (
        select(column.settled)
        .where(
            column.period == bindparam(period),
            column.guild_id == _value(guild),
            column.person_id == _value(person),
        )
        .scalar_subquery()
    )


def _value(given: str | int) -> ColumnElement[int]:
    return literal_column(str(given), Integer) if isinstance(given, int) else bindparam(given)
