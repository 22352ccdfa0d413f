"""How many tasks of a model are sent, a second and at a time, by all processes together."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.models.model import MODELS
from bot.domain.provider.job import Job, JobStatus
from bot.domain.task import Failure, FailureKind, State, Task
from bot.errors import AccountFull
from bot.storage.tasks.tasks import TaskStore
from tests.factories import make_limits, make_new_task, make_options, make_request
from tests.storage.conftest import HandClock

TWO = "wan2.2-i2v-flash"
FIVE = "wan2.6-i2v-flash"
FREE = "wan22_i2v_flash"
ROOT = Path(__file__).parents[3]
PROGRAM = Path(__file__).with_name("submission_program.py")
CLOSED = Failure(kind=FailureKind.GENERATION)


async def queued(store: TaskStore, model: str, count: int) -> Sequence[Task]:
    """Reserve tasks of a model."""
    return [
        await store.reserve(
            make_new_task(
                id=f"{model}-{number}",
                request=make_request(model=model, options=make_options()),
            ),
            make_limits(videos=-1, concurrent=100),
        )
        for number in range(count)
    ]


async def _sent(store: TaskStore, tasks: Sequence[Task]) -> Sequence[Task | AccountFull]:
    """Try to send all of these at once."""

    async def send(task: Task) -> Task | AccountFull:
        try:
            return await store.submitting(task)
        except AccountFull as full:
            return full

    return await asyncio.gather(*(send(task) for task in tasks))


async def _states(store: TaskStore, tasks: Sequence[Task]) -> Sequence[State]:
    return [(await store.get(task.id) or task).state for task in tasks]


def _taken(outcomes: Sequence[Task | AccountFull]) -> Sequence[Task]:
    return [one for one in outcomes if isinstance(one, Task)]


@pytest.mark.parametrize(("model", "most"), [(TWO, 2), (FIVE, 5)])
async def test_tasks_in_progress(model: str, most: int, store: TaskStore, clock: HandClock) -> None:
    limits = MODELS[model]
    assert (limits.submits_per_second, limits.concurrent) == (most, most)
    tasks = await queued(store, model, most + 2)
    sent = _taken(await _sent(store, tasks))
    assert len(sent) == most
    waiting = [task for task in tasks if task.id not in {one.id for one in sent}]
    clock.forward(seconds=60)
    assert _taken(await _sent(store, waiting)) == []
    assert await _states(store, waiting) == [State.QUEUED] * 2
    # A running task still counts, one that has ended makes room, and so does one that failed.
    running = await store.running(sent[0], Job(id="job-1", status=JobStatus.PENDING))
    assert _taken(await _sent(store, waiting)) == []
    await store.rendered(running, Job(id="job-1", status=JobStatus.COMPLETED))
    await store.failed(sent[1], CLOSED, job=None, may_be_charged=False)
    assert len(_taken(await _sent(store, waiting))) == 2


async def test_submissions_a_second(store: TaskStore, clock: HandClock) -> None:
    tasks = await queued(store, TWO, 4)
    first = await store.submitting(tasks[0])
    clock.forward(seconds=1)
    second = await store.submitting(tasks[1])
    for task in (first, second):
        await store.failed(task, CLOSED, job=None, may_be_charged=False)
    with pytest.raises(AccountFull) as caught:
        await store.submitting(tasks[2])
    assert caught.value.wait == timedelta(seconds=0.25)
    clock.forward(seconds=0.25)
    await store.submitting(tasks[2])
    with pytest.raises(AccountFull) as caught:
        await store.submitting(tasks[3])
    assert caught.value.wait == timedelta(seconds=1)


async def test_a_task_that_was_not_taken_does_not_count(store: TaskStore, clock: HandClock) -> None:
    tasks = await queued(store, TWO, 3)
    for task in tasks[:2]:
        await store.requeued(await store.submitting(task), clock.now())
    await store.submitting(tasks[2])


async def test_another_model_has_room_of_its_own_and_one_without_limits_any(
    store: TaskStore,
) -> None:
    full = await queued(store, TWO, 3)
    assert len(_taken(await _sent(store, full))) == 2
    assert len(_taken(await _sent(store, await queued(store, FIVE, 1)))) == 1
    assert len(_taken(await _sent(store, await queued(store, FREE, 9)))) == 9


async def test_a_clock_that_was_far_ahead_blocks_nobody(store: TaskStore, clock: HandClock) -> None:
    tasks = await queued(store, TWO, 3)
    clock.forward(hours=1)
    for task in tasks[:2]:
        sent = await store.submitting(task)
        await store.failed(sent, CLOSED, job=None, may_be_charged=False)
    clock.forward(hours=-1)
    await store.submitting(tasks[2])


async def test_two_processes_together_send_no_more(store: TaskStore, any_url: str) -> None:
    tasks = await queued(store, FIVE, 24)
    halves = tasks[::2], tasks[1::2]
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            PROGRAM,
            any_url,
            *[task.id for task in half],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
        )
        for half in halves
    ]
    outputs = [await process.communicate() for process in processes]
    sent = [task_id for stdout, _ in outputs for task_id in json.loads(stdout)]
    assert len(sent) == 5
    assert (await _states(store, tasks)).count(State.SUBMITTING) == 5
