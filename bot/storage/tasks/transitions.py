"""Every change of a task's row: fenced, checked against the transitions, with its holds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.models.model import MODELS
from bot.domain.money import Usd
from bot.domain.quotas.holds import HoldsEnd, holds_end
from bot.domain.task import TRANSITIONS, State, Task
from bot.errors import IllegalTransition, JobTaken, StaleTask
from bot.storage.guilds.guilds import counts_charged_failures
from bot.storage.quotas.holds import end_holds
from bot.storage.tables import tasks
from bot.storage.tasks.rows import task_of

_ENDS = frozenset({State.DELIVERED, State.UNDELIVERED, State.FAILED, State.CANCELLED})
# Every task needs these repeatedly. Building a statement takes longer than running it, so they are
# built once, with named parameters.
_FOUND = select(tasks).where(tasks.c.id == bindparam("task_id"))
_OTHERS_WITH_JOB = select(tasks.c.model).where(
    tasks.c.provider_id == bindparam("job"), tasks.c.id != bindparam("task_id")
)
# Sets the columns that are given as parameters.
_CHANGED = (
    update(tasks)
    .where(
        tasks.c.id == bindparam("its_id"),
        tasks.c.state == bindparam("its_state"),
        tasks.c.owner.is_not_distinct_from(bindparam("its_owner", type_=tasks.c.owner.type)),
        tasks.c.epoch == bindparam("its_epoch"),
    )
    .returning(tasks)
)


async def find(connection: AsyncConnection, task_id: str) -> Task | None:
    """Return the task in this connection's snapshot."""
    row = (await connection.execute(_FOUND, {"task_id": task_id})).one_or_none()
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
    """Bring ``task`` into state ``to``, end the holds that end there, and return the task.

    Raises:
        IllegalTransition: the transition is not in the table.
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
    """Check that no other task of the same provider has this id.

    Two providers may use equal ids. A model that this version does not know may be of any provider.

    Raises:
        JobTaken: another task has the provider's id.
    """
    models = await connection.scalars(_OTHERS_WITH_JOB, {"job": job_id, "task_id": task.id})
    mine = _provider(task.request.model)
    if any(mine is None or _provider(one) in (None, mine) for one in models):
        raise JobTaken(f"the provider's id {job_id!r} belongs to another task")


def _provider(model_id: str) -> str | None:
    """The provider of a model; ``None`` if the model is not known."""
    model = MODELS.get(model_id)
    return None if model is None else model.provider


async def change(
    connection: AsyncConnection, task: Task, values: Mapping[str, Any], *, now: datetime
) -> Task:
    """Set columns of ``task``'s row if it still has its state, owner and epoch.

    Raises:
        StaleTask: the row has changed, or is gone.
    """
    fence = {
        "its_id": task.id,
        "its_state": task.state,
        "its_owner": task.owner,
        "its_epoch": task.epoch,
    }
    changed = await connection.execute(_CHANGED, {**fence, **values, "updated_at": now})
    row = changed.one_or_none()
    if row is None:
        raise StaleTask(f"task {task.id} is no longer {task.state.value} with {task.owner}")
    return task_of(row)
