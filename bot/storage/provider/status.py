"""The status of each provider in a row that all processes share."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.provider.provider_status import ProviderStatus, RefusedModel
from bot.storage.engine.database import Database
from bot.storage.engine.postgres import serialize_standing
from bot.storage.engine.upsert import upsert
from bot.storage.tables import provider_standing

# Read before each create call; building a statement takes longer than running it.
_THE_ROW = select(provider_standing).where(provider_standing.c.provider == bindparam("name"))


class ProviderStatusTable:
    """Implements ``bot.services.ports.ProviderStatusStore``."""

    def __init__(self, database: Database, *, provider: str) -> None:
        self._database = database
        self._provider = provider

    async def read(self) -> ProviderStatus:
        return await self._database.read(lambda on: _read(on, self._provider))

    async def change(self, change: Callable[[ProviderStatus], ProviderStatus]) -> ProviderStatus:
        async def work(connection: AsyncConnection) -> ProviderStatus:
            await serialize_standing(connection)
            before = await _read(connection, self._provider)
            after = change(before)
            if after != before:
                key = {"provider": self._provider}
                await upsert(connection, provider_standing, key, _values(after))
            return before

        return await self._database.write(work)


async def _read(connection: AsyncConnection, provider: str) -> ProviderStatus:
    row = (await connection.execute(_THE_ROW, {"name": provider})).one_or_none()
    if row is None:
        return ProviderStatus()
    return ProviderStatus(
        closure=row.closure,
        refused_models={name: _refused(one) for name, one in row.refused_models.items()},
        since=row.since,
        suspect=row.suspect,
        unclear=row.unclear,
        last_told=row._mapping["said"],
        accepted_at=row.accepted_at,
        probe_at=row.probe_at,
        probe_after=timedelta(seconds=row.probe_after_seconds),
        quiet_until=row.quiet_until,
    )


def _refused(stored: dict[str, Any]) -> RefusedModel:
    return RefusedModel(
        probe_at=datetime.fromisoformat(stored["probe_at"]),
        probe_after=timedelta(seconds=stored["probe_after"]),
    )


def _values(status: ProviderStatus) -> dict[str, Any]:
    values = asdict(status)
    probe_after: timedelta = values.pop("probe_after")
    values["said"] = values.pop("last_told")
    values["refused_models"] = {
        name: {
            "probe_at": one.probe_at.isoformat(),
            "probe_after": one.probe_after.total_seconds(),
        }
        for name, one in status.refused_models.items()
    }
    return {**values, "probe_after_seconds": round(probe_after.total_seconds())}
