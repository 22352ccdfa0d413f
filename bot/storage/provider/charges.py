"""What the provider charged of late, by kind of video."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.money import Usd
from bot.domain.prices import LAST
from bot.domain.task import Task
from bot.services.ports import Kind
from bot.storage.engine.database import Database
from bot.storage.tables import charges

KEPT = 100
"""Of each kind: more than an estimate needs, as some of them may be out of its bounds."""


async def last(
    connection: AsyncConnection, kind: Kind, bounds: tuple[Usd, Usd], most: int = LAST
) -> Sequence[Usd]:
    """The last charges that lie within bounds, newest first."""
    at = charges.c
    query = (
        select(at.cost)
        .where(at.model == kind[0], at.resolution == kind[1], at.cost.between(*bounds))
        .order_by(at.id.desc())
        .limit(most)
    )
    return list(await connection.scalars(query))


async def record(connection: AsyncConnection, task: Task, cost: Usd | None, now: datetime) -> None:
    """Remember what was charged for such a video; what is not known is no charge."""
    if cost is None:
        return
    kind = {"model": task.request.model, "resolution": task.options.resolution}
    await connection.execute(insert(charges).values(**kind, cost=cost, at=now))
    newest = select(charges.c.id).filter_by(**kind).order_by(charges.c.id.desc())
    # Its last one that is too many, if there is one: they are trimmed with each.
    oldest = newest.offset(KEPT).limit(1).scalar_subquery()
    await connection.execute(delete(charges).filter_by(**kind).where(charges.c.id <= oldest))


async def listed(connection: AsyncConnection) -> Mapping[Kind, Sequence[Usd]]:
    """Everything that is kept, newest first."""
    found: dict[Kind, list[Usd]] = {}
    for row in await connection.execute(select(charges).order_by(charges.c.id.desc())):
        found.setdefault((row.model, row.resolution), []).append(row.cost)
    return found


async def forget(connection: AsyncConnection) -> int:
    """All of it; how many charges that were."""
    return (await connection.execute(delete(charges))).rowcount


class ChargeTable:
    """The same, for the operator."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self) -> Mapping[Kind, Sequence[Usd]]:
        """Everything that is kept, newest first."""
        return await self._database.read(listed)

    async def forget(self) -> int:
        """All of it; how many charges that were."""
        return await self._database.write(forget)
