"""How long videos take, as learned: one row a kind."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.provider.durations import Kind
from bot.storage.engine.database import Database
from bot.storage.tables import durations


class DurationTable:
    """How long videos take, as `bot.domain.provider.durations` writes it down.

    Of several processes that learn beside each other, the last one's view is kept: all of them
    see the same provider.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def durations(self) -> Mapping[Kind, dict[str, Any]]:
        """What was kept last, of every kind."""

        async def work(connection: AsyncConnection) -> dict[Kind, dict[str, Any]]:
            rows = await connection.execute(select(durations))
            return {(row.model, row.resolution): json.loads(row.learned) for row in rows}

        return await self._database.read(work)

    async def keep_durations(self, learned: Mapping[Kind, dict[str, Any]]) -> None:
        """Keep these instead; other kinds stay."""

        async def work(connection: AsyncConnection) -> None:
            for (model, resolution), curve in learned.items():
                kind = {"model": model, "resolution": resolution}
                await connection.execute(delete(durations).filter_by(**kind))
                row = {**kind, "learned": json.dumps(curve)}
                await connection.execute(insert(durations).values(row))

        await self._database.write(work)
