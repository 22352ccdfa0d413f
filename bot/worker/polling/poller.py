"""running → rendered: one heap of due times for all tasks, instead of a coroutine for each."""

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import replace

from bot.about import begin_about
from bot.concurrency import BackgroundTasks
from bot.domain.models.prices import PriceList
from bot.domain.provider.durations import LOOK_EVERY_SECONDS
from bot.domain.provider.job import Job, JobStatus
from bot.domain.task import DEADLINE, FORGIVE_NOT_FOUND, Failure, FailureKind, Task
from bot.errors import (
    BalanceEmpty,
    Closure,
    JobNotFound,
    KeyRefused,
    ModelRefused,
    ProviderError,
    RateLimited,
    StaleTask,
    StorageError,
    is_of_the_disk,
)
from bot.worker.charge_review import ChargeReview
from bot.worker.outcome_notifier import OutcomeNotifier
from bot.worker.polling.job_endings import JobEndings
from bot.worker.polling.poll_entry import MOST_WHOLE, PollEntry, Trouble, entry_of, whole_task
from bot.worker.polling.poll_scheduler import PollScheduler
from bot.worker.polling.timer_queue import TimerQueue
from bot.worker.provider_registry import ProviderAccess
from bot.worker.worker_deps import WorkerDeps

log = logging.getLogger(__name__)
LOOKS_AT_ONCE = 64
# Seconds. A task younger than this was submitted by this process, so it was not polled before.
_JUST_SUBMITTED = 1.0
# Unknown words that are logged, each once: a provider that invents new ones fills neither log nor
# memory.
_WORDS_HEARD_MAX = 100
# The fractional parts of its multiples are spread evenly between 0 and 1, however many there are.
_GOLDEN = (math.sqrt(5) - 1) / 2


