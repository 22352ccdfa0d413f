"""The provider without HTTP: accepts requests, tracks their jobs and keeps the accounts."""

import math
from collections import deque
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from bot.clock import Clock
from sandbox.providers.links import Links
from sandbox.providers.pictures import Still
from sandbox.providers.refused import Refused
from sandbox.providers.renderer import Renderer
from sandbox.vtrix.account import Account
from sandbox.vtrix.answers import Style
from sandbox.vtrix.jobs import Job, Phase
from sandbox.vtrix.records import Create, canonical
from sandbox.vtrix.rules import Asked


class ProviderBackend:
    """Jobs and money."""

    def __init__(
        self,
        *,
        clock: Clock,
        balance: Decimal,
        prices: dict[str, Decimal],
        discount: Decimal,
        seconds: float,
        speed: float,
        link_seconds: float,
        video: bytes | Path | None,
        render_early: bool,
        style: Style,
    ) -> None:
        self.clock = clock
        self.account = Account(balance)
        self.prices = prices
        self.discount = discount
        self.seconds = seconds
        self.speed = speed
        self.slow = 1.0
        self.link_seconds = link_seconds
        self.renderer = Renderer(video)
        self._render_early = render_early
        self.links = Links()
        self.style = style
        self.failures: deque[tuple[str, str]] = deque()
        self.failing: tuple[str, str] | None = None
        self.full = False
        self.creates: list[Create] = []
        self._jobs: dict[str, Job] = {}
        self._by_remote_id: dict[str, str] = {}

    def accept(self, asked: Asked, still: Still, picture: bytes) -> Job:
        """Make a job from a request.

        Raises:
            Refused: it is full, or the balance does not cover it.
        """
        if self.full:
            raise Refused(429, "TooManyRequests", "too many jobs are in progress, try again later")
        now = self.clock.monotonic()
        cost = self.prices[asked.resolution]
        self.account.admit(cost, now)
        job = Job(
            model=asked.model,
            still=still,
            seed=asked.seed(),
            resolution=asked.resolution,
            watermark=asked.watermark,
            created_at=self.clock.now(),
            started=now,
            seconds=0.0 if self.style.at_once else self.seconds * self.slow / self.speed,
            cost=cost,
            discount=self.discount,
            failure=self.failures.popleft() if self.failures else self.failing,
        )
        self.renderer.keep(still.digest, picture)
        if self._render_early:
            self.renderer.begin(job.video)
        self._enter(job)
        self.creates.append(_record(job, asked))
        return job

    def knows(self, id: str) -> bool:
        """Whether there is a job with that id."""
        return id in self._jobs

    def job(self, id: str) -> Job:
        """Return the job with that id.

        Raises:
            Refused: 404.
        """
        if id not in self._jobs:
            raise Refused(404, "TaskNotFound", "the task does not exist")
        return self._jobs[id]

    def job_of_file(self, remote_id: str) -> Job:
        """Return the job whose video has that name.

        Raises:
            Refused: 404.
        """
        return self.job(self._by_remote_id.get(remote_id, ""))

    def phase(self, job: Job) -> Phase:
        """Return a job's current state; if it is completed, start to render its video."""
        phase = job.phase(self.clock.monotonic())
        if phase.word == "completed":
            self.renderer.begin(job.video)
        return phase

    def link(self, job: Job) -> str:
        """Return path and query of its video, valid for ``link_seconds`` after its end."""
        lasts = job.seconds if math.isfinite(job.seconds) else 0.0
        expires = job.created_at + timedelta(seconds=lasts + self.link_seconds)
        return self.links.path(f"{job.remote_id}.mp4", expires)

    def finish(self, id: str | None = None) -> None:
        """End a job, or all of them, now."""
        now = self.clock.monotonic()
        for job in [self.job(id)] if id is not None else list(self._jobs.values()):
            if job.ends > now:
                self._enter(replace(job, seconds=now - job.started))

    def forget(self, id: str) -> None:
        """Forget a job."""
        del self._jobs[id]

    def _enter(self, job: Job) -> None:
        self._jobs[job.id] = job
        self._by_remote_id[job.remote_id] = job.id
        self.account.enter(job)


def _record(job: Job, asked: Asked) -> Create:
    return Create(
        id=job.id,
        at=job.created_at,
        envelope=asked.envelope,
        request=canonical(asked, job.still),
        still=job.still,
        seed=job.seed,
        prompt=asked.prompt,
        negative_prompt=asked.negative_prompt,
    )
