"""Background work, one coroutine for each task, whose steps are never interrupted halfway."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from bot.about import begin_about
from bot.clock import Clock
from bot.concurrency import BackgroundTasks, cancel_all, first_of
from bot.errors import JobTaken, StaleTask, StorageError, is_of_the_disk

log = logging.getLogger(__name__)
T = TypeVar("T")

# Seconds between attempts at a write that failed (disk full, database locked).
WRITE_AGAIN = 2.0
_LOG_EVERY = 30
# Seconds before a task that hit a bug is taken up again.
AFTER_A_MISTAKE = 60.0


class Supervisor:
    """Runs work by task id, at most one piece for each; errors are logged and retried."""

    def __init__(self, *, clock: Clock, let_go: Callable[[str], Awaitable[None]]) -> None:
        """
        Args:
            let_go: gives up a task after a bug, so that the next claim takes it.
        """
        self._clock = clock
        self._let_go = let_go
        self._running: dict[str, asyncio.Task[None]] = {}
        self._steps = BackgroundTasks()
        self._stopped = False

    def __len__(self) -> int:
        return len(self._running)

    def __contains__(self, task_id: object) -> bool:
        return task_id in self._running

    def start(
        self,
        task_id: str,
        work: Callable[[], Coroutine[Any, Any, None]],
        *,
        server: int | None = None,
    ) -> None:
        """Start the work, unless this task has some already; the log names ``server``."""
        if task_id in self._running or self._stopped:
            return
        job = asyncio.create_task(self._guarded(task_id, work, server))
        self._running[task_id] = job
        job.add_done_callback(lambda _: self._running.pop(task_id, None))

    async def _guarded(
        self, task_id: str, work: Callable[[], Coroutine[Any, Any, None]], server: int | None
    ) -> None:
        begin_about(task=task_id, server=server)
        try:
            await work()
        except StaleTask:
            # The other one may be this process: an earlier write succeeded and was reported as
            # failed.
            log.info("task %s: another process has it now", task_id)
        except Exception as error:
            trace = None if is_of_the_disk(error) else error
            log.error("task %s: failed, next attempt later: %s", task_id, error, exc_info=trace)
            await self._clock.sleep(AFTER_A_MISTAKE)
        else:
            return
        # Its state is in the database, so the process that claims it continues from there.
        await persist(lambda: self._let_go(task_id), task_id=task_id, clock=self._clock)

    async def whole(self, step: Coroutine[Any, Any, T]) -> T:
        """Run a step to its end, even if its work is stopped meanwhile."""
        return await asyncio.shield(self._steps.start(step))

    async def stop(self, grace: float) -> None:
        """Stop waiting work at once; give steps that have begun ``grace`` seconds.

        Nothing new is started: the next process finds it in the database.
        """
        self._stopped = True
        await cancel_all(self._running.values())
        if self._steps:
            await first_of(self._clock.sleep(grace), self._steps.wait())
        await self._steps.cancel()


async def persist(write: Callable[[], Awaitable[T]], *, task_id: str, clock: Clock) -> T:
    """Repeat a write that must not be lost until the database accepts it.

    Raises:
        StaleTask: another process has the task; nothing was changed.
        JobTaken: the provider's id belongs to another task; nothing was changed.
    """
    failed = 0
    while True:
        try:
            return await write()
        except (StaleTask, JobTaken):
            raise
        except StorageError as error:
            # Logged rarely, because these lines could be what fills a full disk.
            if failed % _LOG_EVERY == 0:
                log.error("task %s: not written yet: %s", task_id, error)
            failed += 1
            await clock.sleep(WRITE_AGAIN)
