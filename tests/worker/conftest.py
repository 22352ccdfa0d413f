"""A store that answers at once, on a clock that tests advance."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.storage.engine.database import Database
from bot.storage.tasks.tasks import TaskStore
from tests.clock import Inline, VirtualClock
from tests.simulation.disk import database_at_once


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    asyncio.get_running_loop().set_default_executor(Inline(1))
    with database_at_once() as database:
        yield database


@pytest.fixture
def store(database: Database, clock: VirtualClock) -> TaskStore:
    return TaskStore(database, clock=clock)
