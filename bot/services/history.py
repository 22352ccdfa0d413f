"""No edit goes back in a task's history, whichever process makes it.

Several processes edit one message: who took the command in, who works on the task, who had it
before. Each edit shows a task as it was in one state and epoch. One that is behind what the
database says is not begun. One that was on its way when the task went on may arrive after the
result and take it away: whoever made it looks again afterwards, and writes the task down, so that
a worker puts the message right as soon as the task has ended. A process that is killed writes
nothing down: whoever takes its tasks over does (`bot.storage.tasks.takeover`).
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
    """Makes edits in their order, as far as one process can, and notices where it could not."""

    def __init__(self, *, tasks: TaskStore, clock: Clock) -> None:
        self._tasks = tasks
        self._clock = clock

    async def edit(self, task: Task, edit: Callable[[], Awaitable[None]]) -> bool:
        """Make an edit that shows the task as it is given; whether it was made.

        It is not where a later state is known, or nothing can be known.

        Raises:
            DeliveryRefused, DeliveryUnclear: of the edit.
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
        """The same, of a process that is ending: it has no time to try again."""
        try:
            await self._tasks.look_again(task_id, ARRIVES_WITHIN)
        except StorageError as error:
            log.warning("task %s: nobody looks at its message again: %s", task_id, error)

    async def _look_again(self, task: Task, after: timedelta) -> None:
        """Nobody knows what became of an edit of its message."""
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
        """Whatever the task has become while the edit was on its way, its message has to show."""
        now = await persist(lambda: self._tasks.moment(task.id), task_id=task.id, clock=self._clock)
        if now is None or now == (task.state, task.epoch):
            return
        # In flight, its result is still to come, and with it an edit after this one.
        if now[0] not in IN_FLIGHT_STATES:
            log.info("task %s: an edit came late, its message is looked at", task.id)
            await self._look_again(task, timedelta())


def _is_an_answer(error: Exception) -> bool:
    """Whether Discord said that it did nothing: no, or not now."""
    is_later = isinstance(error, DeliveryUnclear) and error.retry_after is not None
    return isinstance(error, DeliveryRefused) or is_later
