"""A database that the last version with one model has made and used, migrated by this one."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.guilds.statistics import Day
from bot.domain.models.model import VideoKind
from bot.domain.models.prices import estimated
from bot.domain.money import ZERO, Usd
from bot.domain.task import State, Task
from bot.storage.engine.database import open_database
from bot.storage.engine.engines import Engines, sqlite_engines
from bot.storage.engine.postgres import postgres_engines
from bot.storage.maintenance.consistency import consistency_findings
from bot.storage.provider.charges import ChargeTable
from bot.storage.provider.durations import DurationTable
from bot.storage.tasks.statistics import StatisticsTable
from bot.storage.tasks.tasks import TaskStore
from tests.factories import make_limits
from tests.postgres import Cluster
from tests.storage import earlier_version as earlier
from tests.storage.conftest import HandClock

KINDS = {
    resolution: VideoKind("wan22_i2v_flash", resolution, 5, audio=False)
    for resolution in ("480P", "720P")
}
STATES = {
    State.DELIVERED: 4,
    State.UNDELIVERED: 1,
    State.FAILED: 1,
    State.CANCELLED: 1,
    State.UNKNOWN: 1,
    State.RUNNING: 1,
    State.QUEUED: 2,
}
# 0020 makes this table anew, by provider, and forgets the model that was refused.
_GONE = {"provider_standing": {"id", "model"}}

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(params=["sqlite", "postgresql"])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of the database as the earlier version left it, once in each engine."""
    sql = earlier.script(request.param)
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("cluster")
        return cluster.url(earlier.make_postgres(cluster, tmp_path, sql))
    path = tmp_path / "flipbook.db"
    earlier.make_sqlite(path, sql)
    return f"sqlite:///{path}"


def _engines(url: str) -> Engines:
    """Open engines that migrate nothing."""
    if url.startswith("sqlite"):
        return sqlite_engines(Path(url.removeprefix("sqlite:///")))
    return postgres_engines(url)


async def _rows(url: str) -> Rows:
    """Return every table's rows, each as a dictionary."""
    engines = _engines(url)
    tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if not url.startswith("sqlite"):
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    try:
        async with engines.reader.begin() as connection:
            names = [name for (name,) in await connection.execute(text(tables))]
            return {
                name: await _rows_of(connection, name)
                for name in names
                if not name.startswith(("alembic_", "sqlite_"))
            }
    finally:
        await engines.dispose()


async def _rows_of(connection: AsyncConnection, table: str) -> list[dict[str, Any]]:
    found = await connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608
    return [dict(row) for row in found.mappings()]


def _in_order(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)


async def test_every_row_keeps_its_values(old_url: str) -> None:
    before = await _rows(old_url)
    assert sum(map(len, before.values())) > 50
    async with open_database(old_url) as database:
        assert await database.read(consistency_findings) == []
    after = await _rows(old_url)
    for name, rows in before.items():
        columns = set(rows[0]) - _GONE.get(name, set()) if rows else set()
        found = [{key: row[key] for key in columns} for row in after[name]]
        expected = [{key: row[key] for key in columns} for row in rows]
        assert _in_order(found) == _in_order(expected), name


async def test_everything_is_of_the_one_model_with_five_seconds_and_no_sound(old_url: str) -> None:
    before = await _rows(old_url)
    async with open_database(old_url) as database:
        store = TaskStore(database, clock=HandClock(earlier.STOPPED_AT))
        found = [await store.get(row["id"]) for row in before["tasks"]]
        tasks = [task for task in found if isinstance(task, Task)]
        assert Counter(task.state for task in tasks) == STATES
        assert all(task.request.kind == KINDS[task.options.resolution] for task in tasks)
        assert not any(task.cost_is_listed for task in tasks)
        charges = await ChargeTable(database).listed()
        assert {kind: estimated(Usd.parse("0.20"), costs) for kind, costs in charges.items()} == {
            KINDS["480P"]: Usd.parse("0.10"),
            KINDS["720P"]: Usd.parse("0.25"),
        }
        learned = {row["resolution"]: json.loads(row["learned"]) for row in before["durations"]}
        assert await DurationTable(database).durations() == {
            KINDS[resolution]: curve for resolution, curve in learned.items()
        }


async def test_money_limits_and_statistics_are_as_before(old_url: str) -> None:
    """The numbers are what `flipbook task list` and `/stats` of the earlier version said."""
    async with open_database(old_url) as database:
        store = TaskStore(database, clock=HandClock(earlier.STOPPED_AT))
        use = await store.use(earlier.ADA, earlier.GUILD, make_limits())
        assert (use.used, use.held, use.bonus) == (3, 1, 2)
        assert use.person_spend.settled == Usd.parse("0.60")
        for spend in (use.guild_spend, use.guild_day_spend, use.operator_spend):
            assert (spend.settled, spend.held) == (Usd.parse("1.10"), Usd.parse("0.85"))
        assert (await store.unclear()).held == Usd.parse("0.25")
        made = await StatisticsTable(database).made(
            earlier.GUILD, datetime(2026, 11, 1, tzinfo=UTC)
        )
    assert made.days == [Day(day=earlier.STOPPED_AT.date(), videos=5, spent=Usd.parse("1.10"))]
    assert made.members == [
        (earlier.ADA, 3, Usd.parse("0.60")),
        (earlier.GRACE, 2, Usd.parse("0.50")),
    ]
    assert (made.missed, made.listed) == (2, ZERO)
    assert made.kinds == [
        (KINDS["720P"], 4, Usd.parse("1.00")),
        (KINDS["480P"], 1, Usd.parse("0.10")),
    ]
