"""Messages that a late edit may have changed: each is checked once, after its task has ended."""

from datetime import timedelta

import pytest

from bot.domain.task import ARRIVES_WITHIN, State
from bot.storage.tasks.late_edits import GIVE_UP_AFTER, LOOKED_AT_FOR
from bot.storage.tasks.tasks import TaskStore
from bot.worker.worker import LEASE
from tests.storage.conftest import HandClock
from tests.storage.state_builder import ENTER, PATHS, task_in

NOW = timedelta()


async def _ids(store: TaskStore) -> list[str]:
    return [task.id for task in await store.to_look_at(most=20)]


async def test_the_moment_of_a_task_is_its_state_and_epoch(store: TaskStore) -> None:
    task = await task_in(store, State.RUNNING)
    assert await store.moment(task.id) == (State.RUNNING, task.epoch)
    assert await store.moment("nobody") is None


@pytest.mark.parametrize("state", [State.DELIVERED, State.FAILED, State.UNKNOWN])
async def test_an_ended_task_is_checked_by_one_process(store: TaskStore, state: State) -> None:
    task = await task_in(store, state)
    await store.look_again(task.id, NOW)
    assert await _ids(store) == [task.id]
    assert await _ids(store) == []


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.RENDERED])
async def test_a_running_task_is_checked_at_its_end(store: TaskStore, state: State) -> None:
    task = await task_in(store, state)
    await store.look_again(task.id, NOW)
    assert await _ids(store) == []
    for step in PATHS[State.DELIVERED][len(PATHS[state]) :]:
        task = await ENTER[step](store, task)
    assert await _ids(store) == [task.id]


async def test_a_check_whose_process_died_is_left_to_the_next(
    store: TaskStore, clock: HandClock
) -> None:
    task = await task_in(store, State.DELIVERED)
    await store.look_again(task.id, NOW)
    assert await _ids(store) == [task.id]
    clock.moment += LOOKED_AT_FOR
    assert await _ids(store) == [task.id]
    await store.looked_at(task.id)
    clock.moment += LOOKED_AT_FOR
    assert await _ids(store) == []


async def test_the_later_of_two_moments_counts(store: TaskStore, clock: HandClock) -> None:
    task = await task_in(store, State.DELIVERED)
    for after in (30, 0, 10):
        await store.look_again(task.id, timedelta(seconds=after))
    clock.moment += timedelta(seconds=29)
    assert await _ids(store) == []
    clock.moment += timedelta(seconds=1)
    assert await _ids(store) == [task.id]


async def test_a_clock_that_was_set_back_puts_nothing_off(
    store: TaskStore, clock: HandClock
) -> None:
    task = await task_in(store, State.DELIVERED)
    await store.look_again(task.id, NOW)
    clock.moment -= timedelta(hours=1)
    assert await _ids(store) == [task.id]


async def test_a_check_that_is_stored_meanwhile_is_waited_for(
    store: TaskStore, clock: HandClock
) -> None:
    task = await task_in(store, State.DELIVERED)
    await store.look_again(task.id, ARRIVES_WITHIN)
    clock.moment -= timedelta(hours=1)
    await store.look_again(task.id, ARRIVES_WITHIN)
    assert await _ids(store) == []
    clock.moment += ARRIVES_WITHIN
    assert await _ids(store) == [task.id]


async def test_a_check_is_given_up_after_a_day(store: TaskStore, clock: HandClock) -> None:
    task = await task_in(store, State.DELIVERED)
    await store.look_again(task.id, NOW)
    clock.moment += GIVE_UP_AFTER + timedelta(seconds=1)
    assert await _ids(store) == []


@pytest.mark.parametrize("state", [State.SUBMITTING, State.FAILED])
async def test_an_edit_of_a_killed_process_may_arrive_after_the_next_one(
    store: TaskStore, clock: HandClock, state: State
) -> None:
    await store.register("run-test", LEASE)
    task = await task_in(store, state)
    assert await store.claim("run-new", only_run=False, lease=LEASE) == []
    clock.moment += LEASE
    # One edit was being sent, and one ended task had not been reported.
    await store.claim("run-new", only_run=False, lease=LEASE)
    await store.untold("run-new", since=task.created_at, only_run=False, lease=LEASE)
    clock.moment += ARRIVES_WITHIN - timedelta(microseconds=1)
    assert await _ids(store) == []
    clock.moment += timedelta(microseconds=1)
    assert await _ids(store) == [task.id]


async def test_a_task_ended_just_before_a_kill_is_checked(
    store: TaskStore, clock: HandClock
) -> None:
    # An edit that the process had sent may arrive after the result, and nobody waits for it.
    long_ago = await task_in(store, State.DELIVERED, "long-ago")
    clock.moment += timedelta(minutes=3)
    just_now = await task_in(store, State.DELIVERED, "just-now")
    await store.register("run-test", LEASE)
    assert {long_ago.owner, just_now.owner} == {"run-test"}
    assert await store.claim("run-new", only_run=False, lease=LEASE) == []
    clock.moment += LEASE
    for _ in range(2):
        assert await store.claim("run-new", only_run=False, lease=LEASE) == []
    clock.moment += ARRIVES_WITHIN
    assert await _ids(store) == [just_now.id]


async def test_a_process_that_stops_cleanly_leaves_no_edit_under_way(
    store: TaskStore, clock: HandClock
) -> None:
    await store.register("run-test", LEASE)
    await task_in(store, State.SUBMITTING)
    await store.release("run-test")
    await store.claim("run-new", only_run=False, lease=LEASE)
    clock.moment += ARRIVES_WITHIN
    assert await _ids(store) == []
