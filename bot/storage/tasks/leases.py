"""Leases: which processes are alive, as far as this one can know."""

import math
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.storage.engine.postgres import server_time
from bot.storage.tables import processes

# The owner id of every `flipbook run` begins with this.
RUN_PREFIX = "run-"
# Seconds that the server's clock may gain on this process's clock between two readings. More means
# that it was set; less can be a busy machine, and is too short for a lease to end.
_SET_FORWARDS = 5.0


async def register(
    connection: AsyncConnection, owner: str, *, lease: timedelta, now: datetime
) -> None:
    """Create or extend the lease of ``owner``, by the server's clock if there is one."""
    lease_until = (await server_time(connection) or now) + lease
    parameters = {"me": owner, "until": lease_until}
    changed = await connection.execute(_PROLONGED, parameters)
    if changed.rowcount == 0:
        await connection.execute(insert(processes), {"owner": owner, "lease_until": lease_until})


async def release(connection: AsyncConnection, owner: str) -> None:
    """Delete the lease of ``owner``, if it has one."""
    await connection.execute(delete(processes).where(processes.c.owner == owner))


class Leases:
    """What this process knows about the leases of others.

    The clocks of two machines differ, and any of them may be set, so a lease is never compared
    with the wall clock of a process. It has ended in one of two cases:

    - This process has seen it unchanged for a lease's length, by its monotonic clock.
    - It has ended by the clock of the database server, which also wrote it. This is for a process
      that has just started, so that it need not wait again for tasks of a process that was killed
      long ago. The server's clock may be set, too. If this process notices that, it trusts the
      clock again only after every living process has had time to renew its lease.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[str, tuple[datetime, float]] = {}
        # The server's clock and this process's monotonic clock at the last reading.
        self._read: tuple[datetime, float] | None = None
        self._reliable_from = -math.inf

    async def ended(
        self, connection: AsyncConnection, *, lease: timedelta, only_run: bool
    ) -> list[str]:
        """Owners whose leases have ended; ``only_run``: no other `flipbook run` can be alive."""
        now = self._clock.monotonic()
        at_server = await self._reliable_server_time(connection, now, lease)
        found = {row.owner: row.lease_until for row in await connection.execute(_LEASES)}
        self._seen = {owner: self._since(owner, until, now) for owner, until in found.items()}
        return [
            owner
            for owner, (until, since) in self._seen.items()
            if now - since >= lease.total_seconds()
            or (at_server is not None and until <= at_server)
            or (only_run and owner.startswith(RUN_PREFIX))
        ]

    def _since(self, owner: str, until: datetime, now: float) -> tuple[datetime, float]:
        known = self._seen.get(owner)
        return known if known is not None and known[0] == until else (until, now)

    async def _reliable_server_time(
        self, connection: AsyncConnection, now: float, lease: timedelta
    ) -> datetime | None:
        at_server = await server_time(connection)
        if at_server is None:
            return None
        if self._read is not None:
            before, then = self._read
            ahead = (at_server - before).total_seconds() - (now - then)
            if ahead > _SET_FORWARDS:
                self._reliable_from = now + lease.total_seconds()
        self._read = (at_server, now)
        return at_server if now >= self._reliable_from else None


# Every process runs these every few seconds. They are built once, because building a statement
# takes longer than running it.
_LEASES = select(processes.c.owner, processes.c.lease_until)
_PROLONGED = (
    update(processes)
    .where(processes.c.owner == bindparam("me", type_=processes.c.owner.type))
    .values(lease_until=bindparam("until", type_=processes.c.lease_until.type))
)
