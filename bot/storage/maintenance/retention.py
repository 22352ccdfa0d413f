"""Clears people's texts after a time. Who made how many videos, and their cost, stays."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.task import State
from bot.storage.engine.database import Database
from bot.storage.tables import tasks

# Few enough at once that commands never wait for it.
_AT_ONCE = 500
_ENDED = (State.DELIVERED, State.UNDELIVERED, State.FAILED, State.CANCELLED)
_FORGOTTEN = {
    "prompt": "",
    "negative_prompt": None,
    "person_name": "",
    "failure_message": None,
    "video_url": None,
    "source_url": None,
    "source_name": None,
    "answer": None,
}


class OldTasks:
    """Old tasks that have ended; an ``unknown`` one stays until the operator has resolved it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # All tasks before this time are done, so the next sweep begins there.
        self._done_until: datetime | None = None

    async def forget(self, before: datetime) -> int:
        """Clear the texts of tasks made before that time; return the number of tasks."""
        forgotten = 0
        while some := await self._database.write(lambda on: self._some(on, before)):
            forgotten += some
        # Tasks that were still open are cleared after the next start.
        self._done_until = before
        return forgotten

    async def _some(self, connection: AsyncConnection, before: datetime) -> int:
        at = tasks.c
        old = select(at.id).where(at.created_at < before, at.prompt != "", at.state.in_(_ENDED))
        if self._done_until is not None:
            old = old.where(at.created_at >= self._done_until)
        found = (await connection.scalars(old.order_by(at.created_at).limit(_AT_ONCE))).all()
        if found:
            await connection.execute(update(tasks).where(at.id.in_(found)).values(_FORGOTTEN))
        return len(found)
