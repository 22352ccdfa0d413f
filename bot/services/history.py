"""Keeps edits of a task's message from overwriting newer ones, across processes.

Several processes edit one message: the one that took the command, the one that works on the task,
and its earlier owners. Each edit shows the task in one state and epoch, and does not begin if the
database has a later one. An edit in flight while the task moves on may arrive after the result and
overwrite it. So the process checks again after its edit and marks the task, and a worker restores
the message once the task has ended. A killed process cannot do that; the one that takes over its
tasks marks them (`bot.storage.tasks.takeover`).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.clock import Clock
from bot.domain.task import ARRIVES_WITHIN, IN_FLIGHT_STATES, Task
from bot.errors import DeliveryRefused, DeliveryUnclear, StorageError
from bot.storage.tasks.tasks import TaskStore
from bot.worker.supervisor import persist

log = logging.getLogger(__name__)


class History:
    """Makes edits in order, and notices when one may have been late."""

    def __init__(self, *, tasks: TaskStore, clock: Clock) -> None:
        self._tasks = tasks
        self._clock = clock

    async def edit(self, task: Task, edit: Callable[[], Awaitable[None]]) -> bool:
        """Make an edit that shows ``task`` as it is; return whether it was made.

        It is not made if the database has a later state or cannot be read.

        Raises:
            DeliveryRefused, DeliveryUnclear: the edit raised it.
        """
        if await self._is_later(task):
            return False
        try:
            await edit()
            await self._look_back(task)
        except asyncio.CancelledError:
            await self._cut_off(task.id)
            raise
        except Exception as error:
            if not _is_an_answer(error):
                await self._look_again(task, ARRIVES_WITHIN)
            raise
        return True

    async def _cut_off(self, task_id: str) -> None:
        """Mark the task during a shutdown, which leaves no time for a second attempt."""
        try:
            await self._tasks.look_again(task_id, ARRIVES_WITHIN)
        except StorageError as error:
            log.warning("task %s: its message may stay wrong, not marked: %s", task_id, error)

    async def _look_again(self, task: Task, after: timedelta) -> None:
        """Mark the task, so that its message is checked ``after`` a while."""
        await persist(
            lambda: self._tasks.look_again(task.id, after), task_id=task.id, clock=self._clock
        )

    async def _is_later(self, task: Task) -> bool:
        try:
            return await self._tasks.moment(task.id) != (task.state, task.epoch)
        except StorageError as error:
            log.info("task %s: not edited: %s", task.id, error)
            return True

    async def _look_back(self, task: Task) -> None:
        """Mark the task if it ended while the edit was in flight."""
        now = await persist(lambda: self._tasks.moment(task.id), task_id=task.id, clock=self._clock)
        if now is None or now == (task.state, task.epoch):
            return
        # A task in flight will get another edit, with its result.
        if now[0] not in IN_FLIGHT_STATES:
            log.info("task %s: edit came late, its message will be checked", task.id)
            await self._look_again(task, timedelta())


def _is_an_answer(error: Exception) -> bool:
    """Whether the error means that Discord did not make the edit."""
    is_later = isinstance(error, DeliveryUnclear) and error.retry_after is not None
    return isinstance(error, DeliveryRefused) or is_later
