"""Builds tasks in any state through the transitions that lead there."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from bot.domain.money import Usd
from bot.domain.provider.job import Job, JobStatus
from bot.domain.quotas.quota import Limits
from bot.domain.task import Failure, FailureKind, State, Task
from bot.storage.tasks.tasks import TaskStore
from tests.factories import NOON, make_limits, make_new_task

FAILURE = Failure(kind=FailureKind.GENERATION, code="E1", message="it broke")
WIDE = make_limits(
    videos=-1,
    concurrent=10**6,
    person_day_videos=10**6,
    guild_month_budget=None,
    operator_month_budget=None,
)


def job(cost: str | None = "0.25") -> Job:
    return Job(
        id="job-1",
        status=JobStatus.COMPLETED,
        video_url="https://example.com/v.mp4",
        cost=None if cost is None else Usd.parse(cost),
        answer='{"jobId": "job-1"}',
    )


async def queued(
    store: TaskStore, task_id: str = "t1", limits: Limits = WIDE, **changes: Any
) -> Task:
    return await store.reserve(make_new_task(id=task_id, **changes), limits)


# How to enter each state from the state before it.
ENTER: dict[State, Callable[[TaskStore, Task], Awaitable[Task]]] = {
    State.QUEUED: lambda store, task: store.requeued(task, NOON),
    State.SUBMITTING: lambda store, task: store.submitting(task),
    State.RUNNING: lambda store, task: store.running(task, replace(job(), id=f"job-{task.id}")),
    State.RENDERED: lambda store, task: store.rendered(task, job()),
    State.DELIVERED: lambda store, task: store.delivered(task, 3, 4),
    State.UNDELIVERED: lambda store, task: store.undelivered(task),
    State.FAILED: lambda store, task: store.failed(task, FAILURE, job=None, may_be_charged=False),
    State.CANCELLED: lambda store, task: (
        store.cancel(task.id, task.person.id)
        if task.provider_id is None
        else store.canceled(task.id, task.provider_id)
    ),
    State.UNKNOWN: lambda store, task: store.unknown(task, FAILURE),
}

PATHS: dict[State, tuple[State, ...]] = {
    State.QUEUED: (),
    State.SUBMITTING: (State.SUBMITTING,),
    State.RUNNING: (State.SUBMITTING, State.RUNNING),
    State.RENDERED: (State.SUBMITTING, State.RUNNING, State.RENDERED),
    State.DELIVERED: (State.SUBMITTING, State.RUNNING, State.RENDERED, State.DELIVERED),
    State.UNDELIVERED: (State.SUBMITTING, State.RUNNING, State.RENDERED, State.UNDELIVERED),
    State.FAILED: (State.FAILED,),
    State.CANCELLED: (State.CANCELLED,),
    State.UNKNOWN: (State.SUBMITTING, State.UNKNOWN),
}


async def task_in(store: TaskStore, state: State, task_id: str = "t1", **changes: Any) -> Task:
    task = await queued(store, task_id, **changes)
    for step in PATHS[state]:
        task = await ENTER[step](store, task)
    return task