class Poller:
    """Polls running tasks until they end."""

    def __init__(
        self,
        deps: WorkerDeps,
        *,
        notifier: OutcomeNotifier,
        on_rendered: Callable[[Task], None],
        poll_scheduler: PollScheduler | None = None,
        most_whole: int = MOST_WHOLE,
        charges: ChargeReview | None = None,
        prices: PriceList | None = None,
    ) -> None:
        """
        Args:
            prices: the prices to book where a provider names no cost; without them, the estimates.
            most_whole: how many tasks show progress at most.
            charges: reviews what was charged; without it, charges are not reviewed.
        """
        self._deps = deps
        self._endings = JobEndings(
            deps, notifier=notifier, on_rendered=on_rendered, charges=charges, prices=prices
        )
        self._poll_scheduler = poll_scheduler or PollScheduler()
        self._most_whole = most_whole
        self._timer_queue: TimerQueue[PollEntry] = TimerQueue(clock=deps.clock)
        self._looks = BackgroundTasks()
        self._slots = asyncio.Semaphore(LOOKS_AT_ONCE)
        self._whole = 0
        self._words_heard: set[str] = set()
        self._spread = deps.rng.random()

    def __len__(self) -> int:
        return len(self._timer_queue) + len(self._looks)

    def watch(self, task: Task, job: Job | None = None) -> None:
        """Poll a task from now on. ``job``: an answer that is already known."""
        entry = entry_of(task, self._poll_scheduler.kind_of(task))
        ended = job is not None and job.status is not JobStatus.PENDING
        entry.known = job if ended else None
        self._keep_whole(entry, task)
        self._timer_queue.put(entry, 0.0 if ended else self._first_wait(entry))

    def _first_wait(self, entry: PollEntry) -> float:
        age = self._age(entry)
        wait = self._next(entry, age)
        if age < _JUST_SUBMITTED:
            entry.pending_at = 0.0
            return wait
        entry.looks = round(age / LOOK_EVERY_SECONDS)
        # After a start many tasks come at once. Spreading their first polls evenly over the time to
        # the next one keeps the number of polls in each second the same as later on.
        self._spread = (self._spread + _GOLDEN) % 1.0
        return wait * self._spread

    async def run(self) -> None:
        """Poll what is due, forever."""
        while True:
            await self._timer_queue.until_due()
            now = self._deps.clock.monotonic()
            while (entry := self._timer_queue.pop(now)) is not None:
                await self._slots.acquire()
                self._looks.start(self._guarded(entry))

    async def stop(self) -> None:
        """Stop polling. A poll can be lost without harm; what it writes is written completely."""
        await self._looks.cancel()

    async def _guarded(self, entry: PollEntry) -> None:
        """Poll one task; whatever fails with it, the others go on."""
        begin_about(task=entry.id, server=entry.server)
        try:
            wait = await self._look(entry)
        except StaleTask:
            log.info("task %s: another process has it now", entry.id)
            wait = None
        except Exception as error:
            trace = None if is_of_the_disk(error) else error
            log.error("task %s: poll failed: %s", entry.id, error, exc_info=trace)
            wait = self._next(entry, self._age(entry))
        finally:
            self._slots.release()
        if wait is not None:
            self._timer_queue.put(entry, wait)
        elif entry.whole is not None:
            entry.whole = None
            self._whole -= 1

    # --- whole tasks ----------------------------------------------------------------------

    def _keep_whole(self, entry: PollEntry, task: Task) -> None:
        if entry.whole is not None:
            entry.whole = task
        elif self._whole < self._most_whole:
            entry.whole = task
            self._whole += 1

    # --- one poll -----------------------------------------------------------------------

    async def _look(self, entry: PollEntry) -> float | None:
        """Poll once; return the seconds to the next poll, or None if the task needs no more."""
        try:
            job = entry.known or await self._access(entry).client.status(entry.job_id)
        except ProviderError as error:
            return await self._not_seen(entry, error)
        if entry.trouble is not None:
            entry.trouble.missing_since, entry.trouble.failures = None, 0
        age = self._age(entry)
        self._learn(entry, job, age)
        match job.status:
            case JobStatus.PENDING:
                return await self._pending(entry, job, age)
            case JobStatus.FAILED:
                return await self._endings.failed(entry, job)
            case JobStatus.CANCELED:
                return await self._endings.canceled(entry)
            case JobStatus.COMPLETED:
                return await self._endings.completed(entry, job)

    def _learn(self, entry: PollEntry, job: Job, age: float) -> None:
        since = entry.pending_at
        entry.looks += 1
        if job.status is JobStatus.PENDING:
            self._poll_scheduler.pending(entry.kind, since=since, age=age)
            entry.pending_at = age
        elif entry.known is None:
            self._poll_scheduler.ended(entry.kind, since=since, age=age, looks=entry.looks)

    async def _not_seen(self, entry: PollEntry, error: ProviderError) -> float | None:
        trouble = entry.trouble = entry.trouble or Trouble()
        provider = self._deps.providers.model(entry.kind.model).provider
        self._deps.metrics.provider_error(provider, type(error).__name__)
        log.info("task %s: poll: %s", entry.id, error, extra={"task": entry.id})
        if isinstance(error, JobNotFound):
            now = self._deps.clock.monotonic()
            trouble.missing_since = trouble.missing_since or now
            if now - trouble.missing_since >= FORGIVE_NOT_FOUND.total_seconds():
                return await self._endings.forgotten(entry, error)
        elif closure := _closed_by(error):
            await self._endings.close(closure, entry)
        age = self._age(entry)
        if age > DEADLINE.total_seconds():
            return await self._endings.fail(entry, Failure(kind=FailureKind.DEADLINE))
        trouble.failures += 1
        await self._tell_if_late(entry)
        asked = error.retry_after if isinstance(error, RateLimited) else None
        # Each failure adds to the wait, up to a minute, to spare a provider in trouble.
        wait = min(max(self._next(entry, age), LOOK_EVERY_SECONDS * trouble.failures), 60.0)
        return max(wait, asked or 0.0)

    async def _pending(self, entry: PollEntry, job: Job, age: float) -> float | None:
        # The deadline is checked after the poll: after days without one, the video may well be
        # done.
        if age > DEADLINE.total_seconds():
            return await self._endings.fail(entry, Failure(kind=FailureKind.DEADLINE))
        await self._tell_if_late(entry)
        if job.odd_word is not None and entry.word is None:
            await self._heard(entry, job.odd_word)
        if entry.whole is None and self._whole < self._most_whole:
            self._keep_whole(entry, await whole_task(entry, self._deps))
        if entry.whole is not None:
            if job.progress is not None:
                entry.whole = await self._progressed(entry.whole, job.progress)
            await self._deps.messenger.show(entry.whole)
        return self._next(entry, age)

    async def _progressed(self, task: Task, progress: float) -> Task:
        """Show each progress; store every tenth of it, if that succeeds."""
        if int(progress * 10) > int((task.progress or 0.0) * 10):
            try:
                task = await self._deps.tasks.progressed(task, progress)
            except StaleTask:
                raise
            except StorageError as error:
                log.info("task %s: progress: %s", task.id, error, extra={"task": task.id})
        return replace(task, progress=progress)

    async def _heard(self, entry: PollEntry, word: str) -> None:
        """Handle an unknown status, which may mean that the task has ended; polling goes on.

        Only the first unknown word of each task is stored: each poll may bring another one.
        """
        if word not in self._words_heard and len(self._words_heard) < _WORDS_HEARD_MAX:
            self._words_heard.add(word)
            log.warning(
                "the provider sent the unknown status %r: the task is taken as still running", word
            )
        task = await whole_task(entry, self._deps)
        try:
            heard = await self._deps.tasks.heard(task, word)
        except StaleTask:
            raise
        except StorageError as error:
            log.info("task %s: status: %s", entry.id, error, extra={"task": entry.id})
            return
        entry.word = word
        self._keep_whole(entry, replace(heard, progress=task.progress))

    async def _tell_if_late(self, entry: PollEntry) -> None:
        if self._deps.clock.now().timestamp() < entry.late_at:
            return
        task = await whole_task(entry, self._deps)
        told = replace(await self._deps.tasks.told(task, late=True), progress=task.progress)
        entry.late_at = math.inf
        self._keep_whole(entry, told)
        await self._deps.messenger.tell_late(told)

    def _access(self, entry: PollEntry) -> ProviderAccess:
        return self._deps.providers.of(entry.kind.model)

    def _next(self, entry: PollEntry, age: float) -> float:
        return entry.until_progress(self._poll_scheduler.until_next_look(entry.kind, age), age)

    def _age(self, entry: PollEntry) -> float:
        return entry.age(self._deps.clock.now().timestamp())


def _closed_by(error: ProviderError) -> Closure | None:
    """Closure for an error that concerns all tasks and not only this one, if it names the cause."""
    match error:
        case KeyRefused():
            return Closure.KEY_REFUSED
        case BalanceEmpty():
            return Closure.BALANCE_EMPTY
        case ModelRefused():
            return Closure.MODEL_REFUSED
        case _:
            return None
