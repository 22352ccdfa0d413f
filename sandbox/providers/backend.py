"""A local provider without HTTP: its tasks, their videos, and its switches."""

from abc import ABC, abstractmethod
from collections import deque
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Generic, TypeVar

from bot.clock import Clock
from sandbox.providers.links import Links
from sandbox.providers.records import Create, Job
from sandbox.providers.renderer import Renderer

JobT = TypeVar("JobT", bound=Job)
StyleT = TypeVar("StyleT")
CreateT = TypeVar("CreateT", bound=Create)


class Backend(ABC, Generic[JobT, StyleT, CreateT]):
    """What the providers have in common. Each of them decides what it accepts, and when."""

    def __init__(
        self,
        *,
        clock: Clock,
        seconds: float,
        speed: float,
        link_seconds: float,
        video: bytes | Path | None,
        render_early: bool,
        style: StyleT,
    ) -> None:
        self.clock = clock
        self.seconds = seconds
        self.speed = speed
        self.slow = 1.0
        self.link_seconds = link_seconds
        self.renderer = Renderer(video)
        self.links = Links()
        self.style = style
        self.failures: deque[tuple[str, str]] = deque()
        self.failing: tuple[str, str] | None = None
        self.full = False
        self.creates: list[CreateT] = []
        self._render_early = render_early
        self._jobs: dict[str, JobT] = {}

    # --- what each provider adds ------------------------------------------------------------

    @property
    @abstractmethod
    def charges(self) -> dict[str, Decimal]:
        """USD of each video, by the id of its task."""

    @abstractmethod
    def finish(self, id: str | None = None) -> None:
        """End a task, or all of them, now."""

    @abstractmethod
    def file_of(self, job: JobT) -> str:
        """Return the name of a task's video without extension."""

    @abstractmethod
    def job_of_file(self, name: str) -> JobT:
        """Return the task whose video has that name.

        Raises:
            Refused: 404.
        """

    @abstractmethod
    def _ended_at(self, job: JobT) -> datetime:
        """Return when a task has ended or will end."""

    # --- for both ---------------------------------------------------------------------------

    def link(self, job: JobT) -> str:
        """Return path and query of a task's video, valid for ``link_seconds`` after its end."""
        expires = self._ended_at(job) + timedelta(seconds=self.link_seconds)
        return self.links.path(f"{self.file_of(job)}.mp4", expires)

    def forget(self, id: str) -> None:
        """Forget a task."""
        del self._jobs[id]

    def _lasts(self) -> float:
        """Return how long a task takes that begins now, in seconds."""
        return self.seconds * self.slow / self.speed

    def _next_failure(self) -> tuple[str, str] | None:
        return self.failures.popleft() if self.failures else self.failing

    def _begin(self, job: JobT, picture: bytes, record: CreateT) -> None:
        """Keep a new task."""
        self.renderer.keep(job.still.digest, picture)
        if self._render_early:
            self.renderer.begin(job.video)
        self._jobs[job.id] = job
        self.creates.append(record)
