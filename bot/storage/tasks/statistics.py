"""Statistics of a server's videos for `/stats`, aggregated by the database."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.guilds.statistics import DONE, MISSED, MOST_KINDS, MOST_MEMBERS, Day, Made, Took
from bot.domain.models.model import VideoKind
from bot.domain.money import Usd
from bot.storage.engine.database import Database
from bot.storage.engine.types import EPOCH
from bot.storage.tables import tasks

_MICROSECONDS_A_DAY = 24 * 3600 * 1_000_000


class StatisticsTable:
    """Read-only. A busy server has tens of thousands of tasks, so no single task is fetched."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def made(self, guild_id: int, since: datetime) -> Made:
        """Return the figures of a server's tasks since then."""
        return await self._database.read(lambda on: _made(on, guild_id, since))


async def _made(connection: AsyncConnection, guild_id: int, since: datetime) -> Made:
    at = tasks.c
    these = and_(at.guild_id == guild_id, at.created_at >= since)
    done = and_(these, at.state.in_(sorted(DONE)))
    missed = and_(these, at.state.in_(sorted(MISSED)))
    # In both databases, dividing two integers gives an integer.
    day = _number(at.created_at).op("/")(_MICROSECONDS_A_DAY)
    videos, spent = func.count(), func.coalesce(func.sum(_number(at.cost)), 0)
    by_day = select(day, videos, spent).where(done).group_by(day)
    by_member = select(at.person_id, videos, spent).where(done).group_by(at.person_id)
    busiest = by_member.order_by(videos.desc(), at.person_id).limit(MOST_MEMBERS)
    return Made(
        days=[
            Day(day=(EPOCH + timedelta(days=int(number))).date(), videos=count, spent=_usd(micros))
            for number, count, micros in await connection.execute(by_day)
        ],
        members=[
            (person, count, _usd(micros))
            for person, count, micros in await connection.execute(busiest)
        ],
        missed=await _count(connection, missed),
        took=await _took(connection, done),
        kinds=await _kinds(connection, done),
        listed=_usd(await connection.scalar(select(spent).where(done, at.cost_is_listed)) or 0),
    )


async def _kinds(
    connection: AsyncConnection, done: ColumnElement[bool]
) -> Sequence[tuple[VideoKind, int, Usd]]:
    at = tasks.c
    kind = (at.model, at.resolution, at.seconds, at.audio)
    videos, spent = func.count(), func.coalesce(func.sum(_number(at.cost)), 0)
    by_kind = select(*kind, videos, spent).where(done).group_by(*kind)
    first = by_kind.order_by(videos.desc(), *kind).limit(MOST_KINDS)
    return [
        (VideoKind(model, resolution, seconds, audio), count, _usd(micros))
        for model, resolution, seconds, audio, count, micros in await connection.execute(first)
    ]


async def _took(connection: AsyncConnection, done: ColumnElement[bool]) -> Took:
    at = tasks.c
    stamped = and_(done, at.submitted_at.is_not(None), at.rendered_at.is_not(None))
    took = _number(at.rendered_at) - _number(at.submitted_at)
    ordered = select(took).where(stamped).order_by(took).limit(1)
    count = await _count(connection, stamped)

    async def quantile(part: float) -> float | None:
        if not count:
            return None
        found = await connection.scalar(ordered.offset(min(int(part * count), count - 1)))
        return None if found is None else int(found) / 1_000_000

    return Took(median=await quantile(0.5), p95=await quantile(0.95))


async def _count(connection: AsyncConnection, which: ColumnElement[bool]) -> int:
    return await connection.scalar(select(func.count()).select_from(tasks).where(which)) or 0


def _usd(micros: Any) -> Usd:
    """Convert a sum; PostgreSQL's sum of integers is a decimal."""
    return Usd(int(micros))


def _number(column: ColumnElement[Any]) -> ColumnElement[int]:
    """The stored number: microseconds, or millionths of a USD."""
    return type_coerce(column, BigInteger)
