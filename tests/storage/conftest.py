import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from bot.storage.engine.database import Database, open_database
from bot.storage.schema import upgrade
from bot.storage.tasks.tasks import TaskStore
from tests.factories import NOON
from tests.postgres import Cluster


class HandClock:
    """A clock that stands still until a test moves it, or sleeps by it."""

    def __init__(self, now: datetime) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.forward(seconds=seconds)
        await asyncio.sleep(0)

    def forward(self, **by: float) -> None:
        self.moment += timedelta(**by)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'data' / 'flipbook.db'}"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of an SQLite database with the current schema, migrated once for most tests."""
    path = tmp_path_factory.mktemp("template") / "flipbook.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        upgrade(connection)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template(cluster: Cluster) -> str:
    """The name of a PostgreSQL database with the current schema, to be copied."""
    name = cluster.new_database()

    async def migrate() -> None:
        async with open_database(cluster.url(name)):
            pass

    asyncio.run(migrate())
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request: pytest.FixtureRequest, url: str) -> str:
    """The URL of a database with the current schema, once in each engine."""
    if request.param == "postgresql":
        address: str = request.getfixturevalue("postgres_url")
        return address
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir()
    shutil.copy(request.getfixturevalue("template"), path)
    return url


@pytest.fixture
def postgres_url(cluster: Cluster, postgres_template: str) -> str:
    """The URL of a PostgreSQL database with the current schema."""
    return cluster.url(cluster.new_database(postgres_template))


@pytest.fixture
async def database(any_url: str) -> AsyncIterator[Database]:
    async with open_database(any_url) as opened:
        yield opened


@pytest.fixture
def store(database: Database, clock: HandClock) -> TaskStore:
    return TaskStore(database, clock=clock)
