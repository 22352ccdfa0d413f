"""The provider without HTTP: accepts requests, and tracks their tasks."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from bot.clock import Clock
from sandbox.dashscope.answers import Style
from sandbox.dashscope.jobs import ENDED, Job, Word
from sandbox.dashscope.limits import Excess, RateLimits, check_room, in_progress
from sandbox.dashscope.rules import Asked
from sandbox.providers.backend import Backend
from sandbox.providers.pictures import Still
from sandbox.providers.records import Create
from sandbox.providers.refused import Refused

KNOWN_SECONDS = 24 * 3600.0
LINK_SECONDS = 24 * 3600.0
_WAITING_PART = 0.1


class DashScopeBackend(Backend[Job, Style, Create]):
    """Tasks and their limits."""

    def __init__(
        self,
        *,
        clock: Clock,
        seconds: float,
        speed: float,
        waiting: float | None,
        excess: Excess,
        rates: float,
        video: bytes | Path | None,
        render_early: bool,
        style: Style,
    ) -> None:
        super().__init__(
            clock=clock,
            seconds=seconds,
            speed=speed,
            link_seconds=LINK_SECONDS,
            video=video,
            render_early=render_early,
            style=style,
        )
        self.waiting = waiting
        self.excess = excess
        self.rates = RateLimits()
        self.rates.factor = rates
        self.in_arrears = False
        self.denied: set[str] = set()

    # --- create -----------------------------------------------------------------------------

    def admit(self, asked: Asked) -> None:
        """Check that the account may submit a task.

        Raises:
            Refused: it may not, or not now.
        """
        now = self.clock.monotonic()
        if self.in_arrears:
            message = "Access denied, please make sure your account is in good standing."
            raise Refused(400, "Arrearage", message)
        if asked.model.id in self.denied:
            raise Refused(403, "Model.AccessDenied", "Model access denied.")
        if self.full:
            message = "Too many requests in route. Please try again later."
            raise Refused(429, "Throttling", message)
        self.rates.submit(asked.model, now)

    def accept(self, asked: Asked, still: Still, picture: bytes) -> Job:
        """Make a task from a request that was admitted.

        Raises:
            Refused: too many tasks of this model are in progress.
        """
        now = self.clock.monotonic()
        if self.excess is Excess.REFUSED:
            check_room(asked.model, self._jobs.values(), now)
        lasts = self._lasts()
        waits = self.waiting if self.waiting is not None else _tenth(lasts)
        begins = max(now + waits, self._free_at(asked, now))
        job = Job(
            asked=asked,
            still=still,
            seed=asked.seed(),
            created_at=self.clock.now(),
            created=now,
            begins=begins,
            ends=begins + max(0.0, lasts - _tenth(lasts)),
            failure=self._next_failure(),
        )
        self._begin(job, picture, Create.of(job))
        return job

    def _free_at(self, asked: Asked, now: float) -> float:
        """Return when a task can run that waits until others of its model have ended."""
        running = [job for job in self._jobs.values() if job.word(now) not in ENDED]
        count = in_progress(asked.model, running, now)
        if count < asked.model.tasks:
            return now
        ends = sorted(job.end for job in running if job.asked.model is asked.model)
        return ends[count - asked.model.tasks]

    # --- status and cancellation ------------------------------------------------------------

    def find(self, id: str) -> Job | None:
        """Return the task with that id, unless it is not known or its 24 hours are over.

        The reference says "valid for 24 hours", the page on asynchronous tasks "24 hours after a
        task has ended": these are the hours since its creation, the shorter reading.
        """
        job = self._jobs.get(id)
        if job is None or self.clock.monotonic() >= job.created + KNOWN_SECONDS:
            return None
        return job

    def word(self, job: Job) -> Word:
        """Return a task's current status; if it has succeeded, start to render its video."""
        word = job.word(self.clock.monotonic())
        if word == "SUCCEEDED":
            self.renderer.begin(job.video)
        return word

    def cancel(self, id: str) -> None:
        """Cancel a task that is still waiting.

        Raises:
            Refused: it is not. No source has another code for a task that is not known.
        """
        job = self.find(id)
        now = self.clock.monotonic()
        if job is None or job.word(now) != "PENDING":
            message = "Failed to cancel the task, please confirm if the task is in PENDING status."
            raise Refused(400, "UnsupportedOperation", message)
        self._jobs[id] = replace(job, canceled=now)

    # --- videos -----------------------------------------------------------------------------

    def file_of(self, job: Job) -> str:
        return job.id

    def job_of_file(self, name: str) -> Job:
        if name not in self._jobs:
            raise Refused(404, "NoSuchKey", "The specified key does not exist.")
        return self._jobs[name]

    def _ended_at(self, job: Job) -> datetime:
        return job.at(job.end)

    @property
    def charges(self) -> dict[str, Decimal]:
        now = self.clock.monotonic()
        ended = (job for job in self._jobs.values() if job.word(now) == "SUCCEEDED")
        return {job.id: job.cost for job in ended}

    # --- switches ---------------------------------------------------------------------------

    def begin(self, id: str | None = None) -> None:
        """Let a waiting task run, or all of them, for as long as tasks take now."""
        now = self.clock.monotonic()
        lasts = self._lasts()
        self._change(id, {"PENDING"}, lambda job: replace(job, begins=now, ends=now + lasts))

    def finish(self, id: str | None = None) -> None:
        now = self.clock.monotonic()
        words: set[Word] = {"PENDING", "RUNNING"}
        self._change(id, words, lambda job: replace(job, begins=min(job.begins, now), ends=now))

    def _change(self, id: str | None, words: set[Word], change: Callable[[Job], Job]) -> None:
        now = self.clock.monotonic()
        for job in [self._jobs[id]] if id is not None else list(self._jobs.values()):
            if job.word(now) in words:
                self._jobs[job.id] = change(job)


def _tenth(lasts: float) -> float:
    return lasts * _WAITING_PART if math.isfinite(lasts) else 0.0
