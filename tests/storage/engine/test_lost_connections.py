"""A PostgreSQL that closes its connections, as every restart does."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StorageError
from bot.storage.engine.database import Database, open_database
from tests.postgres import Cluster

CLOSE_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"


@pytest.fixture
def name(cluster: Cluster, postgres_template: str) -> str:
    return cluster.new_database(postgres_template)


@pytest.fixture
async def opened(cluster: Cluster, name: str) -> AsyncIterator[Database]:
    async with open_database(cluster.url(name)) as database:
        yield database


async def close_all(cluster: Cluster, name: str) -> None:
    command = ("psql", "-q", "-d", "postgres", "-c", CLOSE_ALL.format(name))
    await asyncio.to_thread(cluster.run, *command)


async def one(connection: AsyncConnection) -> int:
    return int(await connection.scalar(text("SELECT 1")) or 0)


async def test_nobody_notices_that_idle_connections_were_closed(
    cluster: Cluster, name: str, opened: Database
) -> None:
    await asyncio.gather(*(opened.read(one) for _ in range(5)))
    await close_all(cluster, name)
    found = await asyncio.gather(*(opened.read(one) for _ in range(5)), opened.write(one))
    assert found == [1] * 6


async def test_work_cut_off_before_its_commit_is_done_once(
    cluster: Cluster, name: str, opened: Database
) -> None:
    attempts = []

    async def work(connection: AsyncConnection) -> None:
        attempts.append(1)
        await connection.execute(text("INSERT INTO role_limits VALUES (1, 2, 3)"))
        if len(attempts) == 1:
            await close_all(cluster, name)
            await one(connection)

    await opened.write(work)
    count = text("SELECT count(*) FROM role_limits")
    assert await opened.read(lambda connection: connection.scalar(count)) == 1
    assert len(attempts) == 2


async def test_where_only_the_answer_to_the_commit_is_lost_it_is_not_done_again(
    cluster: Cluster, name: str, opened: Database
) -> None:
    attempts = []

    async def work(connection: AsyncConnection) -> None:
        attempts.append(1)
        await one(connection)
        await close_all(cluster, name)

    with pytest.raises(StorageError):
        await opened.write(work)
    assert len(attempts) == 1
    assert await opened.read(one) == 1
