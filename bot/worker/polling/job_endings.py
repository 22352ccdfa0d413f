"""Ends running tasks whose jobs have ended: the last state, the costs, and who is told."""

import logging
from collections.abc import Callable

from bot.domain.models.prices import PriceList
from bot.domain.provider.durations import LOOK_EVERY_SECONDS
from bot.domain.provider.job import Job
from bot.domain.task import Failure, FailureKind, Task
from bot.errors import Closure, ProviderError
from bot.worker.charge_review import ChargeReview
from bot.worker.failures import CLOSED_BY, failed_kind
from bot.worker.listed_costs import with_listed_cost
from bot.worker.outcome_notifier import OutcomeNotifier
from bot.worker.polling.poll_entry import PollEntry, Trouble, whole_task
from bot.worker.worker_deps import WorkerDeps

log = logging.getLogger(__name__)

# Seconds for which a completed task without a video is polled again.
FORGIVE_NO_VIDEO = 60.0
_WORDS_KEPT = 500


class JobEndings:
    """Writes how jobs ended."""

    def __init__(
        self,
        deps: WorkerDeps,
        *,
        notifier: OutcomeNotifier,
        on_rendered: Callable[[Task], None],
        charges: ChargeReview | None,
        prices: PriceList | None,
    ) -> None:
        self._deps = deps
        self._notifier = notifier
        self._on_rendered = on_rendered
        self._charges = charges
        self._prices = prices or PriceList(prices={})

    async def completed(self, entry: PollEntry, job: Job) -> float | None:
        """Go on to the delivery; return the seconds to the next poll if there is no video yet."""
        if job.video_url is None:
            return await self._without_video(entry, job)
        task = await whole_task(entry, self._deps)
        model = self._deps.providers.model(task.request.model)
        job = with_listed_cost(job, task, model=model, prices=self._prices)
        task = await self._deps.persist(
            lambda: self._deps.tasks.rendered(task, job), task_id=task.id
        )
        log.info("task %s: rendered, cost %s", task.id, task.cost, extra={"task": task.id})
        age = entry.age(self._deps.clock.now().timestamp())
        self._deps.metrics.rendered(seconds=age, looks=entry.looks, cost=task.cost)
        self._review(task)
        self._on_rendered(task)
        return None

    async def canceled(self, entry: PollEntry) -> None:
        """End a task whose job was canceled before it began, by its person or by the operator."""
        task = await self._deps.persist(
            lambda: self._deps.tasks.canceled(entry.id, entry.job_id), task_id=entry.id
        )
        log.info("task %s: canceled at the provider", task.id, extra={"task": task.id})
        self._notifier.tell(task)

    async def _without_video(self, entry: PollEntry, job: Job) -> float | None:
        now = self._deps.clock.monotonic()
        entry.known = None
        trouble = entry.trouble = entry.trouble or Trouble()
        trouble.empty_since = trouble.empty_since or now
        if now - trouble.empty_since < FORGIVE_NO_VIDEO:
            return LOOK_EVERY_SECONDS
        return await self.fail(entry, Failure(kind=FailureKind.NO_VIDEO), job)

    async def failed(self, entry: PollEntry, job: Job) -> None:
        """End a task whose video the provider could not make."""
        request = (await whole_task(entry, self._deps)).request
        reason = self._deps.providers.of(entry.kind.model).client.failure_reason(job, request)
        words = (job.error_message or "")[:_WORDS_KEPT] or None
        failure = Failure(kind=failed_kind(reason), code=job.error_code, message=words)
        charged = job.cost is not None and job.cost.micros > 0
        await self.fail(entry, failure, job, may_be_charged=charged)
        if reason in CLOSED_BY:
            await self.close(CLOSED_BY[reason], entry)

    async def forgotten(self, entry: PollEntry, error: ProviderError) -> None:
        """End a task whose job the provider no longer knows."""
        words = str(error)[:_WORDS_KEPT]
        await self.fail(entry, Failure(kind=FailureKind.FORGOTTEN, code=error.code, message=words))

    async def close(self, closure: Closure, entry: PollEntry) -> None:
        """Trip the breaker: the provider accepts nothing any more, or nothing for this model."""
        breaker = self._deps.providers.of(entry.kind.model).breaker
        of_model = entry.kind.model if closure is Closure.MODEL_REFUSED else None
        if await breaker.trip(closure, of_model):
            await breaker.tell(of_model)

    async def fail(
        self,
        entry: PollEntry,
        failure: Failure,
        job: Job | None = None,
        *,
        may_be_charged: bool = True,
    ) -> None:
        """End the task without a video."""
        running = await whole_task(entry, self._deps)
        task = await self._deps.persist(
            lambda: self._deps.tasks.failed(
                running, failure, job=job, may_be_charged=may_be_charged
            ),
            task_id=entry.id,
        )
        log.info("task %s: failed: %s", task.id, failure.kind.value, extra={"task": task.id})
        self._review(task)
        self._notifier.tell(task)

    def _review(self, task: Task) -> None:
        if self._charges is not None:
            self._charges.look(task)
