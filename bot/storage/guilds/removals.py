"""Results that are to be removed: written down first, then carried out by any process."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.guilds.audit import Action, AuditEntry
from bot.domain.report import EVERYWHERE, BlockKind, Removal, Report
from bot.domain.task import OPEN_STATES, State, Task
from bot.errors import NotFound
from bot.storage.engine.database import Database
from bot.storage.engine.postgres import serialize_reservations
from bot.storage.engine.upsert import upsert
from bot.storage.guilds import audit, blocks
from bot.storage.maintenance.privacy import NO_FRAME
from bot.storage.tables import removals, reports, tasks
from bot.storage.tasks.rows import task_of

_GONE = {
    "result_channel_id": None,
    "result_message_id": None,
    "video_url": None,
    "answer": None,
    # Machines delete their copies of a first frame that no task names.
    "frame_digest": NO_FRAME,
}
_ENDED_WITHOUT = (State.FAILED, State.CANCELLED)
# A queued task is canceled at once.
_BEING_MADE = tuple(OPEN_STATES - {State.QUEUED})


async def remove_reported(
    connection: AsyncConnection, report: Report, digest: str, now: datetime
) -> None:
    """Write down that a reported video is to be removed, and block its picture there."""
    removal = Removal(
        task_id=report.task_id,
        guild_id=report.guild_id,
        channel_id=report.channel_id,
        message_id=report.message_id,
        digest=digest,
    )
    await _write(connection, removal, now)
    if digest != NO_FRAME:
        where = report.guild_id or EVERYWHERE
        await blocks.add(connection, BlockKind.DIGEST, digest, guild_id=where, reason=None, now=now)


async def rerolls(
    connection: AsyncConnection, task_id: str, guild_id: int | None
) -> Sequence[Task]:
    """The other videos of the same picture in the same server that are left: its rerolls.

    The picture finds them even if somebody's deleted data took the links between them away.
    """
    digest = select(reports.c.digest).where(reports.c.task_id == task_id).limit(1)
    query = select(tasks).where(
        tasks.c.frame_digest == digest.scalar_subquery(),
        tasks.c.frame_digest != NO_FRAME,
        tasks.c.id != task_id,
        tasks.c.state.not_in(_ENDED_WITHOUT),
        tasks.c.guild_id.is_not_distinct_from(guild_id),
        tasks.c.id.not_in(select(removals.c.task_id)),
    )
    found = [task_of(row) for row in await connection.execute(query.order_by(tasks.c.created_at))]
    return [one for one in found if not one.is_deleted]


async def trim(connection: AsyncConnection, before: datetime) -> None:
    """Delete removals that were done before then."""
    await connection.execute(delete(removals).where(removals.c.done_at < before))


async def _write(connection: AsyncConnection, removal: Removal, now: datetime) -> None:
    values = {
        "guild_id": removal.guild_id,
        "channel_id": removal.channel_id,
        "message_id": removal.message_id,
        "digest": removal.digest,
        "made_at": now,
        "done_at": None,
    }
    await upsert(connection, removals, {"task_id": removal.task_id}, values)


async def _write_task(connection: AsyncConnection, task: Task, now: datetime) -> None:
    removal = Removal(
        task_id=task.id,
        guild_id=task.place.guild_id,
        channel_id=task.result_channel_id,
        message_id=task.result_message_id,
        digest=task.request.frame.digest,
    )
    await _write(connection, removal, now)


class RemovalStore:
    """The removals. Each method is one transaction."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def remove_rerolls(self, report_id: int, *, by_id: int) -> AuditEntry | None:
        """Remove the videos that were made from a reported one; ``None`` if there are none left.

        Raises:
            NotFound: there is no such report.
        """
        now = self._clock.now()
        return await self._database.write(lambda on: _remove_rerolls(on, report_id, by_id, now))

    async def remove_all(
        self, guild_id: int, person_id: int, *, since: datetime, days: int, by_id: int
    ) -> AuditEntry:
        """Remove all of a person's videos in a server that were asked for since then."""
        now = self._clock.now()
        gone = select(removals.c.task_id)
        query = select(tasks).where(
            tasks.c.guild_id == guild_id,
            tasks.c.person_id == person_id,
            tasks.c.created_at >= since,
            tasks.c.state.not_in(_ENDED_WITHOUT),
            tasks.c.id.not_in(gone),
        )

        async def work(connection: AsyncConnection) -> AuditEntry:
            await serialize_reservations(connection)
            found = [task_of(row) for row in await connection.execute(query)]
            left = [task for task in found if not task.is_deleted]
            for task in left:
                await _write_task(connection, task, now)
            return await audit.write_down(
                connection,
                guild_id=guild_id,
                by_id=by_id,
                action=Action.REMOVE_ALL,
                subject_id=person_id,
                before={"removed": 0},
                after={"removed": len(left)} | ({"days": days} if left else {}),
                now=now,
            )

        return await self._database.write(work)

    async def rerolls(self, report: Report) -> Sequence[Task]:
        """The videos that are left of those made from a reported one, directly or again."""
        return await self._database.read(lambda on: rerolls(on, report.task_id, report.guild_id))

    async def pending(self, *, limit: int) -> Sequence[Removal]:
        """Removals that can be carried out now, oldest first.

        The removal of a video that is still being made waits for the video, and delays no other.
        """
        is_made = exists().where(tasks.c.id == removals.c.task_id, tasks.c.state.in_(_BEING_MADE))
        query = select(removals).where(removals.c.done_at.is_(None), ~is_made)
        query = query.order_by(removals.c.made_at, removals.c.task_id).limit(limit)

        async def work(connection: AsyncConnection) -> Sequence[Removal]:
            return [_removal(row) for row in await connection.execute(query)]

        return await self._database.read(work)

    async def done(self, task_id: str) -> None:
        """Note that nothing of a removed video is left, and forget where it was."""
        values = {"done_at": self._clock.now()}
        this = update(removals).where(removals.c.task_id == task_id).values(**values)
        gone = update(tasks).where(tasks.c.id == task_id).values(**_GONE)

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(gone)
            await connection.execute(this)

        await self._database.write(work)

    async def withhold(self, task: Task) -> bool:
        """Whether a video must not be posted: it was removed, or its picture is blocked there.

        If it is the picture, the video is to be removed from now on.
        """
        now = self._clock.now()
        query = select(removals.c.task_id).where(removals.c.task_id == task.id)
        digest = task.request.frame.digest

        async def ask(connection: AsyncConnection) -> tuple[bool, bool]:
            is_removed = await connection.scalar(query) is not None
            guild_id = task.place.guild_id
            return is_removed, await blocks.is_picture_blocked(connection, guild_id, digest)

        is_removed, is_blocked = await self._database.read(ask)
        if is_blocked and not is_removed:
            await self._database.write(lambda on: _write_task(on, task, now))
        return is_removed or is_blocked

    async def is_frame_used(self, removal: Removal) -> bool:
        """Whether a video of another place that was not removed has the same first frame.

        Outside servers the operator decides, whose decision holds everywhere.
        """
        if removal.guild_id is None:
            return False
        at = tasks.c
        elsewhere = at.guild_id.is_distinct_from(removal.guild_id)
        query = select(at.id).where(
            at.frame_digest == removal.digest,
            at.id != removal.task_id,
            elsewhere,
            at.id.not_in(select(removals.c.task_id)),
        )

        async def work(connection: AsyncConnection) -> bool:
            return await connection.scalar(query.limit(1)) is not None

        return await self._database.read(work)


async def _remove_rerolls(
    connection: AsyncConnection, report_id: int, by_id: int, now: datetime
) -> AuditEntry | None:
    await serialize_reservations(connection)
    row = (await connection.execute(select(reports).where(reports.c.id == report_id))).first()
    if row is None:
        raise NotFound(f"report {report_id}")
    found = await rerolls(connection, row.task_id, row.guild_id)
    for task in found:
        await _write_task(connection, task, now)
    if row.guild_id is None or not found:
        return None
    return await audit.write_down(
        connection,
        guild_id=row.guild_id,
        by_id=by_id,
        action=Action.REMOVE,
        subject_id=row.author_id,
        before={"removed": 0},
        after={"removed": len(found), "task": row.task_id},
        now=now,
    )


def _removal(row: Row[Any]) -> Removal:
    return Removal(
        task_id=row.task_id,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        message_id=row.message_id,
        digest=row.digest,
    )
