"""How the provider stands to this operator, for all processes: one row."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.provider_status import Standing
from bot.storage.engine.database import Database
from bot.storage.engine.postgres import serialise_standing
from bot.storage.engine.upsert import upsert
from bot.storage.tables import provider_standing

_KEY = {"id": 1}


class StandingTable:
    """Fulfils ``bot.services.ports.Standings``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> Standing:
        return await self._database.read(_read)

    async def change(self, change: Callable[[Standing], Standing]) -> Standing:
        async def work(connection: AsyncConnection) -> Standing:
            await serialise_standing(connection)
            before = await _read(connection)
            after = change(before)
            if after != before:
                await upsert(connection, provider_standing, _KEY, _values(after))
            return before

        return await self._database.write(work)


async def _read(connection: AsyncConnection) -> Standing:
    row = (await connection.execute(select(provider_standing).filter_by(**_KEY))).one_or_none()
    if row is None:
        return Standing()
    return Standing(
        closure=row.closure,
        model=row.model,
        since=row.since,
        suspect=row.suspect,
        unclear=row.unclear,
        said=row.said,
        accepted_at=row.accepted_at,
        probe_at=row.probe_at,
        probe_after=timedelta(seconds=row.probe_after_seconds),
        quiet_until=row.quiet_until,
    )


def _values(standing: Standing) -> dict[str, Any]:
    values = asdict(standing)
    probe_after: timedelta = values.pop("probe_after")
    return {**values, "probe_after_seconds": round(probe_after.total_seconds())}
