"""Places out of reach, and ends of tasks that could not be reported, kept until they can be."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.domain.task import State
from bot.storage.tasks.tasks import TaskStore
from tests.factories import make_place
from tests.storage.state_builder import task_in


async def test_a_place_without_the_bot_is_kept_with_the_task(store: TaskStore) -> None:
    place = make_place(guild_id=None, reachable=False, link_guild_id=2**53)
    await task_in(store, State.RENDERED, "t1", place=place)
    stored = await store.get("t1")
    assert stored is not None
    assert stored.place == place


async def test_a_notice_that_reached_nobody_is_kept_until_it_is_shown(
    store: TaskStore,
) -> None:
    failed = await task_in(store, State.FAILED, "t1")
    lost = await task_in(store, State.UNDELIVERED, "t2")
    told_task = await task_in(store, State.FAILED, "t3")
    await store.told(failed, announced=True, notice_pending=True)
    await store.told(lost, announced=True, notice_pending=True)
    await store.told(told_task, announced=True)
    person = failed.person.id
    pending = await store.pending_notices(person)
    assert [(task.id, task.notice_pending) for task in pending] == [("t1", True), ("t2", True)]
    assert await store.pending_notices(person + 1) == []
    # A message that arrived after all is not repeated.
    again = await store.send_again("t2", person, message_id=77)
    assert again.place.message_id == 77
    await store.delivered(again, 3, 77)
    assert [task.id for task in await store.pending_notices(person)] == ["t1"]
    await store.clear_pending_notices(person)
    assert await store.pending_notices(person) == []


async def test_the_query_for_notices_at_each_command_reads_an_index(template: Path) -> None:
    with closing(sqlite3.connect(template)) as connection:
        query = "EXPLAIN QUERY PLAN SELECT * FROM tasks WHERE person_id = 1 AND unsaid"
        plan = str(connection.execute(query).fetchall())
    assert "ix_tasks_unsaid" in plan
