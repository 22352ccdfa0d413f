"""Reports, removals and blocks, in real databases."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.guilds.audit import Action
from bot.domain.report import (
    REPORTS_A_DAY,
    BlockKind,
    NewReport,
    Report,
    ReportReason,
    Verdict,
)
from bot.domain.task import State, Task
from bot.errors import BlockRefused, NotFound, ReportProblem, ReportRefused
from bot.storage.engine.database import Database
from bot.storage.guilds.blocks import BlockTable
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.guilds.removals import RemovalStore
from bot.storage.guilds.reports import ReportStore
from bot.storage.maintenance.privacy import PrivacyTable, Rows
from bot.storage.tasks.tasks import TaskStore
from tests.factories import make_frame, make_person, make_place, make_request
from tests.storage.conftest import HandClock
from tests.storage.state_builder import queued, task_in

HERE, REPORTER, MOD = 2001, 77, 42


@pytest.fixture
def reports(database: Database, clock: HandClock) -> ReportStore:
    return ReportStore(database, clock=clock)


@pytest.fixture
def removals(database: Database, clock: HandClock) -> RemovalStore:
    return RemovalStore(database, clock=clock)


@pytest.fixture
def blocks(database: Database, clock: HandClock) -> BlockTable:
    return BlockTable(database, clock=clock)


def about(task: Task, person_id: int = REPORTER, **changes: Any) -> NewReport:
    new = NewReport(
        task=task,
        person_id=person_id,
        reason=ReportReason.PERSON,
        words="that is my sister",
        channel_id=task.result_channel_id,
        message_id=task.result_message_id,
        guild_id=task.place.guild_id,
    )
    return replace(new, **changes)


async def reported(reports: ReportStore, store: TaskStore, **changes: Any) -> Report:
    return await reports.file(about(await task_in(store, State.DELIVERED, "t1", **changes)))


async def refusal(reports: ReportStore, new: NewReport) -> ReportProblem:
    with pytest.raises(ReportRefused) as caught:
        await reports.file(new)
    return caught.value.problem


# --- filing ----------------------------------------------------------------------------------


async def test_a_person_reports_a_video_once_and_not_their_own(
    reports: ReportStore, store: TaskStore
) -> None:
    task = await task_in(store, State.DELIVERED, "t1")
    first = await reports.file(about(task))
    assert await refusal(reports, about(task)) is ReportProblem.TWICE
    assert await refusal(reports, about(task, task.person.id)) is ReportProblem.OWN
    second = await reports.file(about(task, 78))
    assert [one.id for one in await reports.together(first)] == [first.id, second.id]


async def test_the_sixth_report_of_a_day_is_refused_even_when_they_come_at_once(
    reports: ReportStore, store: TaskStore, clock: HandClock
) -> None:
    tasks = [await task_in(store, State.DELIVERED, f"t{number}") for number in range(8)]
    filed = await asyncio.gather(
        *(reports.file(about(task)) for task in tasks), return_exceptions=True
    )
    assert sum(isinstance(one, Report) for one in filed) == REPORTS_A_DAY
    clock.forward(days=1, seconds=1)
    [left] = [task for task, one in zip(tasks, filed, strict=True) if not isinstance(one, Report)][
        :1
    ]
    await reports.file(about(left))


async def test_reports_wait_until_somebody_was_told(reports: ReportStore, store: TaskStore) -> None:
    report = await reported(reports, store)
    assert [one.id for one in await reports.untold(limit=9)] == [report.id]
    await reports.told(report, channel_id=5, message_id=6)
    assert await reports.untold(limit=9) == []
    await reports.decide(report.id, Verdict.DISMISSED, by_id=MOD)
    [open_card] = await reports.untold(limit=9)
    assert (open_card.card_channel_id, open_card.card_message_id) == (5, 6)
    await reports.told(open_card)
    assert await reports.untold(limit=9) == []


# --- decisions -------------------------------------------------------------------------------


async def test_a_decision_is_for_all_reports_of_the_video_and_holds(
    reports: ReportStore, store: TaskStore, database: Database, clock: HandClock
) -> None:
    first = await reported(reports, store)
    task = await store.get("t1")
    assert task is not None
    await reports.file(about(task, 78))
    decided = await reports.decide(first.id, Verdict.DISMISSED, by_id=MOD)
    assert decided.is_new
    again = await reports.decide(first.id, Verdict.REMOVED, by_id=MOD)
    assert not again.is_new
    assert again.report.verdict is Verdict.DISMISSED
    assert await reports.undecided(limit=9) == []
    for person in (REPORTER, 78):
        [verdict] = await reports.unread_verdicts(person)
        assert verdict.verdict is Verdict.DISMISSED
    await reports.read_verdicts(REPORTER)
    assert await reports.unread_verdicts(REPORTER) == []
    assert len(await reports.unread_verdicts(78)) == 1
    log = await ModerationStore(database, clock=clock).audit(
        HERE, subject_id=None, before_id=None, limit=9
    )
    assert [(one.action, one.by_id) for one in log] == [(Action.DISMISS, MOD)]
    with pytest.raises(NotFound):
        await reports.decide(999, Verdict.REMOVED, by_id=MOD)


async def test_a_removed_picture_is_blocked_in_that_server_and_a_queued_reroll_is_not_posted(
    reports: ReportStore, removals: RemovalStore, store: TaskStore
) -> None:
    report = await reported(reports, store)
    reroll = await task_in(store, State.RENDERED, "t2", parent_id="t1")
    await task_in(store, State.DELIVERED, "t3", parent_id="t2")
    decided = await reports.decide(report.id, Verdict.REMOVED, by_id=MOD)
    assert decided.rerolls == 2
    [pending] = await removals.pending(limit=9)
    assert (pending.task_id, pending.message_id) == ("t1", 4)
    assert await removals.withhold(reroll)
    with pytest.raises(BlockRefused) as caught:
        await queued(store, "t4")
    assert caught.value.block.kind is BlockKind.DIGEST
    assert await store.get("t4") is None
    # In another server it is not, nor is the picture cropped: its digest is another one.
    await queued(store, "t5", place=make_place(guild_id=2002))
    await queued(store, "t6", request=make_request(frame=make_frame(b"cropped")))
    assert await removals.is_frame_used(pending)
    assert await removals.remove_rerolls(report.id, by_id=MOD)
    assert [one.task_id for one in await removals.pending(limit=9)] == ["t1", "t3"]
    assert await removals.remove_rerolls(report.id, by_id=MOD) is None


async def test_all_of_one_persons_videos_of_the_last_days(
    removals: RemovalStore, store: TaskStore, clock: HandClock
) -> None:
    await task_in(store, State.DELIVERED, "old")
    clock.forward(days=3)
    await task_in(store, State.DELIVERED, "new")
    await task_in(store, State.RUNNING, "running")
    await task_in(store, State.FAILED, "failed")
    await task_in(store, State.DELIVERED, "elsewhere", place=make_place(guild_id=2002))
    await task_in(store, State.DELIVERED, "others", person=make_person(id=1002))
    since = clock.now() - timedelta(days=2)
    entry = await removals.remove_all(HERE, 1001, since=since, days=2, by_id=MOD)
    assert entry.after == {"removed": 2, "days": 2}
    # The one that is being made is removed when it is done, and keeps no other waiting.
    assert [one.task_id for one in await removals.pending(limit=9)] == ["new"]
    again = await removals.remove_all(HERE, 1001, since=since, days=2, by_id=MOD)
    assert not again.is_change


async def test_a_video_is_hidden_until_it_is_dismissed_also_if_a_process_died_in_between(
    reports: ReportStore, store: TaskStore
) -> None:
    task = await task_in(store, State.DELIVERED, "t1")
    report = await reports.file(about(task, hides=True))
    assert await _to_hide(reports) == [None]
    assert await reports.is_hidden("t1")
    decided = (await reports.decide(report.id, Verdict.DISMISSED, by_id=MOD)).report
    # Nobody had noted that it was hidden.
    assert await _to_hide(reports) == [Verdict.DISMISSED]
    await reports.hidden(decided)
    assert await _to_hide(reports) == []
    # A slower process hid it just now.
    await reports.hidden(report)
    assert await _to_hide(reports) == [Verdict.DISMISSED]
    await reports.hidden(decided)
    assert not (await reports.file(about(task, 78, hides=True))).hides
    assert not await reports.is_hidden("t1")


async def _to_hide(reports: ReportStore) -> list[Verdict | None]:
    return [one.verdict for one in await reports.to_hide(limit=9)]


# --- the operator's blocks -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (BlockKind.PERSON, "1001"),
        (BlockKind.SERVER, "2001"),
        (BlockKind.DIGEST, make_frame().digest),
    ],
)
async def test_what_the_operator_blocks_is_refused_until_it_is_unblocked(
    kind: BlockKind, subject: str, blocks: BlockTable, store: TaskStore
) -> None:
    await blocks.block(kind, subject, reason="asked by the authorities")
    with pytest.raises(BlockRefused) as caught:
        await queued(store, "t1")
    assert caught.value.block.kind is kind
    [entry] = await blocks.listed()
    assert (entry.subject, entry.reason) == (subject, "asked by the authorities")
    assert await blocks.unblock(kind, subject) == 1
    await queued(store, "t1")
    assert await blocks.unblock(kind, subject) == 0


# --- data ------------------------------------------------------------------------------------


async def test_who_reported_is_exported_to_themselves_alone(
    reports: ReportStore, store: TaskStore, database: Database, clock: HandClock
) -> None:
    await reported(reports, store)
    privacy = PrivacyTable(database, clock=clock)
    assert "my sister" in str(await _exported(privacy, REPORTER))
    assert "my sister" not in str(await _exported(privacy, 1001))


async def _exported(privacy: PrivacyTable, person_id: int) -> list[Any]:
    found: list[Any] = []

    async def each(table: str, rows: Rows) -> None:
        found.extend(rows)

    await privacy.export(person_id, each)
    return found


async def test_deleting_data_lifts_neither_the_limit_nor_a_report_about_oneself(
    reports: ReportStore,
    removals: RemovalStore,
    store: TaskStore,
    database: Database,
    clock: HandClock,
) -> None:
    report = await reported(reports, store)
    privacy = PrivacyTable(database, clock=clock)
    task = await store.get("t1")
    assert task is not None
    await privacy.erase(REPORTER)
    assert await refusal(reports, about(task)) is ReportProblem.TWICE
    await privacy.erase(1001)
    await reports.decide(report.id, Verdict.REMOVED, by_id=MOD)
    [pending] = await removals.pending(limit=9)
    assert (pending.channel_id, pending.message_id) == (3, 4)
    assert pending.digest == make_frame().digest
    clock.forward(hours=23)
    await privacy.sweep()
    assert await refusal(reports, about(task)) is ReportProblem.TWICE
    clock.forward(hours=2)
    await privacy.sweep()
    assert await _exported(privacy, REPORTER) == []


async def test_reports_are_deleted_some_time_after_the_decision(
    reports: ReportStore, removals: RemovalStore, store: TaskStore, clock: HandClock
) -> None:
    report = await reported(reports, store)
    await reports.decide(report.id, Verdict.REMOVED, by_id=MOD)
    await removals.done("t1")
    clock.forward(days=89)
    await reports.sweep()
    assert await reports.get(report.id) is not None
    clock.forward(days=2)
    await reports.sweep()
    assert await reports.get(report.id) is None
