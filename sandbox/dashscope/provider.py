"""The provider without HTTP: accepts requests, and tracks their tasks."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from bot.clock import Clock
from sandbox.dashscope.answers import Style
from sandbox.dashscope.jobs import ENDED, Job, Word
from sandbox.dashscope.limits import Excess, RateLimits, check_room, in_progress
from sandbox.dashscope.records import Create, canonical
from sandbox.dashscope.rules import Asked
from sandbox.providers.links import Links
from sandbox.providers.pictures import Still
from sandbox.providers.refused import Refused
from sandbox.providers.renderer import Renderer

KNOWN_SECONDS = 24 * 3600.0
LINK_SECONDS = 24 * 3600.0
_WAITING_PART = 0.1


class DashScopeBackend:
    """Tasks and their limits."""

    def __init__(
        self,
        *,
        clock: Clock,
        seconds: float,
        speed: float,
        excess: Excess,
        video: bytes | Path | None,
        render_early: bool,
        style: Style,
    ) -> None:
        self.clock = clock
        self.seconds = seconds
        self.speed = speed
        self.slow = 1.0
        self.waiting: float | None = None
        self.excess = excess
        self.rates = RateLimits()
        self.link_seconds = LINK_SECONDS
        self.renderer = Renderer(video)
        self.links = Links()
        self.style = style
        self.failures: deque[tuple[str, str]] = deque()
        self.failing: tuple[str, str] | None = None
        self.full = False
        self.in_arrears = False
        self.denied: set[str] = set()
        self.creates: list[Create] = []
        self._render_early = render_early
        self._jobs: dict[str, Job] = {}

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
        lasts = self.seconds * self.slow / self.speed
        waits = self.waiting if self.waiting is not None else _tenth(lasts)
        begins = max(now + waits, self._free_at(asked, now))
        job = Job(
            model=asked.model,
            still=still,
            prompt=asked.prompt,
            rewritten=asked.prompt_extend and asked.model.rewritten_prompt,
            seed=asked.seed(),
            resolution=asked.resolution,
            seconds=asked.seconds,
            sound=asked.sound,
            watermark=asked.watermark,
            created_at=self.clock.now(),
            created=now,
            begins=begins,
            ends=begins + max(0.0, lasts - _tenth(lasts)),
            failure=self.failures.popleft() if self.failures else self.failing,
        )
        self.renderer.keep(still.digest, picture)
        if self._render_early:
            self.renderer.begin(job.video)
        self._jobs[job.id] = job
        self.creates.append(_record(job, asked))
        return job

    def _free_at(self, asked: Asked, now: float) -> float:
        """Return when a task can run that waits until others of its model have ended."""
        running = [job for job in self._jobs.values() if job.word(now) not in ENDED]
        count = in_progress(asked.model, running, now)
        if count < asked.model.tasks:
            return now
        ends = sorted(job.end for job in running if job.model is asked.model)
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

    def link(self, job: Job) -> str:
        """Return path and query of its video, valid for ``link_seconds`` after its end."""
        expires = job.at(job.end) + timedelta(seconds=self.link_seconds)
        return self.links.path(f"{job.id}.mp4", expires)

    def job_of_file(self, name: str) -> Job:
        """Return the task whose video has that name.

        Raises:
            Refused: 404.
        """
        if name not in self._jobs:
            raise Refused(404, "NoSuchKey", "The specified key does not exist.")
        return self._jobs[name]

    @property
    def charges(self) -> dict[str, Decimal]:
        """USD of each video, by the id of its task."""
        now = self.clock.monotonic()
        ended = (job for job in self._jobs.values() if job.word(now) == "SUCCEEDED")
        return {job.id: job.cost for job in ended}

    # --- switches ---------------------------------------------------------------------------

    def begin(self, id: str | None = None) -> None:
        """Let a waiting task run, or all of them, for as long as tasks take now."""
        now = self.clock.monotonic()
        lasts = self.seconds * self.slow / self.speed
        self._change(id, {"PENDING"}, lambda job: replace(job, begins=now, ends=now + lasts))

    def finish(self, id: str | None = None) -> None:
        """End a task, or all of them, now."""
        now = self.clock.monotonic()
        words: set[Word] = {"PENDING", "RUNNING"}
        self._change(id, words, lambda job: replace(job, begins=min(job.begins, now), ends=now))

    def forget(self, id: str) -> None:
        """Forget a task."""
        del self._jobs[id]

    def _change(self, id: str | None, words: set[Word], change: Callable[[Job], Job]) -> None:
        now = self.clock.monotonic()
        for job in [self._jobs[id]] if id is not None else list(self._jobs.values()):
            if job.word(now) in words:
                self._jobs[job.id] = change(job)


def _tenth(lasts: float) -> float:
    return lasts * _WAITING_PART if math.isfinite(lasts) else 0.0


def _record(job: Job, asked: Asked) -> Create:
    return Create(
        id=job.id,
        at=job.created_at,
        request=canonical(asked, job.still),
        still=job.still,
        model=job.model.id,
        prompt=job.prompt,
        negative_prompt=asked.negative_prompt,
        seed=job.seed,
        resolution=job.resolution,
        seconds=job.seconds,
        sound=job.sound,
    )
