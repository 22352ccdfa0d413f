"""The provider without HTTP: accepts requests, tracks their jobs and keeps the accounts."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from bot.clock import Clock
from sandbox.providers.backend import Backend
from sandbox.providers.pictures import Still
from sandbox.providers.refused import Refused
from sandbox.vtrix.account import Account
from sandbox.vtrix.answers import Style
from sandbox.vtrix.jobs import Job, Phase
from sandbox.vtrix.records import Create
from sandbox.vtrix.rules import Asked


class VtrixBackend(Backend[Job, Style, Create]):
    """Jobs and money."""

    def __init__(
        self,
        *,
        clock: Clock,
        balance: Decimal,
        discount: Decimal,
        seconds: float,
        speed: float,
        link_seconds: float,
        video: bytes | Path | None,
        render_early: bool,
        style: Style,
    ) -> None:
        super().__init__(
            clock=clock,
            seconds=seconds,
            speed=speed,
            link_seconds=link_seconds,
            video=video,
            render_early=render_early,
            style=style,
        )
        self.account = Account(balance)
        self.discount = discount
        self.cost_factor = Decimal(1)
        self._by_remote_id: dict[str, str] = {}

    def accept(self, asked: Asked, still: Still, picture: bytes) -> Job:
        """Make a job from a request.

        Raises:
            Refused: it is full, or the balance does not cover it.
        """
        if self.full:
            raise Refused(429, "TooManyRequests", "too many jobs are in progress, try again later")
        now = self.clock.monotonic()
        self.account.admit(asked.cost * self.cost_factor, now)
        job = Job(
            asked=asked,
            still=still,
            seed=asked.seed(),
            created_at=self.clock.now(),
            started=now,
            lasts=0.0 if self.style.at_once else self._lasts(),
            discount=self.discount,
            cost_factor=self.cost_factor,
            failure=self._next_failure(),
        )
        self._begin(job, picture, Create.of(job, envelope=asked.envelope))
        self._enter(job)
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

    def job_of_file(self, name: str) -> Job:
        return self.job(self._by_remote_id.get(name, ""))

    def file_of(self, job: Job) -> str:
        return job.remote_id

    @property
    def charges(self) -> dict[str, Decimal]:
        return self.account.charged(self.clock.monotonic())

    def phase(self, job: Job) -> Phase:
        """Return a job's current state; if it is completed, start to render its video."""
        phase = job.phase(self.clock.monotonic())
        if phase.word == "completed":
            self.renderer.begin(job.video)
        return phase

    def finish(self, id: str | None = None) -> None:
        now = self.clock.monotonic()
        for job in [self.job(id)] if id is not None else list(self._jobs.values()):
            if job.ends > now:
                self._enter(replace(job, lasts=now - job.started))

    def _ended_at(self, job: Job) -> datetime:
        return job.ended_at

    def _enter(self, job: Job) -> None:
        self._jobs[job.id] = job
        self._by_remote_id[job.remote_id] = job.id
        self.account.enter(job)
