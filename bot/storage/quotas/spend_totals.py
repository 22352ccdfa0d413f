"""Settled money by calendar period, so that a budget is looked up and never summed."""

from datetime import datetime

from sqlalchemy import ScalarSelect, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.money import Usd
from bot.storage.engine.upsert import add_to
from bot.storage.tables import spent

Key = tuple[str, int, int]
"""Period (``2026-11`` or ``2026-11-23``, UTC), server, person."""

ALL = -1
"""As a server: everywhere. As a person: everybody."""
NO_GUILD = 0
"""All direct messages, and the terminal."""


def month_of(moment: datetime) -> str:
    """The calendar month (UTC), as a period."""
    return moment.strftime("%Y-%m")


def day_of(moment: datetime) -> str:
    """The calendar day (UTC), as a period."""
    return moment.strftime("%Y-%m-%d")


def keys(made_at: datetime, guild_id: int | None, person_id: int) -> list[Key]:
    """What a task that was made then counts against.

    In an order of its own: two settlements that touch the same rows never wait for each other
    crosswise.
    """
    month = month_of(made_at)
    own = [(month, ALL, ALL), (month, guild_id or NO_GUILD, person_id)]
    if guild_id is None:
        return own
    return [*own, (month, guild_id, ALL), (day_of(made_at), guild_id, ALL)]


async def add(connection: AsyncConnection, to: list[Key], amount: Usd) -> None:
    """Count ``amount`` against all of these, in one statement."""
    names = ("period", "guild_id", "person_id")
    rows = [{**dict(zip(names, key, strict=True)), "settled": amount} for key in to]
    await add_to(connection, spent, rows, key=names, column="settled")


def lookup(period: str, guild: str | int, person: str | int) -> ScalarSelect[Usd]:
    """One sum; each argument names a parameter, or is a number of its own."""
    column = spent.c
    return (
        select(column.settled)
        .where(
            column.period == bindparam(period),
            column.guild_id == (guild if isinstance(guild, int) else bindparam(guild)),
            column.person_id == (person if isinstance(person, int) else bindparam(person)),
        )
        .scalar_subquery()
    )
