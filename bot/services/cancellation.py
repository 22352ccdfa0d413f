"""Cancels a task for its person: one that waits here, or one that its provider has not begun."""

import logging
from collections.abc import Callable

from bot.domain.models.model import Models
from bot.domain.task import State, Task
from bot.errors import NotFound, StaleTask
from bot.services.ports import Provider
from bot.storage.tasks.tasks import TaskStore

log = logging.getLogger(__name__)


class Cancellations:
    """Cancels tasks. The money and the limit come back only once nothing can be charged."""

    def __init__(
        self, *, tasks: TaskStore, models: Models, provider_of: Callable[[str], Provider]
    ) -> None:
        """``provider_of``: the provider of the model with an id."""
        self._tasks = tasks
        self._models = models
        self._provider_of = provider_of

    def is_possible(self, task: Task) -> bool:
        """Whether a task may still be canceled; its provider may have begun with it, though."""
        cancels = self._models.shown(task.request.model).cancels
        return task.state is State.QUEUED or (task.state is State.RUNNING and cancels)

    async def cancel(self, task_id: str, person_id: int) -> Task:
        """Cancel a person's task.

        Raises:
            NotFound: the person has no such task.
            StaleTask: it cannot be canceled, since it was sent or its provider has begun with it.
            ProviderError: whether the provider canceled it is not known; polling finds out.
            StorageError: likewise.
        """
        try:
            return await self._tasks.cancel(task_id, person_id)
        except StaleTask:
            task = await self._tasks.get(task_id)
        if task is None or task.person.id != person_id:
            raise NotFound(f"task {task_id} of {person_id}")
        return await self._cancel_at_provider(task)

    async def _cancel_at_provider(self, task: Task) -> Task:
        job_id = task.provider_id
        if not self.is_possible(task) or job_id is None:
            raise StaleTask(f"task {task.id} is {task.state.value}")
        if not await self._provider_of(task.request.model).cancel(job_id):
            raise StaleTask(f"the provider has begun with task {task.id}")
        log.info("task %s: canceled at the provider", task.id, extra={"task": task.id})
        return await self._tasks.canceled(task.id, job_id)
