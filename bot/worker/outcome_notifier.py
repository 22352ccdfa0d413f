"""Tells people that a task ended without a video, until it is said: also after a kill."""

import logging
from datetime import timedelta

from bot.concurrency import backoff
from bot.domain.task import State, Task, Told
from bot.errors import StorageError
from bot.worker.supervisor import Supervisor
from bot.worker.worker_deps import WorkerDeps

log = logging.getLogger(__name__)

# Seconds between attempts while Discord is away.
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
# After this long nobody waits for the words any more; `/tasks` has them.
GIVE_UP_AFTER = timedelta(hours=24)


class OutcomeNotifier:
    """Says each ending once it is in the database, and remembers there that it was said."""

    def __init__(self, deps: WorkerDeps, *, supervisor: Supervisor) -> None:
        self._deps = deps
        self._supervisor = supervisor

    def tell(self, task: Task) -> None:
        """Say it, as soon as Discord takes it."""
        self._supervisor.start(task.id, lambda: self._tell(task), server=task.place.guild_id)

    async def tell_untold(self, owner: str, *, only_run: bool, lease: timedelta) -> None:
        """Say what a killed process had no time for."""
        since = self._deps.clock.now() - GIVE_UP_AFTER
        for task in await self._deps.tasks.untold(
            owner, since=since, only_run=only_run, lease=lease
        ):
            self.tell(task)

    async def _tell(self, task: Task) -> None:
        attempt = 0
        while True:
            if await self._has_moved_on(task):
                return
            if told := await self._deps.messenger.tell_ended(task):
                break
            if self._deps.clock.now() - task.updated_at > GIVE_UP_AFTER:
                break
            attempt += 1
            wait = backoff(attempt, first=FIRST_WAIT, longest=LONGEST_WAIT, rng=self._deps.rng)
            await self._deps.clock.sleep(wait)
        if told is not Told.DELIVERED:
            log.warning("task %s: nobody could be told how it ended", task.id)
        self._deps.metrics.ended(task.state)
        if task.state is State.UNKNOWN:
            await self._deps.messenger.tell_operator(unclear_words(task))
        try:
            await self._deps.tasks.told(
                task, announced=True, notice_pending=told is not Told.DELIVERED
            )
        except StorageError as error:
            log.warning("task %s: it may be said again: %s", task.id, error)

    async def _has_moved_on(self, task: Task) -> bool:
        """Whether it is no longer what was to be told: resolved, or sent again."""
        stored = await self._deps.tasks.get(task.id)
        return stored is None or (stored.state, stored.epoch) != (task.state, task.epoch)


def unclear_words(task: Task) -> str:
    """What the operator has to look into."""
    return (
        f"task {task.id} is unclear: it was sent, and no answer said whether it was taken. "
        f"Look for it in the provider's account, then: flipbook task resolve {task.id} "
        "--created PROVIDER_ID, --not-created or --charged USD"
    )
