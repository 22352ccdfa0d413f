"""What a server's videos come to: numbers for `/stats`."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.statistics import Made
from bot.storage.database import Database
from bot.storage.tables import tasks


class StatisticsTable:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def made(self, guild_id: int, since: datetime) -> list[Made]:
        """Every task of a server since then, as far as statistics need it."""
        at = tasks.c
        query = select(
            at.person_id, at.state, at.created_at, at.cost, at.submitted_at, at.rendered_at
        ).where(at.guild_id == guild_id, at.created_at >= since)

        async def work(connection: AsyncConnection) -> list[Made]:
            return [
                Made(
                    person_id=row.person_id,
                    state=row.state,
                    at=row.created_at,
                    cost=row.cost,
                    seconds=_seconds(row.submitted_at, row.rendered_at),
                )
                for row in await connection.execute(query)
            ]

        return await self._database.read(work)


def _seconds(submitted: datetime | None, rendered: datetime | None) -> float | None:
    if submitted is None or rendered is None:
        return None
    return (rendered - submitted).total_seconds()
