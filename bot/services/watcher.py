"""running → rendered: one heap of due times for all tasks, not a coroutine for each."""

import asyncio
import heapq
import itertools
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.clock import Clock
from bot.domain.durations import LOOK_EVERY_SECONDS
from bot.domain.task import (
    DEADLINE,
    FORGIVE_NOT_FOUND,
    TELL_LATE_AFTER,
    Failure,
    FailureKind,
    Task,
)
from bot.errors import (
    Closure,
    JobNotFound,
    KeyRefused,
    ProviderError,
    RateLimited,
    StaleTask,
    is_moderation_code,
)
from bot.services.endings import Endings
from bot.services.gate import Gate
from bot.services.jobs import persist
from bot.services.looking import Looking
from bot.services.meter import Meter
from bot.services.ports import Job, JobStatus, Messenger, Provider, Tasks

log = logging.getLogger(__name__)

LOOKS_AT_ONCE = 64
# Seconds: this process submitted it, and knows that there was no look before.
_JUST_SUBMITTED = 1.0
# How long a completed task without a video is asked for it again, in seconds.
FORGIVE_NO_VIDEO = 60.0
_WORDS_KEPT = 500


@dataclass(slots=True, eq=False)
class _Watched:
    """One running task, and what was noticed about it that is not worth storing."""

    task: Task
    missing_since: float | None = None
    empty_since: float | None = None
    failures: int = 0
    looks: int = 0
    pending_at: float | None = None
    """Its age at the last look that found it pending."""
    known: Job | None = field(default=None, repr=False)
    """An answer that came with the create call, to be taken instead of the first look."""


