"""When to poll a task next, learned for each kind of video and kept across restarts."""

from bot.domain.models.model import VideoKind
from bot.domain.provider.durations import Durations
from bot.domain.task import Task
from bot.storage.provider.durations import DurationTable


class PollScheduler:
    """Learns from each poll, and says when the next one is due."""

    def __init__(self, *, store: DurationTable | None = None) -> None:
        """Without a ``store``, what it learned is lost when the process ends."""
        self._store = store
        self._kinds: dict[VideoKind, VideoKind] = {}
        self._known: dict[VideoKind, Durations] = {}
        self._changed: set[VideoKind] = set()

    async def load(self) -> None:
        """Load what earlier processes learned."""
        if self._store is not None:
            for kind, learned in (await self._store.durations()).items():
                self._known[kind] = Durations.from_json(learned)

    async def save(self) -> None:
        """Store what has changed since the last call."""
        if self._store is None or not self._changed:
            return
        changed = {kind: self._known[kind].to_json() for kind in self._changed}
        await self._store.keep_durations(changed)
        self._changed.difference_update(changed)

    def kind_of(self, task: Task) -> VideoKind:
        """Key under which durations are learned; one object for all tasks of that kind."""
        kind = task.request.kind
        return self._kinds.setdefault(kind, kind)

    def until_next_look(self, kind: VideoKind, age: float) -> float:
        """Seconds until the next poll of a pending task that was submitted ``age`` seconds ago."""
        return self._of(kind).until_next_look(age)

    def pending(self, kind: VideoKind, *, since: float | None, age: float) -> None:
        """Learn that a task was pending at ages ``since`` (None: no earlier poll) and ``age``."""
        if since is not None:
            self._of(kind).pending(since, age)

    def ended(self, kind: VideoKind, *, since: float | None, age: float, looks: int) -> None:
        """Learn that the ``looks``-th poll of this process, at ``age``, found the task ended."""
        if since is not None:
            self._of(kind).finished(since, age, looks=looks)
            self._changed.add(kind)

    def _of(self, kind: VideoKind) -> Durations:
        known = self._known.get(kind)
        if known is None:
            known = self._known[kind] = Durations()
        return known
