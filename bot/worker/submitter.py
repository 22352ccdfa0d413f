"""queued → submitting → running: at most one POST that the provider can have accepted, ever."""

import asyncio
import logging
import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

from bot.clock import Clock
from bot.domain.schedule import backoff
from bot.domain.task import DEADLINE, Failure, FailureKind, Task
from bot.errors import (
    AccountRefused,
    BalanceEmpty,
    Closure,
    Created,
    JobTaken,
    KeyRefused,
    ModelRefused,
    ProviderError,
    RateLimited,
    RequestRejected,
)
from bot.services.metrics_sink import MetricsSink
from bot.services.ports import (
    Images,
    Job,
    JobStatus,
    Messenger,
    Provider,
    Tasks,
)
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from bot.worker.failures import OF_CLOSURE, rejected_kind
from bot.worker.outcome_notifier import OutcomeNotifier
from bot.worker.poller import Poller
from bot.worker.supervisor import Supervisor, persist

log = logging.getLogger(__name__)

SUBMIT_AT_ONCE = 4
# Seconds: a process that was stopped for longer between saying that it sends and sending may have
# been taken for dead, and its task for unclear. Well below the lease of 20 s.
SEND_WITHIN = 10.0
# Seconds before a create call that certainly created nothing is made again.
FIRST_WAIT = 2.0
LONGEST_WAIT = 300.0
_WORDS_KEPT = 500