class Watcher:
    """Looks at running tasks until they end."""

    def __init__(
        self,
        *,
        tasks: Tasks,
        provider: Provider,
        messenger: Messenger,
        gate: Gate,
        endings: Endings,
        clock: Clock,
        rng: random.Random,
        on_rendered: Callable[[Task], None],
        looking: Looking | None = None,
        meter: Meter | None = None,
    ) -> None:
        self._tasks = tasks
        self._provider = provider
        self._messenger = messenger
        self._gate = gate
        self._endings = endings
        self._clock = clock
        self._rng = rng
        self._on_rendered = on_rendered
        self._looking = looking or Looking()
        self._meter = meter or Meter()
        self._due: list[tuple[float, int, _Watched]] = []
        self._order = itertools.count()
        self._sooner = asyncio.Event()
        self._looks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(LOOKS_AT_ONCE)

    def __len__(self) -> int:
        return len(self._due) + len(self._looks)

    def watch(self, task: Task, job: Job | None = None) -> None:
        """Look at it from now on. ``job``: an answer that is known already."""
        ended = job is not None and job.status is not JobStatus.PENDING
        watched = _Watched(task, known=job if ended else None)
        self._again(watched, 0.0 if ended else self._first_wait(watched))

    def _first_wait(self, watched: _Watched) -> float:
        age = self._age(watched.task)
        if age < _JUST_SUBMITTED:
            watched.pending_at = 0.0
            return self._looking.until_next_look(watched.task, age)
        watched.looks = round(age / LOOK_EVERY_SECONDS)
        # After a start many come at once: spread over one interval, they stay apart.
        return self._rng.random() * LOOK_EVERY_SECONDS

    async def run(self) -> None:
        """Look at what is due, for ever."""
        while True:
            await self._until_due()
            now = self._clock.monotonic()
            while self._due and self._due[0][0] <= now:
                await self._slots.acquire()
                self._begin(heapq.heappop(self._due)[2])

    async def stop(self) -> None:
        """Stop looking. A look lost is nothing lost; what it writes is written whole."""
        looks = list(self._looks)
        for look in looks:
            look.cancel()
        await asyncio.gather(*looks, return_exceptions=True)

    async def _until_due(self) -> None:
        """Sleep until the first is due, or one comes that is due sooner."""
        self._sooner.clear()
        if not self._due:
            await self._sooner.wait()
            return
        wait = self._due[0][0] - self._clock.monotonic()
        if wait <= 0:
            return
        sleep = asyncio.ensure_future(self._clock.sleep(wait))
        sooner = asyncio.ensure_future(self._sooner.wait())
        try:
            await asyncio.wait({sleep, sooner}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            sooner.cancel()

    def _again(self, watched: _Watched, wait: float) -> None:
        due = self._clock.monotonic() + wait
        is_first = not self._due or due < self._due[0][0]
        heapq.heappush(self._due, (due, next(self._order), watched))
        if is_first:
            self._sooner.set()

    def _begin(self, watched: _Watched) -> None:
        look = asyncio.create_task(self._guarded(watched))
        self._looks.add(look)
        look.add_done_callback(self._looks.discard)

    async def _guarded(self, watched: _Watched) -> None:
        """One look; whatever goes wrong with this task, the others are looked at."""
        wait: float | None = self._next(watched.task)
        try:
            wait = await self._look(watched)
        except StaleTask:
            log.info("task %s: somebody else has it now", watched.task.id)
            wait = None
        except Exception:
            log.exception("task %s: a look went wrong", watched.task.id)
        finally:
            self._slots.release()
        if wait is not None:
            self._again(watched, wait)

    # --- one look -----------------------------------------------------------------------

    async def _look(self, watched: _Watched) -> float | None:
        """Seconds to the next look; ``None`` when there is nothing more to see."""
        try:
            job = watched.known or await self._provider.status(watched.task.provider_id or "")
        except ProviderError as error:
            return await self._not_seen(watched, error)
        watched.failures = 0
        watched.missing_since = None
        self._learn(watched, job)
        match job.status:
            case JobStatus.PENDING:
                return await self._pending(watched, job)
            case JobStatus.FAILED:
                return await self._failed(watched.task, job)
            case JobStatus.COMPLETED:
                return await self._completed(watched, job)

    def _learn(self, watched: _Watched, job: Job) -> None:
        task, age, since = watched.task, self._age(watched.task), watched.pending_at
        watched.looks += 1
        if job.status is JobStatus.PENDING:
            self._looking.pending(task, since=since, age=age)
            watched.pending_at = age
        elif watched.known is None:
            self._looking.ended(task, since=since, age=age, looks=watched.looks)

    async def _not_seen(self, watched: _Watched, error: ProviderError) -> float | None:
        task, now = watched.task, self._clock.monotonic()
        self._meter.provider_error(type(error).__name__)
        log.info("task %s: look: %s", task.id, error, extra={"task": task.id})
        if isinstance(error, JobNotFound):
            watched.missing_since = watched.missing_since or now
            if now - watched.missing_since >= FORGIVE_NOT_FOUND.total_seconds():
                return await self._fail(task, _failure(FailureKind.FORGOTTEN, error))
        elif isinstance(error, KeyRefused) and self._gate.close(Closure.KEY_REFUSED):
            await self._gate.tell()
        if self._is_past_deadline(task):
            return await self._fail(task, Failure(kind=FailureKind.DEADLINE))
        watched.failures += 1
        await self._tell_if_late(watched)
        asked = error.retry_after if isinstance(error, RateLimited) else None
        # A provider in trouble is left more air with each failure, a minute at most.
        wait = min(max(self._next(task), LOOK_EVERY_SECONDS * watched.failures), 60.0)
        return max(wait, asked or 0.0)

    async def _pending(self, watched: _Watched, job: Job) -> float | None:
        # Only now: after days without a look it may well be done.
        if self._is_past_deadline(watched.task):
            return await self._fail(watched.task, Failure(kind=FailureKind.DEADLINE))
        if job.progress is not None:
            watched.task = replace(watched.task, progress=job.progress)
        await self._tell_if_late(watched)
        await self._messenger.show(watched.task)
        return self._next(watched.task)

    async def _tell_if_late(self, watched: _Watched) -> None:
        task = watched.task
        if task.late_told or self._clock.now() - task.created_at < TELL_LATE_AFTER:
            return
        watched.task = replace(await self._tasks.told(task, late=True), progress=task.progress)
        await self._messenger.tell_late(watched.task)

    async def _completed(self, watched: _Watched, job: Job) -> float | None:
        task, now = watched.task, self._clock.monotonic()
        if job.video_url is None:
            watched.known = None
            watched.empty_since = watched.empty_since or now
            if now - watched.empty_since < FORGIVE_NO_VIDEO:
                return LOOK_EVERY_SECONDS
            return await self._fail(task, Failure(kind=FailureKind.NO_VIDEO), job)
        task = await persist(
            lambda: self._tasks.rendered(task, job), task_id=task.id, clock=self._clock
        )
        log.info("task %s: rendered, cost %s", task.id, task.cost, extra={"task": task.id})
        self._meter.rendered(seconds=self._age(task), looks=watched.looks, cost=task.cost)
        self._on_rendered(task)
        return None

    async def _failed(self, task: Task, job: Job) -> None:
        moderated = is_moderation_code(job.error_code)
        kind = FailureKind.MODERATED if moderated else FailureKind.GENERATION
        words = (job.error_message or "")[:_WORDS_KEPT] or None
        failure = Failure(kind=kind, code=job.error_code, message=words)
        charged = job.cost is not None and job.cost.micros > 0
        await self._fail(task, failure, job, may_be_charged=charged)

    async def _fail(
        self, task: Task, failure: Failure, job: Job | None = None, *, may_be_charged: bool = True
    ) -> None:
        task = await persist(
            lambda: self._tasks.failed(task, failure, job=job, may_be_charged=may_be_charged),
            task_id=task.id,
            clock=self._clock,
        )
        log.info("task %s: failed: %s", task.id, failure.kind.value, extra={"task": task.id})
        self._endings.tell(task)

    def _is_past_deadline(self, task: Task) -> bool:
        return self._age(task) > DEADLINE.total_seconds()

    def _next(self, task: Task) -> float:
        return self._looking.until_next_look(task, self._age(task))

    def _age(self, task: Task) -> float:
        """Seconds since it was submitted; none where the clock was set back meanwhile."""
        since = self._clock.now() - (task.submitted_at or task.created_at)
        return max(since.total_seconds(), 0.0)


def _failure(kind: FailureKind, error: ProviderError) -> Failure:
    return Failure(kind=kind, code=error.code, message=str(error)[:_WORDS_KEPT])
