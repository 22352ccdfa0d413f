"""The provider's recent charges for each kind of video."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Integer, and_, bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.models.model import VideoKind
from bot.domain.models.prices import LAST
from bot.domain.money import Usd
from bot.domain.task import Task
from bot.storage.engine.database import Database
from bot.storage.tables import charges

KEPT = 100
"""Charges kept of each kind. An estimate needs fewer, but some may be out of its bounds."""

# Used at each command. Building a statement takes longer than running it, so these are built once,
# with named parameters.
_AT = charges.c
_OF_KIND = and_(*(_AT[name] == bindparam(name) for name in VideoKind._fields))
_NEWEST = select(_AT.id).where(_OF_KIND).order_by(_AT.id.desc())
_LAST = (
    select(_AT.cost)
    .where(_OF_KIND, _AT.cost.between(bindparam("least"), bindparam("highest")))
    .order_by(_AT.id.desc())
    .limit(bindparam("most", type_=Integer))
)
# Charges beyond the newest KEPT, which are deleted with each insert.
_TRIMMED = delete(charges).where(
    _OF_KIND, _AT.id <= _NEWEST.offset(KEPT).limit(1).scalar_subquery()
)


async def last(
    connection: AsyncConnection, kind: VideoKind, bounds: tuple[Usd, Usd], most: int = LAST
) -> Sequence[Usd]:
    """Return the last charges within ``bounds``, newest first."""
    least, highest = bounds
    parameters = {**kind._asdict(), "least": least, "highest": highest, "most": most}
    return list(await connection.scalars(_LAST, parameters))


async def record(connection: AsyncConnection, task: Task, cost: Usd | None, now: datetime) -> None:
    """Record the charge for a video, unless the provider named none."""
    if cost is None or task.cost_is_listed:
        return
    kind = task.request.kind._asdict()
    await connection.execute(insert(charges), {**kind, "cost": cost, "at": now})
    await connection.execute(_TRIMMED, kind)


async def listed(connection: AsyncConnection) -> Mapping[VideoKind, Sequence[Usd]]:
    """Return all charges, newest first."""
    found: dict[VideoKind, list[Usd]] = {}
    for row in await connection.execute(select(charges).order_by(charges.c.id.desc())):
        kind = VideoKind(row.model, row.resolution, row.seconds, row.audio)
        found.setdefault(kind, []).append(row.cost)
    return found


async def forget(connection: AsyncConnection) -> int:
    """Delete all charges; return their number."""
    return (await connection.execute(delete(charges))).rowcount


class ChargeTable:
    """The recorded charges, for the operator."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self) -> Mapping[VideoKind, Sequence[Usd]]:
        """Return all charges, newest first."""
        return await self._database.read(listed)

    async def forget(self) -> int:
        """Delete all charges; return their number."""
        return await self._database.write(forget)
