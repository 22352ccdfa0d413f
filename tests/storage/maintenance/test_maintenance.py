import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.task import State
from bot.errors import DatabaseTooNew, DatabaseUnusable, StorageError
from bot.storage import schema
from bot.storage.engine.database import open_database
from bot.storage.maintenance import maintenance
from bot.storage.tasks.tasks import TaskStore
from tests.postgres import Cluster
from tests.storage.conftest import HandClock
from tests.storage.state_builder import queued, task_in


def spoil(url: str, *statements: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def spoil_page(url: str, name: str) -> None:
    """Overwrite the first page of a table or an index."""
    path = Path(url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        (page,) = connection.execute(query, (name,)).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
async def filled(url: str, clock: HandClock) -> str:
    """A closed database with a task in every state, each with the state's name as its id."""
    async with open_database(url) as database:
        for state in State:
            await task_in(TaskStore(database, clock=clock), state, state.value)
    return url


async def test_upgrading(url: str) -> None:
    assert await maintenance.upgrade(url) == (None, schema.head())
    assert await maintenance.upgrade(url) == (schema.head(), schema.head())
    spoil(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseTooNew):
        await maintenance.upgrade(url)


async def test_a_copy_made_while_it_is_written_is_whole(
    url: str, clock: HandClock, tmp_path: Path
) -> None:
    async with open_database(url, exclusive=True) as database:
        store = TaskStore(database, clock=clock)
        await queued(store, "before")
        stop = asyncio.Event()

        async def write() -> int:
            number = 0
            while not stop.is_set():
                await queued(store, f"t{number}")
                number += 1
            return number

        writing = asyncio.create_task(write())
        copies = [tmp_path / f"copy {number}.db" for number in range(3)]
        for copy in copies:
            assert await maintenance.backup(url, copy) == copy.stat().st_size
        stop.set()
        assert await writing > 0
    for copy in copies:
        assert await maintenance.check(f"sqlite:///{copy}") == []
        async with open_database(f"sqlite:///{copy}") as database:
            assert await TaskStore(database, clock=clock).get("before") is not None
    assert not [name for name in names(tmp_path) if name.endswith(".part")]


async def test_a_copy_never_overwrites_a_file(filled: str, tmp_path: Path) -> None:
    target = tmp_path / "there.db"
    target.write_text("mine")
    with pytest.raises(StorageError, match="exists already"):
        await maintenance.backup(filled, target)
    assert target.read_text() == "mine"
    with pytest.raises(StorageError, match="cannot be written"):
        await maintenance.backup(filled, tmp_path / "no folder" / "x.db")


async def test_a_damaged_database_leaves_no_copy(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"garbage" * 1000)
    with pytest.raises(DatabaseUnusable, match="cannot be copied"):
        await maintenance.backup(f"sqlite:///{tmp_path}/x.db", tmp_path / "copy.db")
    assert names(tmp_path) == ["x.db"]


async def test_reading_what_is_not_there_makes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/data/x.db"
    with pytest.raises(DatabaseUnusable, match="no database"):
        await maintenance.check(url)
    with pytest.raises(DatabaseUnusable, match="no database"):
        await maintenance.backup(url, tmp_path / "copy.db")
    assert names(tmp_path) == []


async def test_a_sound_database_has_no_findings(filled: str) -> None:
    assert await maintenance.check(filled) == []


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DELETE FROM money_holds WHERE task_id = 'queued'", "money missing, such as queued"),
        ("DELETE FROM allowance_holds WHERE task_id = 'running'", "allowance missing"),
        ("UPDATE allowance_holds SET state = 'used' WHERE task_id = 'failed'", "allowance used"),
        ("UPDATE money_holds SET state = 'released' WHERE task_id = 'unknown'", "money released"),
        ("UPDATE tasks SET state = 'queued' WHERE id = 'delivered'", "1 tasks are queued"),
        ("UPDATE money_holds SET settled = 1 WHERE task_id = 'delivered'", "another amount"),
        ("UPDATE money_holds SET settled = NULL WHERE task_id = 'rendered'", "another amount"),
        ("UPDATE money_holds SET estimate = 1 WHERE task_id = 'queued'", "another amount"),
        ("DELETE FROM tasks WHERE id = 'queued'", "its tasks row is missing"),
    ],
)
async def test_inconsistencies_are_named(filled: str, statement: str, says: str) -> None:
    spoil(filled, statement)
    found = await maintenance.check(filled)
    assert found
    assert says in " ".join(found)


async def test_damaged_pages_are_named(filled: str) -> None:
    spoil_page(filled, "ix_money_holds_sums")
    found = await maintenance.check(filled)
    assert found
    assert all(line.startswith("damaged") for line in found)


async def test_an_empty_file_needs_an_upgrade(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    (line,) = await maintenance.check(f"sqlite:///{tmp_path}/x.db")
    assert "flipbook db upgrade" in line


async def test_a_copy_of_postgresql_can_be_restored(
    cluster: Cluster, clock: HandClock, tmp_path: Path
) -> None:
    url = cluster.url(cluster.new_database())
    assert await maintenance.upgrade(url) == (None, schema.head())
    assert await maintenance.upgrade(url) == (schema.head(), schema.head())
    async with open_database(url) as database:
        await queued(TaskStore(database, clock=clock), "before")
        copy = tmp_path / "copy.dump"
        assert await maintenance.backup(url, copy) == copy.stat().st_size
    restored = cluster.new_database()
    cluster.run("pg_restore", "--no-owner", "--dbname", restored, str(copy))
    assert await maintenance.check(cluster.url(restored)) == []
    async with open_database(cluster.url(restored)) as database:
        assert await TaskStore(database, clock=clock).get("before") is not None


async def test_what_is_wrong_in_postgresqls_ledger_is_found(
    cluster: Cluster, clock: HandClock
) -> None:
    name = cluster.new_database()
    async with open_database(cluster.url(name)) as database:
        await queued(TaskStore(database, clock=clock), "t1")
    cluster.run("psql", "--dbname", name, "--command", "DELETE FROM money_holds")
    (line,) = await maintenance.check(cluster.url(name))
    assert "t1" in line


async def test_a_postgresql_that_does_not_answer_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="does not answer"):
        await maintenance.upgrade(f"postgresql://flipbook@/flipbook?host={tmp_path}")
