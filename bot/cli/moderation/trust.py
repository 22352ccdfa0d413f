"""Reads and decides reports, and lists, sets and lifts blocks, for the command line."""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

from bot.cli.database import with_database
from bot.clock import SystemClock
from bot.domain.report import EVERYWHERE, BlockEntry, BlockKind, Report, Verdict
from bot.errors import CommandError, NotFound
from bot.storage.engine.database import Database
from bot.storage.guilds.blocks import BlockTable
from bot.storage.guilds.removals import RemovalStore
from bot.storage.guilds.reports import ReportStore
from bot.ui.texts.measures import one_line

Result = TypeVar("Result")

THE_OPERATOR = 0
"""Who decided, in the audit log."""
_FORMS = {
    BlockKind.PERSON: r"[1-9]\d{0,18}",
    BlockKind.SERVER: r"[1-9]\d{0,18}",
    BlockKind.DIGEST: r"[0-9a-f]{64}",
}


def undecided(*, server: int | None, limit: int) -> Sequence[Report]:
    """Reports that wait for a decision, oldest first."""
    return _with_reports(lambda reports: reports.undecided(server, limit=limit))


def report_line(report: Report) -> str:
    """A report as one line."""
    where = f"server {report.guild_id}" if report.guild_id else "outside servers"
    return "  ".join(
        [
            str(report.id),
            f"{report.made_at:%Y-%m-%d %H:%M}",
            report.reason.value,
            f"task {report.task_id}",
            f"by {report.author_id}",
            where,
            report.link,
            one_line(report.words),
        ]
    ).rstrip()


def decided(report_id: int, *, remove: bool, rerolls: bool) -> Iterator[str]:
    """Decide a report, and say what follows, a line each.

    Raises:
        CommandError: there is no such report, or it is decided.
    """
    verdict = Verdict.REMOVED if remove else Verdict.DISMISSED
    try:
        found = _with_reports(
            lambda reports: reports.decide(report_id, verdict, by_id=THE_OPERATOR)
        )
    except NotFound as error:
        raise CommandError(f"there is no report {report_id}") from error
    report = found.report
    if not found.is_new and (report.verdict is not verdict or not rerolls):
        decided_as = report.verdict.value if report.verdict else "open"
        raise CommandError(f"report {report_id} is decided already: {decided_as}")
    yield f"report {report_id}: {verdict.value}"
    left = _with_removals(lambda removals: removals.rerolls(report)) if remove else ()
    if left and rerolls:
        _with_removals(lambda removals: removals.remove_rerolls(report_id, by_id=THE_OPERATOR))
        yield f"{len(left)} other videos of the picture are removed as well"
    elif left:
        yield f"other videos of the picture: {', '.join(task.id for task in left)}"
        yield f"remove them too: flipbook report resolve {report_id} --remove --rerolls"


def blocks() -> Sequence[BlockEntry]:
    """All blocks, newest first."""
    return _with_blocks(lambda table: table.listed())


def block_line(entry: BlockEntry) -> str:
    """A block as one line."""
    where = "everywhere" if entry.guild_id == EVERYWHERE else f"in server {entry.guild_id}"
    head = f"{entry.made_at:%Y-%m-%d %H:%M}  {entry.kind.value} {entry.subject}  {where}"
    return f"{head}  {one_line(entry.reason)}" if entry.reason else head


def blocked(kind: str, subject: str, reason: str | None) -> str:
    """Block something everywhere.

    Raises:
        CommandError: it is not an id, or not a digest.
    """
    what = _checked(kind, subject)
    _with_blocks(lambda table: table.block(what, subject, reason=reason))
    return f"{kind} {subject} is blocked everywhere"


def unblocked(kind: str, subject: str) -> str:
    """Lift a block.

    Raises:
        CommandError: there is none.
    """
    what = _checked(kind, subject)
    if not _with_blocks(lambda table: table.unblock(what, subject)):
        raise CommandError(f"{kind} {subject} is not blocked")
    return f"{kind} {subject} is no longer blocked"


def _checked(kind: str, subject: str) -> BlockKind:
    if kind not in list(BlockKind):
        raise CommandError(f"{kind!r} is not one of {', '.join(BlockKind)}")
    if not re.fullmatch(_FORMS[BlockKind(kind)], subject):
        raise CommandError(f"{subject!r} is no {'digest' if kind == 'digest' else 'id'}")
    return BlockKind(kind)


def _with_reports(ask: Callable[[ReportStore], Awaitable[Result]]) -> Result:
    return with_database(lambda database: ask(ReportStore(database, clock=SystemClock())))


def _with_removals(ask: Callable[[RemovalStore], Awaitable[Result]]) -> Result:
    return with_database(lambda database: ask(RemovalStore(database, clock=SystemClock())))


def _with_blocks(ask: Callable[[BlockTable], Awaitable[Result]]) -> Result:
    def work(database: Database) -> Awaitable[Result]:
        return ask(BlockTable(database, clock=SystemClock()))

    return with_database(work)
