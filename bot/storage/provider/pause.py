"""The operator's pause, for all processes: one row."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.provider.spending_pause import SpendingPause
from bot.storage.engine.database import Database
from bot.storage.engine.upsert import upsert
from bot.storage.tables import spending_pause

_KEY = {"id": 1}
# Read before each create call: building a statement takes longer than running it.
_THE_ROW = select(spending_pause).filter_by(**_KEY)


class PauseTable:
    """Turns the pause on and off, and says whether it is on."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def read(self) -> SpendingPause:
        """The pause as it is now, whichever process changed it."""
        return await self._database.read(read_pause)

    async def pause(self) -> SpendingPause:
        """Turn the pause on, and return it as it was before; one that is on stays as it is."""
        now = self._clock.now()

        async def work(connection: AsyncConnection) -> SpendingPause:
            before = await read_pause(connection)
            if not before.is_on:
                await upsert(connection, spending_pause, _KEY, _values(now, before.resumed_at))
            return before

        return await self._database.write(work)

    async def resume(self) -> SpendingPause:
        """Turn the pause off, and return it as it was before."""
        now = self._clock.now()

        async def work(connection: AsyncConnection) -> SpendingPause:
            before = await read_pause(connection)
            if before.is_on:
                await upsert(connection, spending_pause, _KEY, _values(None, now))
            return before

        return await self._database.write(work)


async def read_pause(connection: AsyncConnection) -> SpendingPause:
    """The pause as it is in the database."""
    row = (await connection.execute(_THE_ROW)).one_or_none()
    if row is None:
        return SpendingPause()
    return SpendingPause(paused_at=row.paused_at, resumed_at=row.resumed_at)


def _values(paused_at: datetime | None, resumed_at: datetime | None) -> dict[str, datetime | None]:
    return {"paused_at": paused_at, "resumed_at": resumed_at}
