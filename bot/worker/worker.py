"""The background worker: it renews the lease, takes over lost tasks, and runs each one on."""

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from bot.clock import Clock
from bot.concurrency import cancel_all, first_of
from bot.domain.models.prices import PriceList
from bot.domain.task import State, Task
from bot.errors import StorageError, is_of_the_disk
from bot.services.metrics_sink import MetricsSink
from bot.services.ports import Messenger
from bot.storage.files.images import ImageStore
from bot.storage.files.object_store import SharedFiles
from bot.storage.tasks.tasks import TaskStore
from bot.video.labeler import VideoLabeler
from bot.worker.charge_review import ChargeReview
from bot.worker.deliverer import Announces, Deliverer, Withholds
from bot.worker.outcome_notifier import OutcomeNotifier
from bot.worker.polling.poll_scheduler import PollScheduler
from bot.worker.polling.poller import Poller
from bot.worker.provider_registry import ProviderRegistry
from bot.worker.submitter import Submitter
from bot.worker.supervisor import Supervisor
from bot.worker.video_fetcher import VideoFetcher
from bot.worker.worker_deps import WorkerDeps

log = logging.getLogger(__name__)

# After a process dies, another one has its tasks within 20 + 5 s.
LEASE = timedelta(seconds=20)
RENEW_EVERY = 5.0
# Tasks taken over in one claim: few among several workers, so that each gets some; more for a
# single worker, but so few that the event loop is blocked for 50 ms at most.
CLAIM_AT_ONCE = 200
CLAIM_AT_ONCE_ALONE = 2_000
LATE_EDITS_EVERY = 5.0
# Each check costs a request, and now and then a second upload of the video.
LATE_EDITS_AT_ONCE = 20
SAVE_EVERY = 60.0
STRAYS_EVERY = 30.0
# States in which a task of this process is always in a supervisor. The poller never drops one.
_HELD_STATES = (State.QUEUED, State.SUBMITTING, State.RENDERED)
# SIGTERM must end within 20 s; what is left after this is for closing connections and files.
GRACE = 12.0
GRACE_TO_TELL = 2.0


