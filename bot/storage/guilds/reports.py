"""Reports of videos: filed once by each person, told, decided and read."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.guilds.audit import Action, AuditEntry
from bot.domain.report import (
    KEEP_DECIDED,
    KEEP_OPEN,
    REPORTS_A_DAY,
    NewReport,
    Report,
    Verdict,
)
from bot.errors import NotFound, ReportProblem, ReportRefused
from bot.storage.engine.database import Database
from bot.storage.engine.postgres import serialize_reservations
from bot.storage.guilds import audit, removals
from bot.storage.tables import reports

_DAY = timedelta(days=1)
# Everything but the reporter.
_SHOWN = tuple(one.name for one in fields(Report))
_COLUMNS = [reports.c[name] for name in _SHOWN]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision about a video, and what followed from it."""

    report: Report
    """The report, decided."""
    is_new: bool
    """Whether this call decided it; if not, somebody else was faster."""
    entry: AuditEntry | None = None
    """The entry of the audit log; ``None`` outside servers."""
    rerolls: int = 0
    """How many videos were made from the removed one in the same place and are still there."""


class ReportStore:
    """The reports. Each method is one transaction."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def file(self, new: NewReport) -> Report:
        """Write a report down.

        Raises:
            ReportRefused: the person reported this video before, or five today, or it is theirs.
        """
        now = self._clock.now()
        return await self._database.write(lambda on: _file(on, new, now))

    async def get(self, report_id: int) -> Report | None:
        """A report, decided or not."""
        return await self._database.read(lambda on: _one(on, report_id))

    async def undecided(self, guild_id: int | None = None, *, limit: int) -> Sequence[Report]:
        """Open reports, oldest first: of one server, or all of them."""
        query = select(*_COLUMNS).where(reports.c.verdict.is_(None)).order_by(reports.c.id)
        if guild_id is not None:
            query = query.where(reports.c.guild_id == guild_id)
        return await self._listed(query.limit(limit))

    async def together(self, report: Report) -> Sequence[Report]:
        """The open reports of the same video, oldest first; a decided report alone."""
        if report.verdict is not None:
            return [report]
        at = reports.c
        query = select(*_COLUMNS).where(at.task_id == report.task_id, at.verdict.is_(None))
        return await self._listed(query.order_by(at.id))

    # --- telling --------------------------------------------------------------------------

    async def untold(self, *, limit: int) -> Sequence[Report]:
        """Reports that nobody who decides knows of yet, and decided ones whose card is open."""
        at = reports.c
        closes = and_(
            at.verdict.is_not(None), at.card_message_id.is_not(None), at.shown_at.is_(None)
        )
        fresh = and_(at.told_at.is_(None), at.verdict.is_(None))
        query = select(*_COLUMNS).where(or_(fresh, closes)).order_by(at.id)
        return await self._listed(query.limit(limit))

    async def told(
        self, report: Report, *, channel_id: int | None = None, message_id: int | None = None
    ) -> None:
        """Note that those who decide were told, or that the card shows the decision."""
        values: dict[str, Any] = {"told_at": self._clock.now()}
        if report.verdict is not None:
            values["shown_at"] = values["told_at"]
        if message_id is not None:
            values |= {"card_channel_id": channel_id, "card_message_id": message_id}
        this = update(reports).where(reports.c.id == report.id).values(**values)
        await self._database.write(lambda on: on.execute(this))

    async def unread_verdicts(self, person_id: int) -> Sequence[Report]:
        """Decided reports of a person who has not read the decision, oldest first."""
        query = select(*_COLUMNS).where(_unread(person_id)).order_by(reports.c.id)
        return await self._listed(query)

    async def read_verdicts(self, person_id: int) -> None:
        """Note that the person has read them."""
        values = {"read_at": self._clock.now()}
        these = update(reports).where(_unread(person_id)).values(**values)
        await self._database.write(lambda on: on.execute(these))

    async def to_hide(self, *, limit: int) -> Sequence[Report]:
        """Reports whose video is to be hidden, or after a dismissal shown again."""
        at = reports.c
        hide = and_(at.hides, at.hidden_at.is_(None), at.verdict.is_(None))
        # Also if nobody noted that it was hidden: the process may have died just before.
        show = and_(at.hides, at.verdict == Verdict.DISMISSED)
        return await self._listed(select(*_COLUMNS).where(or_(hide, show)).limit(limit))

    async def hidden(self, report: Report) -> None:
        """Note that the reported video is hidden, or after the decision shown again."""
        if report.verdict is None:
            # If another process showed it meanwhile, after a dismissal, it is shown again.
            values: dict[str, Any] = {"hides": True, "hidden_at": self._clock.now()}
        else:
            values = {"hides": False}
        this = update(reports).where(reports.c.id == report.id).values(**values)
        await self._database.write(lambda on: on.execute(this))

    async def is_hidden(self, task_id: str) -> bool:
        """Whether a video is hidden until the decision."""
        at = reports.c
        query = select(at.id).where(at.task_id == task_id, at.hides, at.verdict.is_(None))

        async def work(connection: AsyncConnection) -> bool:
            return await connection.scalar(query.limit(1)) is not None

        return await self._database.read(work)

    # --- decisions ------------------------------------------------------------------------

    async def decide(self, report_id: int, verdict: Verdict, *, by_id: int) -> Decision:
        """Decide all open reports of a video.

        ``removed`` also writes down that the video is to be removed, and blocks its picture in
        the server, or everywhere for a video outside servers.

        Raises:
            NotFound: there is no such report.
        """
        now = self._clock.now()
        return await self._database.write(lambda on: _decide(on, report_id, verdict, by_id, now))

    async def sweep(self) -> None:
        """Delete old reports and removals."""
        now, at = self._clock.now(), reports.c
        old = or_(at.decided_at < now - KEEP_DECIDED, at.made_at < now - KEEP_OPEN)

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(reports).where(old))
            await removals.trim(connection, now - KEEP_DECIDED)

        await self._database.write(work)

    async def _listed(self, query: Select[Any]) -> Sequence[Report]:
        async def work(connection: AsyncConnection) -> Sequence[Report]:
            return [_report(row) for row in await connection.execute(query)]

        return await self._database.read(work)


def _unread(person_id: int) -> Any:
    at = reports.c
    return and_(at.person_id == person_id, at.verdict.is_not(None), at.read_at.is_(None))


async def _file(connection: AsyncConnection, new: NewReport, now: datetime) -> Report:
    # If two are filed at once, the second one sees the first.
    await serialize_reservations(connection)
    if new.task.person.id == new.person_id:
        raise ReportRefused(ReportProblem.OWN)
    theirs = select(func.count()).select_from(reports).where(reports.c.person_id == new.person_id)
    if await connection.scalar(theirs.where(reports.c.task_id == new.task.id)):
        raise ReportRefused(ReportProblem.TWICE)
    if (
        await connection.scalar(theirs.where(reports.c.made_at > now - _DAY)) or 0
    ) >= REPORTS_A_DAY:
        raise ReportRefused(ReportProblem.TOO_MANY)
    before = (
        select(func.count())
        .select_from(reports)
        .where(reports.c.task_id == new.task.id, reports.c.verdict == Verdict.DISMISSED)
    )
    values = {
        # Whoever keeps reporting the same video does not keep it hidden.
        "hides": new.hides and not await connection.scalar(before),
        "task_id": new.task.id,
        "guild_id": new.guild_id,
        "author_id": new.task.person.id,
        "channel_id": new.channel_id,
        "message_id": new.message_id,
        "digest": new.task.request.frame.digest,
        "person_id": new.person_id,
        "reason": new.reason,
        "words": new.words,
        "made_at": now,
    }
    return _report(
        (await connection.execute(insert(reports).values(values).returning(*_COLUMNS))).one()
    )


async def _decide(
    connection: AsyncConnection, report_id: int, verdict: Verdict, by_id: int, now: datetime
) -> Decision:
    await serialize_reservations(connection)
    found = await _one(connection, report_id)
    if found is None:
        raise NotFound(f"report {report_id}")
    if found.verdict is not None:
        return Decision(report=found, is_new=False)
    at = reports.c
    same = update(reports).where(at.task_id == found.task_id, at.verdict.is_(None))
    await connection.execute(same.values(verdict=verdict, decided_at=now))
    rerolls = 0
    if verdict is Verdict.REMOVED:
        digest = await connection.scalar(select(at.digest).where(at.id == report_id))
        await removals.remove_reported(connection, found, str(digest), now)
        rerolls = len(await removals.rerolls(connection, found.task_id, found.guild_id))
    entry = await _write_down(connection, found, verdict, by_id, now)
    decided = await _one(connection, report_id)
    return Decision(report=decided or found, is_new=True, entry=entry, rerolls=rerolls)


async def _write_down(
    connection: AsyncConnection, found: Report, verdict: Verdict, by_id: int, now: datetime
) -> AuditEntry | None:
    if found.guild_id is None:
        return None
    is_removed = verdict is Verdict.REMOVED
    key = "removed" if is_removed else "dismissed"
    return await audit.write_down(
        connection,
        guild_id=found.guild_id,
        by_id=by_id,
        action=Action.REMOVE if is_removed else Action.DISMISS,
        subject_id=found.author_id,
        before={key: 0},
        after={key: 1, "task": found.task_id},
        now=now,
    )


async def _one(connection: AsyncConnection, report_id: int) -> Report | None:
    row = (
        await connection.execute(select(*_COLUMNS).where(reports.c.id == report_id))
    ).one_or_none()
    return None if row is None else _report(row)


def _report(row: Row[Any]) -> Report:
    return Report(**{name: row._mapping[name] for name in _SHOWN})
