"""What somebody decides about a task: its person cancels it or has it sent again, the operator
resolves it.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.delivery import Delivery
from bot.domain.money import Usd
from bot.domain.task import Failure, FailureKind, State, Task
from bot.errors import NotFound, StaleTask
from bot.storage.engine.notifications import tell_workers
from bot.storage.tasks.rows import delivery_values, failure_values
from bot.storage.tasks.transitions import change, check_job_is_new, find, move

SENT_AGAIN_FOR = timedelta(minutes=10)
"""While a repeated delivery may run, another request for it is refused for this long."""


async def cancel(
    connection: AsyncConnection, task_id: str, person_id: int, *, now: datetime
) -> Task:
    """queued → cancelled, by its person, whichever process owns it.

    Raises:
        NotFound: the person has no such task.
        StaleTask: it is no longer queued.
    """
    task = await _find_own(connection, task_id, person_id)
    if task.state is not State.QUEUED:
        raise StaleTask(f"task {task_id} is {task.state.value}, not queued")
    return await move(connection, task, State.CANCELLED, now=now)


async def canceled(
    connection: AsyncConnection, task_id: str, job_id: str, *, now: datetime
) -> Task:
    """running → cancelled, once the provider has confirmed it, whichever process owns it.

    Raises:
        StaleTask: the job is no longer running, or the task is gone.
    """
    task = await find(connection, task_id)
    if task is None or task.provider_id != job_id:
        raise StaleTask(f"task {task_id} is gone, or has another job")
    if task.state is State.CANCELLED:
        return task
    if task.state is not State.RUNNING:
        raise StaleTask(f"task {task_id} is {task.state.value}, not running")
    return await move(connection, task, State.CANCELLED, now=now)


async def send_again(
    connection: AsyncConnection,
    task_id: str,
    person_id: int,
    message_id: int | None,
    *,
    now: datetime,
) -> Task:
    """An `undelivered` one of theirs, for any worker to deliver once more.

    Raises:
        NotFound: the person has no such task.
        StaleTask: it is not `undelivered`, or its delivery is repeated already.
    """
    task = await _find_own(connection, task_id, person_id)
    is_on_its_way = task.not_before is not None and task.not_before > now
    if task.state is not State.UNDELIVERED or is_on_its_way:
        raise StaleTask(f"task {task_id} is {task.state.value}")
    values = {
        **delivery_values(Delivery(tried_at=task.delivery.tried_at)),
        **_without_owner(task),
        # If it fails again, its person is told again.
        "announced": False,
        # A second press finds it on its way.
        "not_before": now + SENT_AGAIN_FOR,
        "message_id": message_id or task.place.message_id,
    }
    task = await change(connection, task, values, now=now)
    await tell_workers(connection)
    return task


def _without_owner(task: Task) -> dict[str, Any]:
    """For any worker to claim; whoever had it last is fenced off."""
    return {"owner": None, "epoch": task.epoch + 1}


async def _find_own(connection: AsyncConnection, task_id: str, person_id: int) -> Task:
    task = await find(connection, task_id)
    if task is None or task.person.id != person_id:
        raise NotFound(f"task {task_id} of {person_id}")
    return task


async def resolve(
    connection: AsyncConnection,
    task_id: str,
    created_as: str | None,
    charged: Usd | None,
    *,
    now: datetime,
) -> Task:
    """An ``unknown`` one → running with the provider's id, or → failed.

    Raises:
        NotFound: no such task. StaleTask: it is not ``unknown``.
    """
    task = await _find_unknown(connection, task_id)
    if created_as is None:
        return await _ends(connection, task, charged, now=now)
    await tell_workers(connection)
    return await _goes_on(connection, task, created_as, now=now)


async def _find_unknown(connection: AsyncConnection, task_id: str) -> Task:
    task = await find(connection, task_id)
    if task is None:
        raise NotFound(f"task {task_id}")
    if task.state is not State.UNKNOWN:
        raise StaleTask(f"task {task_id} is {task.state.value}, not unknown")
    return task


async def _goes_on(
    connection: AsyncConnection, task: Task, created_as: str, *, now: datetime
) -> Task:
    await check_job_is_new(connection, task, created_as)
    values = {
        **failure_values(None),
        **_without_owner(task),
        "provider_id": created_as,
        "announced": False,
    }
    return await move(connection, task, State.RUNNING, now=now, values=values)


async def _ends(
    connection: AsyncConnection, task: Task, charged: Usd | None, *, now: datetime
) -> Task:
    return await move(
        connection,
        task,
        State.FAILED,
        now=now,
        values={
            **failure_values(Failure(kind=FailureKind.RESOLVED)),
            "cost": charged,
            "announced": False,
        },
        may_be_charged=charged is not None,
        cost=charged,
    )