class Worker:
    """Brings tasks from their current state to their end, while its context is entered."""

    def __init__(
        self,
        *,
        owner: str,
        tasks: TaskStore,
        images: ImageStore,
        providers: ProviderRegistry,
        messenger: Messenger,
        clock: Clock,
        videos: Path,
        adopts: bool = True,
        only_run: bool = False,
        rng: random.Random | None = None,
        shared: SharedFiles | None = None,
        labeler: VideoLabeler | None = None,
        poll_scheduler: PollScheduler | None = None,
        metrics: MetricsSink | None = None,
        prices: PriceList | None = None,
        announces: Announces | None = None,
        withholds: Withholds | None = None,
    ) -> None:
        """
        Args:
            owner: id of this process in the database.
            adopts: take over tasks of processes that are gone; `flipbook animate` does not.
            only_run: this process holds the lock of `flipbook run` (``TaskStore.claim``).
            shared: files that other machines can read.
            labeler: labels each video's file as AI-generated.
            poll_scheduler: decides when to poll; without it, what is learned ends with the process.
            metrics: counts events.
            prices: configured prices; the operator is told of charges that are far from them.
            withholds: whether a video must not be posted; never, by default.
            announces: whether a server wants people notified of a video that took long; by
                default, all do.
        """
        deps = WorkerDeps(
            tasks=tasks,
            providers=providers,
            messenger=messenger,
            clock=clock,
            rng=rng or random.Random(),
            metrics=metrics or MetricsSink(),
        )
        self._poll_scheduler = poll_scheduler or PollScheduler()
        self._owner = owner
        self._tasks = tasks
        self._providers = providers
        self._clock = clock
        self._adopts = adopts
        self._only_run = only_run
        self._videos = videos
        self._sending = Supervisor(clock=clock, let_go=self._let_go)
        self._delivering = Supervisor(clock=clock, let_go=self._let_go)
        self._telling = Supervisor(clock=clock, let_go=self._let_go)
        self._notifier = OutcomeNotifier(deps, supervisor=self._telling)
        self._deliverer = Deliverer(
            deps,
            notifier=self._notifier,
            fetcher=VideoFetcher(
                deps, videos=videos, shared=shared, labeler=labeler or VideoLabeler()
            ),
            supervisor=self._delivering,
            announces=announces or _always,
            withholds=withholds,
        )
        self._poller = Poller(
            deps,
            notifier=self._notifier,
            on_rendered=self._deliverer.start,
            poll_scheduler=self._poll_scheduler,
            prices=prices,
            charges=ChargeReview(
                prices=prices or PriceList(prices={}),
                tell_operator=messenger.tell_operator,
                supervisor=self._telling,
                clock=clock,
            ),
        )
        self._submitter = Submitter(
            deps,
            images=images,
            poller=self._poller,
            notifier=self._notifier,
            supervisor=self._sending,
        )
        self._loops: list[asyncio.Task[None]] = []
        self._woken = asyncio.Event()
        self._strays: set[str] = set()

    async def __aenter__(self) -> Self:
        self._videos.mkdir(parents=True, exist_ok=True)
        await self._poll_scheduler.load()
        await self._renew()
        if self._adopts:
            await self._adopt()
        self._begin("lease", self._renew, RENEW_EVERY)
        if self._adopts:
            self._begin("claims", self._adopt_when_woken, 0.0)
            self._begin("strays", self._find_strays, STRAYS_EVERY)
            self._begin("late edits", self._put_right, LATE_EDITS_EVERY)
        self._run("watching", self._poller.run())
        for name, access in self._providers.items():
            self._run(f"key of {name}", access.breaker.run())
        self._begin("learned", self._poll_scheduler.save, SAVE_EVERY)
        return self

    async def __aexit__(self, *_: object) -> None:
        # In the order of the pipeline, so that nothing new reaches a part that has stopped.
        await cancel_all(self._loops)
        await self._poller.stop()
        await asyncio.gather(self._sending.stop(GRACE), self._delivering.stop(GRACE))
        await self._telling.stop(GRACE_TO_TELL)
        with suppress(StorageError):
            await self._poll_scheduler.save()
            await self._tasks.release(self._owner)

    def take(self, task: Task) -> None:
        """Continue a task that this process owns, from its current state."""
        match task.state:
            case State.QUEUED:
                self._submitter.start(task)
            case State.RUNNING:
                self._poller.watch(task)
            case State.RENDERED | State.UNDELIVERED:
                self._deliverer.start(task)
            case State.UNKNOWN:
                self._notifier.tell(task)
            case _:
                log.debug("task %s: nothing to do for %s", task.id, task.state)

    def wake(self) -> None:
        """Look for tasks to claim now, because there is one without an owner."""
        self._woken.set()

    @property
    def is_alive(self) -> bool:
        """Whether all its loops are running."""
        return bool(self._loops) and not any(loop.done() for loop in self._loops)

    def snapshot(self) -> dict[str, int]:
        """Numbers of tasks in work, by activity."""
        return {
            "sending": len(self._sending),
            "watching": len(self._poller),
            "delivering": len(self._delivering),
        }

    # --- loops --------------------------------------------------------------------------

    def _begin(
        self, name: str, work: Callable[[], Coroutine[Any, Any, None]], every: float
    ) -> None:
        self._run(name, self._keep(name, work, every))

    def _run(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        loop = asyncio.create_task(work, name=name)
        loop.add_done_callback(_say_dead)
        self._loops.append(loop)

    async def _keep(
        self, name: str, work: Callable[[], Coroutine[Any, Any, None]], every: float
    ) -> None:
        """Repeat the work forever; a failure is logged and does not end the loop."""
        while True:
            try:
                await work()
            except Exception as error:
                # On a full disk, a traceback every few seconds takes the space that is left.
                trace = None if is_of_the_disk(error) else error
                log.error(
                    "%s failed, next attempt in %.0f s: %s", name, every, error, exc_info=trace
                )
            await self._clock.sleep(every)

    async def _renew(self) -> None:
        await self._tasks.register(self._owner, LEASE)

    async def _adopt_when_woken(self) -> None:
        """Claim tasks every few seconds, and at once after :meth:`wake`."""
        await first_of(self._clock.sleep(RENEW_EVERY), self._woken.wait())
        self._woken.clear()
        await self._adopt()

    async def _adopt(self) -> None:
        """Claim tasks without an owner: new, left by a killed process, or resolved by hand."""
        most = CLAIM_AT_ONCE_ALONE if self._only_run else CLAIM_AT_ONCE
        claimed = await self._tasks.claim(
            self._owner, only_run=self._only_run, lease=LEASE, most=most
        )
        if claimed:
            log.info("took over %d tasks", len(claimed))
        for task in claimed:
            self.take(task)
        if len(claimed) == most:
            self.wake()
            return
        await self._notifier.tell_untold(
            self._owner, only_run=self._only_run, lease=LEASE, except_for=self._delivering
        )

    async def _find_strays(self) -> None:
        """Give up tasks that this process owns but does not work on, for the next claim.

        There are none unless a write succeeded but was reported as failed, or a bug struck between
        two steps. A task must be found twice, since it may just be passing from one part to
        another.
        """
        held = await self._tasks.held_by(self._owner, _HELD_STATES)
        found = {one for one in held if one not in self._sending and one not in self._delivering}
        for task_id in found & self._strays:
            log.warning("task %s: owned but not worked on, so it is taken up again", task_id)
            await self._let_go(task_id)
        self._strays = found - self._strays

    async def _put_right(self) -> None:
        """Check messages that an edit may have reached after their task had ended."""
        for task in await self._tasks.to_look_at(most=LATE_EDITS_AT_ONCE):
            self._deliverer.put_right(task)

    async def _let_go(self, task_id: str) -> None:
        await self._tasks.let_go(task_id, self._owner)


def _say_dead(loop: asyncio.Task[None]) -> None:
    """Log that a loop has ended, which only a bug can cause."""
    if not loop.cancelled():
        log.critical(
            "the worker is dead, its loop %r has ended; a restart takes up all tasks again",
            loop.get_name(),
            exc_info=loop.exception(),
        )


async def _always(guild_id: int) -> bool:
    return True
