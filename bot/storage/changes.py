"""The one place where a task's row changes: fenced, legal, and with its holds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.holds import HoldsEnd, holds_end
from bot.domain.money import Usd
from bot.domain.task import TRANSITIONS, State, Task
from bot.errors import IllegalTransition, JobTaken, StaleTask
from bot.storage.guilds import counts_charged_failures
from bot.storage.quotas import end_holds
from bot.storage.rows import task_of
from bot.storage.tables import tasks

_ENDS = frozenset({State.DELIVERED, State.UNDELIVERED, State.FAILED, State.CANCELLED})


async def find(connection: AsyncConnection, task_id: str) -> Task | None:
    """The task as it is on this connection's view."""
    row = (await connection.execute(select(tasks).where(tasks.c.id == task_id))).one_or_none()
    return None if row is None else task_of(row)


async def move(
    connection: AsyncConnection,
    task: Task,
    to: State,
    *,
    now: datetime,
    values: Mapping[str, Any] | None = None,
    may_be_charged: bool = False,
    cost: Usd | None = None,
) -> Task:
    """Bring ``task`` into state ``to``, end the holds that end there, and return it.

    Raises:
        IllegalTransition: the table of states does not know this change.
        StaleTask: the row no longer has the state, owner and epoch of ``task``.
    """
    if to not in TRANSITIONS[task.state]:
        raise IllegalTransition(f"task {task.id}: {task.state.value} → {to.value}")
    ended = {"ended_at": now} if to in _ENDS else {}
    moved = await change(connection, task, {**ended, **(values or {}), "state": to}, now=now)
    counts = to is not State.FAILED or await counts_charged_failures(connection, task)
    ends = holds_end(to, may_be_charged=may_be_charged, cost=cost, counts=counts)
    if ends == HoldsEnd():
        return moved
    is_used = await end_holds(connection, moved, ends, cost=cost, now=now)
    if is_used and to is State.FAILED:
        return await change(connection, moved, {"counted": True}, now=now)
    return moved


async def check_job_is_new(connection: AsyncConnection, task: Task, job_id: str) -> None:
    """
    Raises:
        JobTaken: another task has that id of the provider's.
    """
    others = select(tasks.c.id).where(tasks.c.provider_id == job_id, tasks.c.id != task.id)
    if (await connection.execute(others.limit(1))).scalar() is not None:
        raise JobTaken(f"the provider's id {job_id!r} belongs to another task")


async def change(
    connection: AsyncConnection, task: Task, values: Mapping[str, Any], *, now: datetime
) -> Task:
    """Set columns of ``task``'s row if it still has its state, owner and epoch.

    Raises:
        StaleTask: it has not, or is gone.
    """
    changed = await connection.execute(
        update(tasks)
        .where(
            tasks.c.id == task.id,
            tasks.c.state == task.state,
            tasks.c.owner == task.owner,
            tasks.c.epoch == task.epoch,
        )
        .values(**values, updated_at=now)
        .returning(tasks)
    )
    row = changed.one_or_none()
    if row is None:
        raise StaleTask(f"task {task.id} is no longer {task.state.value} with {task.owner}")
    return task_of(row)
