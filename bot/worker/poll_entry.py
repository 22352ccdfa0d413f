"""A running task as the poller keeps it: what a look needs, and no more.

A task as a whole takes about 1.8 kB, this about 0.5 kB, and ten thousand can be watched at once
when a provider is slow. So only as many are kept whole as progress can be shown for; the others
are read again from the store when something happens to them.
"""

import math
import sys
from dataclasses import dataclass, field

from bot.domain.provider.durations import LOOK_EVERY_SECONDS, PATIENT_AFTER_SECONDS, Kind
from bot.domain.provider.job import Job
from bot.domain.task import TELL_LATE_AFTER, State, Task
from bot.errors import StaleTask

MOST_WHOLE = 250
"""Discord takes 50 requests a second from a bot, and progress is edited every 5 s: of more tasks
it could not be shown."""


PROGRESS_EVERY = 2 * LOOK_EVERY_SECONDS
"""Seconds that a progress bar stands still at most, where the provider says how far a video is."""


@dataclass(slots=True)
class Trouble:
    """What went wrong with looks at a task, and is not worth storing. Times are monotonic."""

    missing_since: float | None = None
    empty_since: float | None = None
    failures: int = 0
    """In a row."""


@dataclass(slots=True, eq=False)
class PollEntry:
    """One running task. Times are UTC, in seconds since 1970."""

    id: str
    job_id: str
    kind: Kind
    owner: str | None
    epoch: int
    server: int | None
    submitted_at: float
    late_at: float
    """From when on it is told that it takes long; infinite once that was said."""
    looks: int = 0
    word: str | None = None
    """The provider's word for its status, where nobody knows it."""
    pending_at: float | None = None
    """Its age at the last look that found it pending, in seconds."""
    trouble: Trouble | None = None
    whole: Task | None = None
    """The task, of those whose progress is shown."""
    known: Job | None = field(default=None, repr=False)
    """An answer that came with the create call, to be taken instead of the first look."""

    def __lt__(self, other: "PollEntry") -> bool:
        return self.id < other.id

    def age(self, now: float) -> float:
        """Seconds since it was submitted; none where the clock was set back meanwhile."""
        return max(now - self.submitted_at, 0.0)

    def until_progress(self, wait: float, age: float) -> float:
        """At most so long as its bar may stand still; ``wait`` where it has none."""
        has_bar = self.whole is not None and self.whole.progress is not None
        return min(wait, PROGRESS_EVERY) if has_bar and age < PATIENT_AFTER_SECONDS else wait

    def checked(self, stored: Task | None) -> Task:
        """The task as it was read again.

        Raises:
            StaleTask: it has ended, or somebody else has it now.
        """
        if stored is None or stored.state is not State.RUNNING:
            raise StaleTask(f"task {self.id} is no longer running")
        if (stored.owner, stored.epoch) != (self.owner, self.epoch):
            raise StaleTask(f"task {self.id} has another owner")
        return stored


def entry_of(task: Task, kind: Kind) -> PollEntry:
    """What is kept of it; ``kind`` is shared by all tasks of that kind."""
    late_at = (task.created_at + TELL_LATE_AFTER).timestamp()
    return PollEntry(
        id=task.id,
        job_id=task.provider_id or "",
        kind=kind,
        # One string for all: each row that is read brings its own.
        owner=None if task.owner is None else sys.intern(task.owner),
        epoch=task.epoch,
        server=task.place.guild_id,
        word=task.provider_word,
        submitted_at=(task.submitted_at or task.created_at).timestamp(),
        late_at=math.inf if task.late_told else late_at,
    )
