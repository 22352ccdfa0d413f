"""The poller's record of a running task, with only what polling needs.

A whole task takes about 1.8 kB, a record about 0.5 kB, and with a slow provider ten thousand tasks
can be running at once. So whole tasks are kept only for as many as progress can be shown for; the
others are read from the store again when something happens to them.
"""

import math
import sys
from dataclasses import dataclass, field

from bot.domain.models.model import VideoKind
from bot.domain.provider.durations import LOOK_EVERY_SECONDS, PATIENT_AFTER_SECONDS
from bot.domain.provider.job import Job
from bot.domain.task import TELL_LATE_AFTER, State, Task
from bot.errors import StaleTask
from bot.worker.worker_deps import WorkerDeps

MOST_WHOLE = 250
"""Discord allows a bot 50 requests a second, and progress is edited every 5 s: more tasks could not
show theirs."""


PROGRESS_EVERY = 2 * LOOK_EVERY_SECONDS
"""Seconds that a progress bar stands still at most, where the provider says how far a video is."""


@dataclass(slots=True)
class Trouble:
    """Failed polls of a task, which are not worth storing. Times are monotonic."""

    missing_since: float | None = None
    empty_since: float | None = None
    failures: int = 0
    """Failures in a row."""


@dataclass(slots=True, eq=False)
class PollEntry:
    """One running task. Times are UTC, in seconds since 1970."""

    id: str
    job_id: str
    kind: VideoKind
    owner: str | None
    epoch: int
    server: int | None
    submitted_at: float
    late_at: float
    """When people are told that the video takes long; infinite once they have been told."""
    looks: int = 0
    word: str | None = None
    """The provider's word for the status, if it is an unknown one."""
    pending_at: float | None = None
    """The task's age in seconds at the last poll that found it pending."""
    trouble: Trouble | None = None
    whole: Task | None = None
    """The whole task, if its progress is shown."""
    known: Job | None = field(default=None, repr=False)
    """Answer of the create call, used instead of the first poll."""

    def __lt__(self, other: "PollEntry") -> bool:
        return self.id < other.id

    def age(self, now: float) -> float:
        """Seconds since the task was submitted; 0 if the clock was set back meanwhile."""
        return max(now - self.submitted_at, 0.0)

    def until_progress(self, wait: float, age: float) -> float:
        """At most so long as its bar may stand still; ``wait`` where it has none."""
        has_bar = self.whole is not None and self.whole.progress is not None
        return min(wait, PROGRESS_EVERY) if has_bar and age < PATIENT_AFTER_SECONDS else wait

    def checked(self, stored: Task | None) -> Task:
        """Return the task that was read again.

        Raises:
            StaleTask: the task has ended, or another process owns it now.
        """
        if stored is None or stored.state is not State.RUNNING:
            raise StaleTask(f"task {self.id} is no longer running")
        if (stored.owner, stored.epoch) != (self.owner, self.epoch):
            raise StaleTask(f"task {self.id} has another owner")
        return stored


def entry_of(task: Task, kind: VideoKind) -> PollEntry:
    """Make the poller's record of a task; all tasks of one kind share the object ``kind``."""
    late_at = (task.created_at + TELL_LATE_AFTER).timestamp()
    return PollEntry(
        id=task.id,
        job_id=task.provider_id or "",
        kind=kind,
        # Interned, because each row that is read brings its own copy of the string.
        owner=None if task.owner is None else sys.intern(task.owner),
        epoch=task.epoch,
        server=task.place.guild_id,
        word=task.provider_word,
        submitted_at=(task.submitted_at or task.created_at).timestamp(),
        late_at=math.inf if task.late_told else late_at,
    )


async def whole_task(entry: PollEntry, deps: WorkerDeps) -> Task:
    """Return the whole task.

    Raises:
        StaleTask: another process owns it now.
    """
    if entry.whole is not None:
        return entry.whole
    return entry.checked(await deps.persist(lambda: deps.tasks.get(entry.id), task_id=entry.id))
