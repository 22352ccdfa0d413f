"""queued → submitting → running: the provider can accept at most one POST of each task."""

import asyncio
import logging
from collections import Counter, defaultdict
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import timedelta
from pathlib import Path

from bot.concurrency import backoff
from bot.domain.models.model import MODELS
from bot.domain.provider.job import Job, JobStatus
from bot.domain.task import DEADLINE, Failure, FailureKind, Task
from bot.errors import (
    AccountFull,
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
from bot.storage.files.images import ImageStore
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from bot.worker.failures import OF_CLOSURE, rejected_kind
from bot.worker.outcome_notifier import OutcomeNotifier
from bot.worker.polling.poller import Poller
from bot.worker.provider_registry import ProviderAccess
from bot.worker.supervisor import Supervisor
from bot.worker.worker_deps import WorkerDeps

log = logging.getLogger(__name__)

SUBMIT_AT_ONCE = 4
"""Create calls under way at one provider, so that a slow one does not keep the others waiting."""
# Seconds. If more time passes between recording that a task is sent and sending it, this process
# may have been taken for dead, and the task for unclear. Well below the lease of 20 s.
SEND_WITHIN = 10.0
# Seconds before a create call that certainly created nothing is repeated.
FIRST_WAIT = 2.0
LONGEST_WAIT = 300.0
_WORDS_KEPT = 500


class Submitter:
    """Sends queued tasks to the provider."""

    def __init__(
        self,
        deps: WorkerDeps,
        *,
        images: ImageStore,
        poller: Poller,
        notifier: OutcomeNotifier,
        supervisor: Supervisor,
    ) -> None:
        self._deps = deps
        self._images = images
        self._poller = poller
        self._notifier = notifier
        self._supervisor = supervisor
        self._slots = defaultdict[str, asyncio.Semaphore](lambda: asyncio.Semaphore(SUBMIT_AT_ONCE))
        self._attempts: Counter[str] = Counter()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def start(self, task: Task) -> None:
        """Submit a queued task as soon as limits and pauses allow."""
        self._supervisor.start(task.id, lambda: self._submit(task), server=task.place.guild_id)

    async def _submit(self, task: Task) -> None:
        # If another process took the task in, only this one updates its message from now on.
        await self._deps.messenger.show(task)
        waiting: Task | None = task
        while waiting is not None:
            await self._wait_for(waiting)
            async with self._turn(waiting):
                waiting = await self._send_in_turn(waiting)
        del self._attempts[task.id]

    def _turn(self, task: Task) -> AbstractAsyncContextManager[object]:
        """Keep the order of tasks that wait for room in the provider's account."""
        model = MODELS.get(task.request.model)
        if model is None or model.concurrent is None:
            return nullcontext()
        return self._turns[model.id]

    async def _send_in_turn(self, task: Task) -> Task | None:
        """Send the task once there is room for it; return it if it waits for another attempt."""
        breaker = self._breaker(task)
        while True:
            async with self._slots[self._provider(task)]:
                await self._deps.persist(breaker.refresh, task_id=task.id)
                if breaker.pause.is_on or breaker.quiet_seconds() > 0:
                    # A pause was asked for while this task waited, here or in another process.
                    return task
                # A stop lets this finish, because the call may already cost money.
                outcome = await self._supervisor.whole(self._try(task))
            if not isinstance(outcome, AccountFull):
                return outcome
            await self._deps.clock.sleep(outcome.wait.total_seconds())

    async def _wait_for(self, task: Task) -> None:
        """Wait until neither the task, the operator nor the provider asks for more time."""
        if task.not_before is not None:
            # If the clock was set back since, wait as long as was meant then.
            wait = task.not_before - max(self._deps.clock.now(), task.updated_at)
            await self._deps.clock.sleep(max(wait.total_seconds(), 0.0))
        breaker = self._breaker(task)
        await self._deps.persist(breaker.while_paused, task_id=task.id)
        while (left := breaker.quiet_seconds()) > 0:
            await self._deps.clock.sleep(left)

    async def _try(self, task: Task) -> Task | AccountFull | None:
        """Make one attempt; return the task if it waits for another one, else None."""
        if failure := await self._not_to_be_sent(task):
            return await self._fail(task, failure)
        digest = task.request.frame.digest
        picture = await self._deps.persist(lambda: self._images.find(digest), task_id=task.id)
        if picture is None:
            return await self._fail(task, Failure(kind=FailureKind.PICTURE_LOST))
        began = self._deps.clock.monotonic()
        begun = await self._submitting(task)
        if isinstance(begun, AccountFull):
            return begun
        if self._deps.clock.monotonic() - began > SEND_WITHIN:
            return await self._queue_again(begun, wait=0.0)
        return await self._send(begun, picture)

    async def _submitting(self, task: Task) -> Task | AccountFull:
        """Record that the task is sent, before it is, if the provider takes another one."""
        is_first = task.not_before is None
        try:
            task = await self._deps.persist(
                lambda: self._deps.tasks.submitting(task), task_id=task.id
            )
        except AccountFull as full:
            return full
        if is_first:
            # A further attempt leaves the message as it is until it succeeds.
            await self._deps.messenger.show(task)
        return task

    async def _not_to_be_sent(self, task: Task) -> Failure | None:
        """Return why the task fails without being sent, if it must."""
        breaker = self._breaker(task)
        waited_since = breaker.pause.waited_since(task.created_at)
        if self._deps.clock.now() - waited_since > DEADLINE:
            return Failure(kind=FailureKind.DEADLINE)
        closure = await breaker.admit(task.request.model)
        return Failure(kind=OF_CLOSURE[closure]) if closure else None

    async def _send(self, task: Task, picture: Path) -> Task | None:
        try:
            job = await self._access(task).client.create(task.request, picture)
        except ProviderError as error:
            log.warning("task %s: create: %s", task.id, error, extra={"task": task.id})
            self._deps.metrics.provider_error(self._provider(task), type(error).__name__)
            return await self._not_created(task, error)
        except Exception as error:
            # A bug of ours in the middle of the call: the provider may have accepted the task.
            log.exception("task %s: create", task.id, extra={"task": task.id})
            return await self._unclear(task, _failure(FailureKind.GENERATION, error))
        await self._created(task, job)
        return None

    async def _created(self, task: Task, job: Job) -> None:
        log.info("task %s: created as %s", task.id, job.id, extra={"task": task.id})
        # The provider's id is only in memory, so this write is repeated until it succeeds.
        try:
            task = await self._deps.persist(
                lambda: self._deps.tasks.running(task, job), task_id=task.id
            )
        except JobTaken as error:
            log.error("task %s: %s", task.id, error, extra={"task": task.id})
            await self._unclear(task, _failure(FailureKind.GENERATION, error))
            return
        model, breaker = task.request.model, self._breaker(task)
        if job.status is JobStatus.PENDING:
            await self._deps.messenger.show(task)
        self._poller.watch(task, job)
        # Last, since telling the operator that the provider works again can take long.
        await self._deps.persist(lambda: breaker.reset(model), task_id=task.id)

    # --- the provider did not accept the task -------------------------------------------

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
                await self._fail(task, _failure(rejected_kind(error.reason), error))
                await self._deps.persist(self._breaker(task).answered, task_id=task.id)
                return None
            case _:
                return await self._again(task, error)

    async def _shut(self, task: Task, closure: Closure, error: ProviderError) -> None:
        """Trip the breaker and fail the task. Refusals without a reason trip at the second one."""
        model = task.request.model if closure is Closure.MODEL_REFUSED else None
        breaker = self._breaker(task)

        async def close() -> bool:
            if closure is Closure.ACCOUNT_REFUSED:
                return await breaker.refused(task.request)
            return await breaker.trip(closure, model)

        is_news = await self._deps.persist(close, task_id=task.id)
        # Written first: telling the operator can take long, and it is certain that nothing was
        # created.
        await self._fail(task, _failure(OF_CLOSURE[closure], error))
        if is_news:
            await breaker.tell(model)

    async def _again(self, task: Task, error: ProviderError) -> Task:
        """Queue a task that was certainly not created again, for a later attempt."""
        self._attempts[task.id] += 1
        wait = backoff(
            self._attempts[task.id], first=FIRST_WAIT, longest=LONGEST_WAIT, rng=self._deps.rng
        )
        if isinstance(error, RateLimited) and error.retry_after is not None:
            wait = max(wait, error.retry_after)
            quiet, breaker = error.retry_after, self._breaker(task)
            await self._deps.persist(lambda: breaker.stay_quiet(quiet), task_id=task.id)
        return await self._queue_again(task, wait=wait)

    async def _queue_again(self, task: Task, *, wait: float) -> Task:
        """Put the task back into the queue.

        Raises:
            StaleTask: another process has decided its outcome.
        """
        not_before = self._deps.clock.now() + timedelta(seconds=wait)
        task = await self._deps.persist(
            lambda: self._deps.tasks.requeued(task, not_before), task_id=task.id
        )
        await self._deps.messenger.show(task)
        return task

    async def _unclear(self, task: Task, failure: Failure) -> None:
        """Mark the task as unclear, since it may have been accepted. It is never sent again."""
        task = await self._deps.persist(
            lambda: self._deps.tasks.unknown(task, failure), task_id=task.id
        )
        self._notifier.tell(task)
        breaker = self._breaker(task)
        if await self._deps.persist(breaker.lost, task_id=task.id):
            await breaker.tell()

    def _provider(self, task: Task) -> str:
        return self._deps.providers.model(task.request.model).provider

    def _access(self, task: Task) -> ProviderAccess:
        return self._deps.providers.of(task.request.model)

    def _breaker(self, task: Task) -> ProviderCircuitBreaker:
        return self._access(task).breaker

    async def _fail(self, task: Task, failure: Failure) -> None:
        task = await self._deps.persist(
            lambda: self._deps.tasks.failed(task, failure, job=None, may_be_charged=False),
            task_id=task.id,
        )
        log.info("task %s: failed: %s", task.id, failure.kind.value, extra={"task": task.id})
        self._notifier.tell(task)


def _failure(kind: FailureKind, error: Exception) -> Failure:
    code = error.code if isinstance(error, ProviderError) else None
    return Failure(kind=kind, code=code, message=str(error)[:_WORDS_KEPT])
