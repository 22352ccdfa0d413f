"""The background job that forgets. Pictures and videos are the worker's to sweep."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Protocol

from bot.clock import Clock
from bot.domain.task import KEEP_PROMPTS
from bot.errors import StorageError

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)


class OldTasks(Protocol):
    """Tasks that ended long ago."""

    async def forget(self, before: datetime) -> int:
        """Empty what people wrote of tasks made before then; how many tasks that were."""


class Retention:
    """Forgets prompts when their time is over, once an hour; it never raises."""

    def __init__(self, *, tasks: OldTasks, clock: Clock) -> None:
        self._tasks = tasks
        self._clock = clock

    async def once(self) -> int:
        """Forget what is due now; how many tasks that were."""
        forgotten = await self._tasks.forget(self._clock.now() - KEEP_PROMPTS)
        if forgotten:
            log.info("the prompts of %d videos are forgotten", forgotten)
        return forgotten

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """In the background for as long as the block lasts."""
        job = asyncio.create_task(self._run())
        try:
            yield
        finally:
            job.cancel()
            with suppress(asyncio.CancelledError):
                await job

    async def _run(self) -> None:
        while True:
            try:
                await self.once()
            except StorageError as error:
                log.error("old prompts are not forgotten yet: %s", error)
            except Exception:
                log.exception("old prompts are not forgotten yet")
            await self._clock.sleep(EVERY.total_seconds())
