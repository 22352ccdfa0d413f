"""When to look at which task: what is learned of each kind of video, and kept over restarts."""

from bot.domain.provider.durations import Durations, Kind
from bot.domain.task import Task
from bot.storage.provider.durations import DurationTable


class PollScheduler:
    """Learns from each look, and says when the next one is due."""

    def __init__(self, *, store: DurationTable | None = None) -> None:
        """Without a ``store``, what is learned ends with the process."""
        self._store = store
        self._kinds: dict[Kind, Kind] = {}
        self._known: dict[Kind, Durations] = {}
        self._changed: set[Kind] = set()

    async def load(self) -> None:
        """Take up what earlier processes have learned."""
        if self._store is not None:
            for kind, learned in (await self._store.durations()).items():
                self._known[kind] = Durations.from_json(learned)

    async def save(self) -> None:
        """Keep what has changed since the last time."""
        if self._store is None or not self._changed:
            return
        changed = {kind: self._known[kind].to_json() for kind in self._changed}
        await self._store.keep_durations(changed)
        self._changed.difference_update(changed)

    def kind_of(self, task: Task) -> Kind:
        """What it is learned with; the same object for all tasks of that kind."""
        kind = task.request.model, task.options.resolution
        return self._kinds.setdefault(kind, kind)

    def until_next_look(self, kind: Kind, age: float) -> float:
        """Seconds, for a pending task that was submitted ``age`` seconds ago."""
        return self._of(kind).until_next_look(age)

    def pending(self, kind: Kind, *, since: float | None, age: float) -> None:
        """It was pending at age ``since`` (``None``: nobody here looked), and is so at ``age``."""
        if since is not None:
            self._of(kind).pending(since, age)

    def ended(self, kind: Kind, *, since: float | None, age: float, looks: int) -> None:
        """It was found to have ended, by the ``looks``-th look of this process."""
        if since is not None:
            self._of(kind).finished(since, age, looks=looks)
            self._changed.add(kind)

    def _of(self, kind: Kind) -> Durations:
        known = self._known.get(kind)
        if known is None:
            known = self._known[kind] = Durations()
        return known
