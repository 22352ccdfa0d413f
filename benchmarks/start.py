"""Starting with many tasks in flight: how soon all are polled, and how evenly the polls are spread.

10,000 tasks are a few minutes old and polled every 5 s. 100,000 are hours old, as with a provider
that has a long queue, and are polled every minute.
"""

import asyncio
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.parts.answering import ROOT, answering
from benchmarks.table import Row, met
from bot.clock import SystemClock
from bot.domain.provider.job import Job, JobStatus
from bot.domain.task import Task
from bot.storage.engine.database import open_database
from bot.storage.tasks.tasks import TaskStore
from tests.factories import make_limits, make_new_task

WATCHING_SECONDS = 1.0
PEAK = 1.2


@dataclass(frozen=True, slots=True)
class Found:
    """The measurements of one start."""

    took: float
    """Seconds until all tasks are polled."""
    read: float
    """Seconds to read their rows."""
    peak: float
    """Polls in the busiest second."""
    steady: float
    """Polls per second later on."""


def main() -> Sequence[Row]:
    """Measure both starts."""
    with answering() as url:
        fresh = _start(url, 10_000, oldest=timedelta(minutes=10), seconds=20)
        queue = _start(url, 100_000, oldest=timedelta(hours=12), seconds=130)
    return [
        _watching("10,000", fresh, figure=WATCHING_SECONDS),
        _watching("100,000", queue, figure=None),
        _peak("10,000", fresh),
        _peak("100,000", queue),
    ]


def _watching(tasks: str, found: Found, *, figure: float | None) -> Row:
    reached = "-"
    if figure is not None:
        reached = f"{figure:g} s: {met(found.took <= figure)}"
    return Row(
        what=f"start with {tasks} tasks in flight: until all are watched",
        ours=f"{found.took:.2f} s",
        beside=f"reading their rows alone: {found.read:.2f} s",
        ratio=f"{found.took / found.read:.1f}x",
        figure=reached,
    )


def _peak(tasks: str, found: Found) -> Row:
    ratio = found.peak / found.steady
    return Row(
        what=f"start with {tasks} tasks in flight: looks in the busiest second",
        ours=f"{found.peak:.0f}",
        beside=f"a second later on: {found.steady:.0f}",
        ratio=f"{ratio:.2f}x",
        figure=f"{PEAK:g}x: {met(ratio <= PEAK)}",
    )


def _start(url: str, tasks: int, *, oldest: timedelta, seconds: float) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flipbook.db"
        one = asyncio.run(_make_one(path))
        _make_more(path, one, tasks, oldest)
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "benchmarks.parts.start",
                str(path),
                url,
                str(tasks),
                str(seconds),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
            timeout=400,
        )
    return Found(**json.loads(done.stdout.splitlines()[-1]))


async def _make_one(path: Path) -> Task:
    """Store a running task of a process that has ended."""
    async with open_database(f"sqlite:///{path}", exclusive=True) as database:
        store = TaskStore(database, clock=SystemClock())
        task = await store.submitting(await store.reserve(make_new_task(), make_limits()))
        return await store.running(task, Job(id="job", status=JobStatus.PENDING))


def _make_more(path: Path, one: Task, tasks: int, oldest: timedelta) -> None:
    """Insert copies of a task, submitted one after another from ``oldest`` ago until now."""
    with sqlite3.connect(path) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM tasks WHERE id = ?", (one.id,)).fetchone())
        marks = ", ".join("?" * len(row))
        step = int(oldest / timedelta(microseconds=1)) // tasks
        rows = (tuple(_other(row, number, step).values()) for number in range(1, tasks))
        connection.executemany(f"INSERT INTO tasks VALUES ({marks})", rows)  # noqa: S608  (marks)
    connection.close()


def _other(row: dict[str, Any], number: int, step: int) -> dict[str, Any]:
    """Return a copy of ``row`` with another number, ``number * step`` microseconds older."""
    return row | {
        "id": f"n{number:07}",
        "provider_id": f"job-{number:032}",
        "person_id": 10**18 + number % 500,
        "message_id": 10**18 + number,
        "submitted_at": row["submitted_at"] - number * step,
        "created_at": row["created_at"] - number * step,
        # The process that has ended had already told people that it takes long.
        "late_told": 1,
    }
