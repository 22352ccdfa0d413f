import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.task import State
from bot.storage.engine.database import Database, open_database
from bot.storage.maintenance.consistency import consistency_findings
from bot.storage.tables import processes, tasks
from bot.storage.tasks import leases
from bot.storage.tasks.rows import row_of
from bot.storage.tasks.tasks import TaskStore
from tests.factories import NOON, make_new_task
from tests.storage.conftest import HandClock
from tests.storage.state_builder import WIDE, task_in

LEASE = timedelta(seconds=20)


async def claimed(store: TaskStore, owner: str, *, only_run: bool = False) -> dict[str, State]:
    return {
        task.id: task.state for task in await store.claim(owner, only_run=only_run, lease=LEASE)
    }


async def test_open_tasks_are_taken_over_and_the_rest_left(
    store: TaskStore, database: Database
) -> None:
    before = {state: await task_in(store, state, state.value) for state in State}
    taken = {task.id: task for task in await store.claim("run-new", only_run=False, lease=LEASE)}
    assert {task_id: task.state for task_id, task in taken.items()} == {
        "queued": State.QUEUED,
        "submitting": State.UNKNOWN,
        "running": State.RUNNING,
        "rendered": State.RENDERED,
    }
    for task_id, task in taken.items():
        assert (task.owner, task.epoch) == ("run-new", before[State(task_id)].epoch + 1)
        assert await store.get(task_id) == task
    for state in State:
        if state.value not in taken:
            assert await store.get(state.value) == before[state]
    assert await database.read(consistency_findings) == []
    assert await claimed(store, "run-new") == {}


async def test_a_living_owner_keeps_its_tasks_until_its_lease_is_over(
    store: TaskStore, clock: HandClock
) -> None:
    await store.register("run-test", LEASE)
    await task_in(store, State.RUNNING)
    assert await claimed(store, "run-new") == {}
    clock.forward(seconds=19)
    assert await claimed(store, "run-new") == {}
    clock.forward(seconds=1)
    assert await claimed(store, "run-new") == {"t1": State.RUNNING}


@pytest.mark.parametrize("off", [timedelta(hours=1), timedelta(hours=-1)])
async def test_whether_a_lease_is_over_is_not_read_off_anybodys_wall_clock(
    store: TaskStore, database: Database, clock: HandClock, off: timedelta
) -> None:
    await TaskStore(database, clock=HandClock(NOON + off)).register("run-test", LEASE)
    await task_in(store, State.SUBMITTING)
    assert await claimed(store, "run-new") == {}
    clock.forward(seconds=19)
    await TaskStore(database, clock=HandClock(NOON - off)).register("run-test", LEASE)
    assert await claimed(store, "run-new") == {}
    clock.forward(seconds=19)
    assert await claimed(store, "run-new") == {}
    clock.forward(seconds=1)
    assert await claimed(store, "run-new") == {"t1": State.UNKNOWN}


async def test_a_process_that_has_just_started_does_not_wait_again_for_one_long_dead(
    postgres_url: str, clock: HandClock
) -> None:
    async with open_database(postgres_url) as database:
        await TaskStore(database, clock=clock).register("run-test", timedelta(milliseconds=1))
        await task_in(TaskStore(database, clock=clock), State.RUNNING)
        await asyncio.sleep(0.01)
        assert await claimed(TaskStore(database, clock=clock), "run-new") == {"t1": State.RUNNING}


async def test_when_the_clock_of_the_database_server_is_set_nobody_loses_tasks(
    postgres_url: str, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    server_clock = HandClock(NOON)

    async def server_time(connection: AsyncConnection) -> datetime:
        return server_clock.now()

    def both_forward(seconds: float) -> None:
        clock.forward(seconds=seconds)
        server_clock.forward(seconds=seconds)

    monkeypatch.setattr(leases, "server_time", server_time)
    async with open_database(postgres_url) as database:
        living, other = TaskStore(database, clock=clock), TaskStore(database, clock=clock)
        await living.register("run-test", LEASE)
        await task_in(living, State.RUNNING)
        assert await claimed(other, "run-new") == {}
        both_forward(5)
        server_clock.forward(hours=1)
        assert await claimed(other, "run-new") == {}, "the owner had no time to renew its lease"
        await living.register("run-test", LEASE)
        assert await claimed(other, "run-new") == {}
        # The process is dead now, and by the server's clock its lease lasts two more hours.
        server_clock.forward(hours=-2)
        both_forward(19)
        assert await claimed(other, "run-new") == {}
        both_forward(1)
        assert await claimed(other, "run-new") == {"t1": State.RUNNING}


async def test_a_lease_is_prolonged(store: TaskStore, clock: HandClock) -> None:
    await store.register("run-test", LEASE)
    await task_in(store, State.RUNNING)
    assert await claimed(store, "run-new") == {}
    clock.forward(seconds=19)
    await store.register("run-test", LEASE)
    clock.forward(seconds=1)
    assert await claimed(store, "run-new") == {}


async def test_a_process_that_stops_cleanly_leaves_its_tasks(store: TaskStore) -> None:
    await store.register("run-test", LEASE)
    await task_in(store, State.RUNNING)
    await store.release("run-test")
    await store.release("run-never-there")
    assert await claimed(store, "run-new") == {"t1": State.RUNNING}


async def test_leases_of_dead_processes_do_not_pile_up(
    store: TaskStore, database: Database, clock: HandClock
) -> None:
    async def owners() -> list[str]:
        found = await database.read(lambda on: on.scalars(select(processes.c.owner)))
        return sorted(found)

    for number in range(3):
        await store.register(f"run-{number}", LEASE)
    await store.reserve(make_new_task(id="a", owner="run-0"), WIDE)
    await store.reserve(make_new_task(id="b", owner="run-0"), WIDE)
    assert await claimed(store, "run-new") == {}
    clock.forward(seconds=20)
    await store.register("run-2", LEASE)
    taken = await store.claim("run-new", only_run=False, lease=LEASE, most=1)
    assert [task.id for task in taken] == ["a"]
    # A process stays known as killed until all of its tasks have been taken over.
    assert await owners() == ["run-0", "run-2"]
    assert await claimed(store, "run-new") == {"b": State.QUEUED}
    assert await owners() == ["run-2"]


async def test_the_only_run_takes_from_other_runs_but_not_from_terminals(
    store: TaskStore,
) -> None:
    await store.register("run-test", LEASE)
    await store.register("terminal-1", LEASE)
    await task_in(store, State.RUNNING, "theirs")
    await store.reserve(make_new_task(id="terminals", owner="terminal-1"), WIDE)
    assert await claimed(store, "run-new", only_run=True) == {"theirs": State.RUNNING}


async def test_ones_own_tasks_are_not_claimed_from_oneself(store: TaskStore) -> None:
    task = await task_in(store, State.SUBMITTING)
    assert await claimed(store, "run-test", only_run=True) == {}
    assert await store.get("t1") == task


async def test_ten_thousand_are_claimed_at_once(store: TaskStore, database: Database) -> None:
    rows = [row_of(make_new_task(id=f"t{number}"), NOON) for number in range(10_000)]
    await database.write(lambda connection: connection.execute(insert(tasks), rows))
    taken = await store.claim("run-new", only_run=True, lease=LEASE)
    assert len(taken) == 10_000
    assert {task.owner for task in taken} == {"run-new"}