class Submitter:
    """Sends queued tasks to the provider."""

    def __init__(
        self,
        *,
        tasks: Tasks,
        images: Images,
        provider: Provider,
        messenger: Messenger,
        breaker: ProviderCircuitBreaker,
        poller: Poller,
        notifier: OutcomeNotifier,
        supervisor: Supervisor,
        clock: Clock,
        rng: random.Random,
        metrics: MetricsSink | None = None,
    ) -> None:
        self._tasks = tasks
        self._images = images
        self._provider = provider
        self._messenger = messenger
        self._breaker = breaker
        self._poller = poller
        self._notifier = notifier
        self._supervisor = supervisor
        self._clock = clock
        self._rng = rng
        self._metrics = metrics or MetricsSink()
        self._slots = asyncio.Semaphore(SUBMIT_AT_ONCE)
        self._attempts: Counter[str] = Counter()

    def start(self, task: Task) -> None:
        """Submit a queued task, as soon as it may be."""
        self._supervisor.start(task.id, lambda: self._submit(task), server=task.place.guild_id)

    async def _submit(self, task: Task) -> None:
        # Where another process took it in, nobody else says from now on how it is with it.
        await self._messenger.show(task)
        waiting: Task | None = task
        while waiting is not None:
            await self._wait_for(waiting)
            async with self._slots:
                await persist(self._breaker.refresh, task_id=task.id, clock=self._clock)
                if self._breaker.quiet_seconds() > 0:
                    # Asked for while this one waited for its turn, here or in another process.
                    continue
                # A stop lets this finish: it is in the middle of the call that costs money.
                waiting = await self._supervisor.whole(self._try(waiting))
        del self._attempts[task.id]

    async def _wait_for(self, task: Task) -> None:
        """Until it is not too early: for this task, and for the provider."""
        if task.not_before is not None:
            # Where the clock was set back since, for as long as was meant then.
            wait = task.not_before - max(self._clock.now(), task.updated_at)
            await self._clock.sleep(max(wait.total_seconds(), 0.0))
        while (left := self._breaker.quiet_seconds()) > 0:
            await self._clock.sleep(left)

    async def _try(self, task: Task) -> Task | None:
        """One attempt; the task as it waits for the next one, or ``None``: no more is needed."""
        if self._clock.now() - task.created_at > DEADLINE:
            return await self._fail(task, Failure(kind=FailureKind.DEADLINE))
        if closure := await self._breaker.admit(task.request.model):
            return await self._fail(task, Failure(kind=OF_CLOSURE[closure]))
        digest = task.request.frame.digest
        picture = await persist(
            lambda: self._images.find(digest), task_id=task.id, clock=self._clock
        )
        if picture is None:
            return await self._fail(task, Failure(kind=FailureKind.PICTURE_LOST))
        began = self._clock.monotonic()
        task = await persist(
            lambda: self._tasks.submitting(task), task_id=task.id, clock=self._clock
        )
        await self._messenger.show(task)
        if self._clock.monotonic() - began > SEND_WITHIN:
            return await self._queue_again(task, wait=0.0)
        return await self._send(task, picture)

    async def _send(self, task: Task, picture: Path) -> Task | None:
        try:
            job = await self._provider.create(task.request, picture)
        except ProviderError as error:
            log.warning("task %s: create: %s", task.id, error, extra={"task": task.id})
            self._metrics.provider_error(type(error).__name__)
            return await self._not_created(task, error)
        except Exception as error:
            # A mistake of ours in the middle of the call: it may have been taken.
            log.exception("task %s: create", task.id, extra={"task": task.id})
            return await self._unclear(task, _failure(FailureKind.GENERATION, error))
        await self._created(task, job)
        return None

    async def _created(self, task: Task, job: Job) -> None:
        log.info("task %s: created as %s", task.id, job.id, extra={"task": task.id})
        # The provider's id is in memory only: this write is worth any number of attempts.
        try:
            task = await persist(
                lambda: self._tasks.running(task, job), task_id=task.id, clock=self._clock
            )
        except JobTaken as error:
            log.error("task %s: %s", task.id, error, extra={"task": task.id})
            await self._unclear(task, _failure(FailureKind.GENERATION, error))
            return
        model = task.request.model
        await persist(lambda: self._breaker.reset(model), task_id=task.id, clock=self._clock)
        if job.status is JobStatus.PENDING:
            await self._messenger.show(task)
        self._poller.watch(task, job)

    # --- it was not taken ---------------------------------------------------------------

    async def _not_created(self, task: Task, error: ProviderError) -> Task | None:
        if error.created is Created.UNKNOWN:
            return await self._unclear(task, _failure(FailureKind.GENERATION, error))
        match error:
            case KeyRefused():
                return await self._shut(task, Closure.KEY_REFUSED, error)
            case BalanceEmpty():
                return await self._shut(task, Closure.BALANCE_EMPTY, error)
            case ModelRefused():
                return await self._shut(task, Closure.MODEL_REFUSED, error)
            case AccountRefused():
                return await self._shut(task, Closure.ACCOUNT_REFUSED, error)
            case RequestRejected():
                await persist(self._breaker.answered, task_id=task.id, clock=self._clock)
                return await self._fail(task, _failure(rejected_kind(error.meaning), error))
            case _:
                return await self._again(task, error)

    async def _shut(self, task: Task, closure: Closure, error: ProviderError) -> None:
        """It takes nothing from anybody; of a refusal without a reason only the second says so."""
        model = task.request.model if closure is Closure.MODEL_REFUSED else None

        async def close() -> bool:
            if closure is Closure.ACCOUNT_REFUSED:
                return await self._breaker.refused(task.request)
            return await self._breaker.trip(closure, model)

        is_news = await persist(close, task_id=task.id, clock=self._clock)
        # Written first: telling the operator can take long, and that nothing was created is sure.
        await self._fail(task, _failure(OF_CLOSURE[closure], error))
        if is_news:
            await self._breaker.tell()

    async def _again(self, task: Task, error: ProviderError) -> Task:
        """Certainly not created: queued again, and tried later."""
        self._attempts[task.id] += 1
        wait = backoff(
            self._attempts[task.id], first=FIRST_WAIT, longest=LONGEST_WAIT, rng=self._rng
        )
        if isinstance(error, RateLimited) and error.retry_after is not None:
            wait = max(wait, error.retry_after)
            quiet = error.retry_after
            await persist(lambda: self._breaker.pause(quiet), task_id=task.id, clock=self._clock)
        return await self._queue_again(task, wait=wait)

    async def _queue_again(self, task: Task, *, wait: float) -> Task:
        """
        Raises:
            StaleTask: somebody else has decided what becomes of it.
        """
        not_before = self._clock.now() + timedelta(seconds=wait)
        task = await persist(
            lambda: self._tasks.requeued(task, not_before), task_id=task.id, clock=self._clock
        )
        await self._messenger.show(task)
        return task

    async def _unclear(self, task: Task, failure: Failure) -> None:
        """Sent, and nobody knows: never sent again by the bot."""
        task = await persist(
            lambda: self._tasks.unknown(task, failure), task_id=task.id, clock=self._clock
        )
        self._notifier.tell(task)
        if await persist(self._breaker.lost, task_id=task.id, clock=self._clock):
            await self._breaker.tell()

    async def _fail(self, task: Task, failure: Failure) -> None:
        task = await persist(
            lambda: self._tasks.failed(task, failure, job=None, may_be_charged=False),
            task_id=task.id,
            clock=self._clock,
        )
        log.info("task %s: failed: %s", task.id, failure.kind.value, extra={"task": task.id})
        self._notifier.tell(task)


def _failure(kind: FailureKind, error: Exception) -> Failure:
    code = error.code if isinstance(error, ProviderError) else None
    return Failure(kind=kind, code=code, message=str(error)[:_WORDS_KEPT])
