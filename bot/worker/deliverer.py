"""rendered → delivered: fetch the video, then try one delivery method after another."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.concurrency import backoff
from bot.domain.delivery import Delivery, DeliveryMethod, Posted
from bot.domain.task import ANNOUNCE_AFTER, EntryPoint, State, Task
from bot.errors import (
    DeliveryRefused,
    DeliveryUnclear,
    StorageError,
)
from bot.worker.outcome_notifier import OutcomeNotifier
from bot.worker.supervisor import Supervisor
from bot.worker.video_fetcher import VideoFetcher
from bot.worker.worker_deps import WorkerDeps

log = logging.getLogger(__name__)

Announces = Callable[[int], Awaitable[bool]]
Withholds = Callable[[Task], Awaitable[bool]]

DELIVER_AT_ONCE = 8
# Seconds between attempts.
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
# Discord remembers a nonce for "the past few minutes"; after this, the channel is searched.
TRUST_NONCE = timedelta(minutes=2)
# Seconds. If more time passes between recording an attempt and making it, another process may have
# taken the task over meanwhile. Well below the lease of 20 s.
SAY_WITHIN = 10.0
# Outages of Discord have lasted hours, never a day.
GIVE_UP_METHOD_AFTER = timedelta(hours=24)


class Deliverer:
    """Delivers finished videos to the people who asked for them."""

    def __init__(
        self,
        deps: WorkerDeps,
        *,
        notifier: OutcomeNotifier,
        fetcher: VideoFetcher,
        supervisor: Supervisor,
        announces: Announces,
        withholds: Withholds | None = None,
    ) -> None:
        """
        Args:
            announces: whether a server wants people notified of a video that took long.
            withholds: whether a video must not be posted, since moderators removed it.
        """
        self._deps = deps
        self._notifier = notifier
        self._fetcher = fetcher
        self._supervisor = supervisor
        self._announces = announces
        self._withholds = withholds
        # Not the fetcher's, so that downloads, whose links expire, do not wait while Discord hangs.
        self._posting = asyncio.Semaphore(DELIVER_AT_ONCE)
        # The method that only this process has tried, and when it started (monotonic seconds). Only
        # for
        # these can a nonce rule out a duplicate.
        self._mine: dict[str, tuple[DeliveryMethod, float]] = {}

    def start(self, task: Task) -> None:
        """Deliver a rendered task."""
        self._supervisor.start(task.id, lambda: self._deliver(task), server=task.place.guild_id)

    def put_right(self, task: Task) -> None:
        """Check whether the message shows how the task ended, since an edit may have come late."""
        # Under a key of its own, since the delivery of this task may still be running.
        work = f"{task.id} message"
        self._supervisor.start(work, lambda: self._put_right(task), server=task.place.guild_id)

    async def _put_right(self, task: Task) -> None:
        fetched: list[Path] = []

        async def video() -> Path | None:
            path, _ = await self._fetcher.fetch(task)
            fetched.extend([] if path is None else [path])
            return path

        try:
            await self._deps.messenger.put_right(task, video)
        except DeliveryUnclear as error:
            # The task stays marked, so the message is checked again.
            log.warning("task %s: checking its message, no clear answer: %s", task.id, error)
            return
        except DeliveryRefused as error:
            log.warning("task %s: its message stays unchanged: %s", task.id, error)
        await self._deps.tasks.looked_at(task.id)
        for path in fetched:
            await self._fetcher.remove(task, path)

    async def _deliver(self, task: Task) -> None:
        if await self._is_withheld(task):
            await self._withhold(task)
            return
        await self._deps.messenger.show(task)
        video, is_expired = await self._fetcher.fetch(task)
        # A download can take minutes, in which moderators may have decided.
        if await self._is_withheld(task):
            await self._withhold(task)
            return
        for method in DeliveryMethod:
            if method < task.delivery.method or (video is None and method < DeliveryMethod.LINK):
                continue
            if video is None and is_expired:
                break
            task, held = await self._climb(task, method, video)
            if held:
                await self._done(task, video)
                return
        await self._undelivered(task)

    async def _is_withheld(self, task: Task) -> bool:
        withholds = self._withholds
        if withholds is None:
            return False
        return await self._deps.persist(lambda: withholds(task), task_id=task.id)

    async def _withhold(self, task: Task) -> None:
        """End the task without a message: whoever removes the video says so in its place."""
        await self._deps.messenger.show(task)
        await self._deps.persist(
            lambda: self._deps.tasks.delivered(task, None, None), task_id=task.id
        )
        log.info("task %s: not posted, moderators removed it", task.id, extra={"task": task.id})
        self._mine.pop(task.id, None)

    # --- the delivery methods -----------------------------------------------------------

    async def _climb(
        self, task: Task, method: DeliveryMethod, video: Path | None
    ) -> tuple[Task, bool]:
        """Repeat one method until it succeeds or is refused; return the task and the success."""
        task = _changed_to(method, task)
        # Counted in this process only: hours in which nobody tried are no reason to give up.
        began = self._deps.clock.monotonic()
        while True:
            try:
                async with self._posting:
                    return await self._supervisor.whole(self._attempt(task, method, video)), True
            except DeliveryRefused as error:
                self._deps.metrics.discord_error(type(error).__name__)
                log.warning("task %s: method %s: %s", task.id, method.name, error)
                return task, False
            except DeliveryUnclear as error:
                self._deps.metrics.discord_error(type(error).__name__)
                task = await self._after(task, method, error)
                if self._deps.clock.monotonic() - began > GIVE_UP_METHOD_AFTER.total_seconds():
                    return task, False

    async def _recorded(self, task: Task, method: DeliveryMethod) -> Task:
        """Record an attempt before it is made.

        Raises:
            DeliveryUnclear: that took so long that the attempt must not be made now.
        """
        tried = replace(
            task.delivery,
            method=method,
            attempts=task.delivery.attempts + 1,
            tried_at=task.delivery.tried_at or self._deps.clock.now(),
        )
        began = self._deps.clock.monotonic()
        recorded = await self._deps.persist(
            lambda: self._deps.tasks.delivering(task, tried), task_id=task.id
        )
        if self._deps.clock.monotonic() - began > SAY_WITHIN:
            raise DeliveryUnclear("too much time between recording the attempt and making it")
        return recorded

    async def _attempt(self, task: Task, method: DeliveryMethod, video: Path | None) -> Task:
        search, is_first = self._must_search(task), task.delivery.tried_at is None
        task = await self._recorded(task, method)
        if is_first:
            self._mine[task.id] = method, self._deps.clock.monotonic()
        posted = await self._say(task, method, video, search=search)
        # The message is posted, so this write is repeated until it succeeds.
        return await self._deps.persist(
            lambda: self._deps.tasks.delivered(task, posted.channel_id, posted.message_id),
            task_id=task.id,
        )

    async def _say(
        self, task: Task, method: DeliveryMethod, video: Path | None, *, search: bool
    ) -> Posted:
        try:
            return await self._deps.messenger.deliver(task, method, video, search=search)
        except (DeliveryRefused, DeliveryUnclear):
            raise
        except Exception as error:
            log.exception("task %s: method %s", task.id, method.name, extra={"task": task.id})
            raise DeliveryUnclear(f"{type(error).__name__}: {error}") from error

    def _must_search(self, task: Task) -> bool:
        """Whether an earlier attempt that the nonce no longer covers may have succeeded."""
        if task.delivery.tried_at is None:
            return False
        method, began = self._mine.get(task.id, (None, 0.0))
        # Monotonic, because a nonce that is trusted for too long means a second post.
        trusted = self._deps.clock.monotonic() - began <= TRUST_NONCE.total_seconds()
        return method is not task.delivery.method or not trusted

    async def _after(self, task: Task, method: DeliveryMethod, error: DeliveryUnclear) -> Task:
        """Wait, then read what the attempt left in the database."""
        log.warning("task %s: method %s, no clear answer: %s", task.id, method.name, error)
        stored = await self._deps.persist(lambda: self._deps.tasks.get(task.id), task_id=task.id)
        attempts = stored.delivery.attempts if stored else task.delivery.attempts + 1
        await self._wait(attempts, at_least=error.retry_after or 0.0)
        return task if stored is None else replace(task, delivery=stored.delivery)

    # --- the end ------------------------------------------------------------------------

    async def _done(self, task: Task, video: Path | None) -> None:
        log.info("task %s: delivered", task.id, extra={"task": task.id})
        waited = self._deps.clock.now() - (task.rendered_at or task.updated_at)
        self._deps.metrics.delivered(seconds=max(waited.total_seconds(), 0.0))
        self._mine.pop(task.id, None)
        if video is not None:
            await self._fetcher.remove(task, video)
        took = (task.rendered_at or task.created_at) - task.created_at
        is_seen = (
            task.delivery.method is not DeliveryMethod.DIRECT
            and task.entry_point is not EntryPoint.TERMINAL
        )
        is_wanted = took > ANNOUNCE_AFTER and is_seen and not task.announced
        if is_wanted and await self._may_announce(task):
            # Marked first: after a kill in between, a missing notice is better than a second one.
            task = await self._deps.tasks.told(task, announced=True)
            await self._deps.messenger.announce(task)

    async def _may_announce(self, task: Task) -> bool:
        """Whether the server allows the notice; if that cannot be read, it is not sent."""
        if task.place.guild_id is None:
            return True
        try:
            return await self._announces(task.place.guild_id)
        except StorageError as error:
            log.warning("task %s: not announced: %s", task.id, error, extra={"task": task.id})
            return False

    async def _undelivered(self, task: Task) -> None:
        self._mine.pop(task.id, None)
        tasks = self._deps.tasks
        write = tasks.still_undelivered if task.state is State.UNDELIVERED else tasks.undelivered
        task = await self._deps.persist(lambda: write(task), task_id=task.id)
        log.warning("task %s: not delivered", task.id, extra={"task": task.id})
        self._notifier.tell(task)

    async def _wait(self, attempt: int, *, at_least: float = 0.0) -> None:
        wait = backoff(max(attempt, 1), first=FIRST_WAIT, longest=LONGEST_WAIT, rng=self._deps.rng)
        await self._deps.clock.sleep(max(wait, at_least))


def _changed_to(method: DeliveryMethod, task: Task) -> Task:
    if task.delivery.method is method:
        return task
    # An earlier attempt without a clear answer may have succeeded, whatever came after it. An edit
    # can be repeated, but a video that is sent again may have been posted before it.
    is_edit = task.delivery.method is DeliveryMethod.EDIT and task.state is not State.UNDELIVERED
    unclear = None if is_edit else task.delivery.tried_at
    return replace(task, delivery=Delivery(method=method, tried_at=unclear))
