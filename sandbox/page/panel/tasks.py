"""Reads the bot's tasks from its own database."""

from collections.abc import Sequence
from pathlib import Path

from bot.clock import Clock
from bot.domain.models.model import MODELS
from bot.domain.task import Task
from bot.errors import StorageError
from bot.storage.engine.database import Database
from bot.storage.engine.engines import sqlite_engines
from bot.storage.tasks.tasks import TaskStore
from sandbox.discord.state.model import Json

_SHOWN = 30
# The bot has priority: show old data instead of waiting for its lock.
_PATIENCE_SECONDS = 0.2


class TaskWindow:
    """Read-only access: only the bot creates and changes tables."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._database: Database | None = None
        self._latest: Json = {"tasks": [], "counts": {}}

    async def look(self) -> Json:
        """Return ``tasks``, newest first, and ``counts`` by state.

        If the database cannot be read, these are the last ones; before the bot has created it,
        none.
        """
        try:
            if self._exists():
                self._latest = await self._read(self._store())
        except StorageError:
            await self.close()
        return self._latest

    def _exists(self) -> bool:
        try:
            return self._path.stat().st_size > 0
        except OSError:
            return False

    def _store(self) -> TaskStore:
        if self._database is None:
            # Not `open_database`, which would upgrade the database.
            self._database = Database(sqlite_engines(self._path, busy_seconds=_PATIENCE_SECONDS))
        return TaskStore(self._database, clock=self._clock)

    async def _read(self, store: TaskStore) -> Json:
        newest: Sequence[Task] = await store.listed(limit=_SHOWN)
        counts = await store.counts()
        return {
            "tasks": [_task(one) for one in newest],
            "counts": {state.value: count for state, count in counts.items() if count},
        }

    async def close(self) -> None:
        """Close the database."""
        if self._database is not None:
            database, self._database = self._database, None
            await database.close()


def _task(task: Task) -> Json:
    model = MODELS.get(task.request.model)
    return {
        "id": task.id,
        "state": task.state.value,
        "prompt": task.options.prompt,
        "person": task.person.name,
        "model": model.label if model else task.request.model,
        "resolution": task.options.resolution,
        "seconds": task.options.seconds,
        "sound": task.options.audio,
        "progress": task.progress,
        "cost": None if task.cost is None else str(task.cost).removeprefix("$"),
        "updated_at": task.updated_at.isoformat(),
    }
