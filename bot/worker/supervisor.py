"""Background work, one piece for each task: it never raises, and it stops without tearing."""

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

# Between attempts at a write that failed (disk full, database locked), in seconds.
WRITE_AGAIN = 2.0
_LOG_EVERY = 30
# Before a task that met a mistake in the program is taken up again, in seconds.
AFTER_A_MISTAKE = 60.0


class Supervisor:
    """Pieces of work by task id, at most one for each."""

    def __init__(self, *, clock: Clock, let_go: Callable[[str], Awaitable[None]]) -> None:
        """
        Args:
            let_go: gives a task up, after a mistake in the program, for the next claim.
        """
        self._clock = clock
        self._let_go = let_go
        self._running: dict[str, asyncio.Task[None]] = {}
        self._steps = BackgroundTasks()
        self._stopped = False

    def __len__(self) -> int:
        return len(self._running)

    def __contains__(self, task_id: str) -> bool:
        return task_id in self._running

    def start(
        self,
        task_id: str,
        work: Callable[[], Coroutine[Any, Any, None]],
        *,
        server: int | None = None,
    ) -> None:
        """Start the work unless there is some for this task already; the log names ``server``."""
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
            # Unless it was an earlier write that got through and was said to have failed.
            log.info("task %s: somebody else has it now", task_id)
        except Exception as error:
            trace = None if is_of_the_disk(error) else error
            log.error("task %s: taken up again later: %s", task_id, error, exc_info=trace)
            await self._clock.sleep(AFTER_A_MISTAKE)
        else:
            return
        # Its state is in the database: whoever claims it goes on from there.
        await persist(lambda: self._let_go(task_id), task_id=task_id, clock=self._clock)

    async def whole(self, step: Coroutine[Any, Any, T]) -> T:
        """Run a step to its end although its job is stopped meanwhile."""
        return await asyncio.shield(self._steps.start(step))

    async def stop(self, grace: float) -> None:
        """Stop what waits at once; give the steps that have begun ``grace`` seconds.

        Nothing is started any more: the next process finds it in the database.
        """
        self._stopped = True
        await cancel_all(self._running.values())
        if self._steps:
            await first_of(self._clock.sleep(grace), self._steps.wait())
        await self._steps.cancel()


async def persist(write: Callable[[], Awaitable[T]], *, task_id: str, clock: Clock) -> T:
    """A write that must not be lost: tried again until the database takes it.

    Raises:
        StaleTask: somebody else has the task; nothing was changed.
        JobTaken: the provider's id belongs to another task; nothing was changed.
    """
    failed = 0
    while True:
        try:
            return await write()
        except (StaleTask, JobTaken):
            raise
        except StorageError as error:
            # A full disk may be full of this.
            if failed % _LOG_EVERY == 0:
                log.error("task %s: not written yet: %s", task_id, error)
            failed += 1
            await clock.sleep(WRITE_AGAIN)
