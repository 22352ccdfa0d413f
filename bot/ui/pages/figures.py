"""The numbers and the chart of `/stats`, cached for a minute.

They are computed one at a time, and the chart is drawn in a thread.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from cachetools import TTLCache

from bot.clock import Clock
from bot.domain.guilds.statistics import Day, Statistics, statistics
from bot.storage.tasks.statistics import StatisticsTable
from bot.ui.pages.charts import days_chart

KEPT_SECONDS = 60.0
_MOST_KEPT = 100

Draw = Callable[[Sequence[Day]], Awaitable[bytes]]


async def draw_in_thread(days: Sequence[Day]) -> bytes:
    """Draw the chart off the event loop."""
    return await asyncio.to_thread(days_chart, days)


@dataclass(frozen=True, slots=True)
class Figures:
    """The statistics, and their chart if there is anything to draw."""

    found: Statistics
    picture: bytes | None


class FiguresCache:
    """Computes and caches the figures of servers."""

    def __init__(
        self, *, stored: StatisticsTable, clock: Clock, draw: Draw = draw_in_thread
    ) -> None:
        self._stored = stored
        self._clock = clock
        self._draw = draw
        self._kept: TTLCache[tuple[int, int], Figures, float] = TTLCache(
            _MOST_KEPT, ttl=KEPT_SECONDS, timer=clock.monotonic
        )
        self._turn = asyncio.Lock()

    async def of(self, guild_id: int, days: int) -> Figures:
        """The figures of a server's last ``days`` calendar days, at most a minute old.

        Raises:
            StorageError: the database cannot be read.
        """
        key = guild_id, days
        if (kept := self._kept.get(key)) is not None:
            return kept
        async with self._turn:
            # Another caller may have computed the same meanwhile.
            if (kept := self._kept.get(key)) is not None:
                return kept
            self._kept[key] = made = await self._made(guild_id, days)
            return made

    async def _made(self, guild_id: int, days: int) -> Figures:
        now = self._clock.now()
        since = (now - timedelta(days=days - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
        found = statistics(await self._stored.made(guild_id, since), now=now, days=days)
        picture = await self._draw(found.days) if found.videos else None
        return Figures(found, picture)
