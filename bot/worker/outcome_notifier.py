"""Tells people that a task ended without a video; pending notices survive a kill."""

import logging
from collections.abc import Container
from datetime import timedelta

from bot.concurrency import backoff
from bot.domain.delivery import Told
from bot.domain.task import State, Task
from bot.errors import StorageError
from bot.worker.supervisor import Supervisor
from bot.worker.worker_deps import WorkerDeps

log = logging.getLogger(__name__)

# Seconds between attempts while Discord is away.
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
# Nobody expects the notice any more after this time; `/tasks` shows the outcome.
GIVE_UP_AFTER = timedelta(hours=24)


class OutcomeNotifier:
    """Sends a notice for each outcome in the database, and records there that it was sent."""

    def __init__(self, deps: WorkerDeps, *, supervisor: Supervisor) -> None:
        self._deps = deps
        self._supervisor = supervisor

    def tell(self, task: Task) -> None:
        """Send the notice as soon as Discord accepts it."""
        self._supervisor.start(task.id, lambda: self._tell(task), server=task.place.guild_id)

    async def tell_untold(
        self, owner: str, *, only_run: bool, lease: timedelta, except_for: Container[str]
    ) -> None:
        """Send the notices that a killed process left unsent.

        ``except_for`` has the ids of tasks that this process is still delivering.
        """
        since = self._deps.clock.now() - GIVE_UP_AFTER
        for task in await self._deps.tasks.untold(
            owner, since=since, only_run=only_run, lease=lease
        ):
            if task.id not in except_for:
                self.tell(task)

    async def _tell(self, task: Task) -> None:
        told = await self._told(task)
        if told is None:
            return
        if told is not Told.DELIVERED:
            log.warning("task %s: nobody could be notified of how it ended", task.id)
        self._deps.metrics.ended(task.state)
        if task.state is State.UNKNOWN:
            await self._deps.messenger.tell_operator(unclear_words(task))
        try:
            await self._deps.tasks.told(
                task,
                announced=True,
                # Whoever cancels a task knows.
                notice_pending=told is not Told.DELIVERED and task.state is not State.CANCELLED,
            )
        except StorageError as error:
            log.warning("task %s: the notice may be sent twice: %s", task.id, error)

    async def _told(self, task: Task) -> Told | None:
        """Whether it was said, after as many attempts as it took; ``None``: it has moved on."""
        attempt = 0
        while not await self._has_moved_on(task):
            told = await self._deps.messenger.tell_ended(task)
            if told or self._deps.clock.now() - task.updated_at > GIVE_UP_AFTER:
                return told
            attempt += 1
            wait = backoff(attempt, first=FIRST_WAIT, longest=LONGEST_WAIT, rng=self._deps.rng)
            await self._deps.clock.sleep(wait)
        return None

    async def _has_moved_on(self, task: Task) -> bool:
        """Whether the outcome has changed since: the task was resolved, or sent again."""
        stored = await self._deps.tasks.get(task.id)
        return stored is None or (stored.state, stored.epoch) != (task.state, task.epoch)


def unclear_words(task: Task) -> str:
    """Message that tells the operator how to resolve an unclear task."""
    return (
        f"task {task.id} is unclear: it was sent, but no answer said whether it was accepted. "
        f"Look for it in the account with the provider of {task.request.model}, then run: flipbook "
        f"task resolve {task.id} --created PROVIDER_ID, --not-created or --charged USD."
    )
