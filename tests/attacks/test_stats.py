"""`/stats`, repeatedly, for a server with 50,000 videos: nobody else has to wait."""

import asyncio
import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.domain.guilds.statistics import Day, Made
from bot.domain.money import Usd
from bot.domain.task import State
from bot.storage.engine.database import Database, open_database
from bot.storage.tables import tasks
from bot.storage.tasks.statistics import StatisticsTable
from bot.storage.tasks.tasks import TaskStore
from bot.ui.pages import figures as figures_page
from bot.ui.pages.charts import days_chart
from bot.ui.pages.figures import KEPT_SECONDS, FiguresCache
from tests.factories import NOON, make_limits, make_new_task, make_person, make_place
from tests.ui.clocks import HandClock

GUILD, VIDEOS = 2001, 50_000
# Seconds that are allowed on a busy machine.
MOST_HELD_UP = 0.5
MOST_READ = 5.0


async def _many(database: Database) -> None:
    """Insert delivered videos of 200 people in 90 days, each taking 10 to 59 s."""
    store = TaskStore(database, clock=HandClock())
    new = make_new_task(person=make_person(id=1), place=make_place(guild_id=GUILD))
    first = await store.reserve(new, make_limits())

    async def work(connection: object) -> None:
        found = await connection.execute(tasks.select().where(tasks.c.id == first.id))  # type: ignore[attr-defined]
        row = dict(found.mappings().one())
        rows = []
        for number in range(VIDEOS):
            at = NOON - timedelta(minutes=number * 2.5)
            rows.append(
                row
                | {
                    "id": f"v{number}",
                    "person_id": 100 + number % 200,
                    "state": State.DELIVERED,
                    "created_at": at,
                    "submitted_at": at,
                    "rendered_at": at + timedelta(seconds=10 + number % 50),
                    "cost": Usd(200_000),
                }
            )
        await connection.execute(insert(tasks), rows)  # type: ignore[attr-defined]

    await database.write(work)


async def _longest(work: asyncio.Task[object]) -> float:
    """Return the longest delay of the event loop, in seconds, while something runs."""
    longest = 0.0
    while not work.done():
        began = time.monotonic()
        await asyncio.sleep(0.005)
        longest = max(longest, time.monotonic() - began - 0.005)
    await work
    return longest


async def test_fifty_thousand_videos_delay_nobody(tmp_path: Path) -> None:
    async with open_database(f"sqlite:///{tmp_path / 'flipbook.db'}") as database:
        await _many(database)
        context = FiguresCache(stored=StatisticsTable(database), clock=HandClock())
        began = time.monotonic()
        longest = await _longest(asyncio.create_task(context.of(GUILD, 90)))
        figures = await context.of(GUILD, 90)
        assert figures.picture is not None
        assert figures.found.videos > 49_000
        assert figures.found.spent == Usd(200_000 * figures.found.videos)
        assert figures.found.median_seconds == 35.0
        assert figures.found.p95_seconds == 57.0
        assert longest < MOST_HELD_UP
        assert time.monotonic() - began < 60
        one_more = time.monotonic()
        await StatisticsTable(database).made(GUILD, NOON - timedelta(days=89))
        assert time.monotonic() - one_more < MOST_READ


class Counted(StatisticsTable):
    """A statistics table and a chart renderer that count their calls and how many run at once."""

    def __init__(self) -> None:
        self.read = self.drawn = self.now = self.most = 0

    async def made(self, guild_id: int, since: datetime) -> Made:
        self.read += 1
        day = Day(day=NOON.date(), videos=3, spent=Usd(1))
        return Made(days=[day], members=[(1, 3, Usd(1))], missed=0)

    async def draw(self, days: Sequence[Day]) -> bytes:
        self.now += 1
        self.most = max(self.most, self.now)
        self.drawn += 1
        for _ in range(10):
            await asyncio.sleep(0)
        self.now -= 1
        return b"PNG"


async def test_repeated_requests_get_the_cached_chart_and_one_is_made_at_a_time() -> None:
    counted, clock = Counted(), HandClock()
    context = FiguresCache(stored=counted, clock=clock, draw=counted.draw)
    for _ in range(100):
        await asyncio.gather(*(context.of(guild, 1) for guild in (1, 1, 2)))
        await clock.turn(0.5)
    assert counted.read == counted.drawn == 2
    assert counted.most == 1
    await clock.turn(KEPT_SECONDS)
    await context.of(1, 1)
    assert counted.drawn == 3


async def test_the_chart_is_drawn_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []

    def draw(days: Sequence[Day]) -> bytes:
        threads.append(threading.current_thread())
        return days_chart(days)

    monkeypatch.setattr(figures_page, "days_chart", draw)
    figures = await FiguresCache(stored=Counted(), clock=HandClock()).of(1, 14)
    assert figures.picture is not None
    assert figures.picture.startswith(b"\x89PNG")
    assert threads
    assert threading.main_thread() not in threads
