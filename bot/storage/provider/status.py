"""The provider's status in one row that all processes share."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.provider.provider_status import ProviderStatus
from bot.storage.engine.database import Database
from bot.storage.engine.postgres import serialize_standing
from bot.storage.engine.upsert import upsert
from bot.storage.tables import provider_standing

_KEY = {"id": 1}
# Read before each create call; building a statement takes longer than running it.
_THE_ROW = select(provider_standing).filter_by(**_KEY)


class ProviderStatusTable:
    """Implements ``bot.services.ports.ProviderStatusStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> ProviderStatus:
        return await self._database.read(_read)

    async def change(self, change: Callable[[ProviderStatus], ProviderStatus]) -> ProviderStatus:
        async def work(connection: AsyncConnection) -> ProviderStatus:
            await serialize_standing(connection)
            before = await _read(connection)
            after = change(before)
            if after != before:
                await upsert(connection, provider_standing, _KEY, _values(after))
            return before

        return await self._database.write(work)


async def _read(connection: AsyncConnection) -> ProviderStatus:
    row = (await connection.execute(_THE_ROW)).one_or_none()
    if row is None:
        return ProviderStatus()
    return ProviderStatus(
        closure=row.closure,
        model=row.model,
        since=row.since,
        suspect=row.suspect,
        unclear=row.unclear,
        last_told=row._mapping["said"],
        accepted_at=row.accepted_at,
        probe_at=row.probe_at,
        probe_after=timedelta(seconds=row.probe_after_seconds),
        quiet_until=row.quiet_until,
    )


def _values(status: ProviderStatus) -> dict[str, Any]:
    values = asdict(status)
    probe_after: timedelta = values.pop("probe_after")
    values["said"] = values.pop("last_told")
    return {**values, "probe_after_seconds": round(probe_after.total_seconds())}
