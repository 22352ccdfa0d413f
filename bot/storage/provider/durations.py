"""Learned durations of videos, one row for each kind."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.models.model import VideoKind
from bot.storage.engine.database import Database
from bot.storage.tables import durations

_KIND = [durations.c[name] for name in VideoKind._fields]


class DurationTable:
    """Durations of videos in the format of `bot.domain.provider.durations`.

    If several processes learn at the same time, the last one to write wins, which is fine since
    all of them poll the same provider.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def durations(self) -> Mapping[VideoKind, dict[str, Any]]:
        """Return what was stored last for every kind."""

        async def work(connection: AsyncConnection) -> dict[VideoKind, dict[str, Any]]:
            rows = await connection.execute(select(*_KIND, durations.c.learned))
            return {VideoKind(*kind): json.loads(learned) for *kind, learned in rows}

        return await self._database.read(work)

    async def keep_durations(self, learned: Mapping[VideoKind, dict[str, Any]]) -> None:
        """Replace the durations of these kinds; others stay."""

        async def work(connection: AsyncConnection) -> None:
            for of_kind, curve in learned.items():
                kind = of_kind._asdict()
                await connection.execute(delete(durations).filter_by(**kind))
                row = {**kind, "learned": json.dumps(curve)}
                await connection.execute(insert(durations).values(row))

        await self._database.write(work)
