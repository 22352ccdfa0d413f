import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import DatabaseInUse, DatabaseTooNew, DatabaseUnusable, StorageError
from bot.storage.engine.database import Database, Work, open_database


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


async def add_price(connection: AsyncConnection, model: str = "m") -> None:
    await connection.execute(
        text("INSERT INTO durations VALUES (:model, '720P', 5, FALSE, '{}')"), {"model": model}
    )


def adding(model: str) -> Work[None]:
    return lambda connection: add_price(connection, model)


async def count_rows(connection: AsyncConnection) -> int:
    return int(await connection.scalar(text("SELECT count(*) FROM durations")) or 0)


async def pragma(database: Database, name: str, *, writing: bool) -> object:
    async def work(connection: AsyncConnection) -> object:
        return await connection.scalar(text(f"PRAGMA {name}"))

    return await (database.write(work) if writing else database.read(work))


@pytest.mark.parametrize("any_url", ["sqlite"], indirect=True)
async def test_commits_are_durable_and_keys_are_checked(database: Database) -> None:
    assert await pragma(database, "journal_mode", writing=True) == "wal"
    assert await pragma(database, "synchronous", writing=True) == 2
    assert await pragma(database, "foreign_keys", writing=True) == 1


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DatabaseUnusable, match=r"read-?only"):
        await database.read(add_price)


async def test_reads_go_on_beside_an_open_write(database: Database) -> None:
    async def work(connection: AsyncConnection) -> int:
        await add_price(connection)
        return await asyncio.wait_for(database.read(count_rows), 30)

    assert await database.write(work) == 0
    assert await database.read(count_rows) == 1


async def test_an_exception_rolls_everything_back(database: Database) -> None:
    async def work(connection: AsyncConnection) -> None:
        await add_price(connection)
        raise KeyError

    with pytest.raises(KeyError):
        await database.write(work)
    assert await database.read(count_rows) == 0


async def test_a_transaction_ends_even_when_its_caller_is_canceled(database: Database) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def work(connection: AsyncConnection) -> None:
        await add_price(connection, "first")
        inside.set()
        await go_on.wait()
        await add_price(connection, "second")

    caller = asyncio.create_task(database.write(work))
    await inside.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    await database.write(adding("third"))
    assert await database.read(count_rows) == 3


@pytest.mark.parametrize("any_url", ["sqlite"], indirect=True)
async def test_work_canceled_while_it_waits_does_not_begin(database: Database) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def slow(connection: AsyncConnection) -> None:
        inside.set()
        await go_on.wait()

    first = asyncio.create_task(database.write(slow))
    await inside.wait()
    second = asyncio.create_task(database.write(add_price))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    go_on.set()
    await first
    assert await database.read(count_rows) == 0


async def test_canceled_at_any_step_nothing_stays_locked(database: Database) -> None:
    for step in range(40):
        caller = asyncio.create_task(database.write(adding(f"m{step}")))
        for _ in range(step):
            await asyncio.sleep(0)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
    await asyncio.wait_for(database.write(adding("last")), 30)
    assert await database.read(count_rows) >= 1


async def test_a_canceled_read_leaves_its_connection_usable(database: Database) -> None:
    for step in range(20):
        caller = asyncio.create_task(database.read(count_rows))
        for _ in range(step):
            await asyncio.sleep(0)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
    assert await asyncio.wait_for(database.read(count_rows), 30) == 0


async def test_closing_waits_for_what_has_begun(url: str) -> None:
    inside = asyncio.Event()

    async def work(connection: AsyncConnection) -> None:
        inside.set()
        await asyncio.sleep(0.01)
        await add_price(connection)

    async with open_database(url) as database:
        caller = asyncio.create_task(database.write(work))
        await inside.wait()
    await caller
    async with open_database(url) as database:
        assert await database.read(count_rows) == 1


async def test_a_closed_database_says_so(url: str) -> None:
    async with open_database(url) as database:
        pass
    with pytest.raises(StorageError, match="closed"):
        await database.write(add_price)
    with pytest.raises(StorageError, match="closed"):
        await database.read(count_rows)


async def test_locked_for_too_long_by_another_program(url: str) -> None:
    async with open_database(url, busy_seconds=0.05) as database:
        with closing(sqlite3.connect(file_of(url), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageError, match="locked"):
                await database.write(add_price)
            other.execute("ROLLBACK")
        await database.write(add_price)
        assert await database.read(count_rows) == 1


async def test_two_processes_wait_for_each_other(url: str) -> None:
    async with open_database(url) as one, open_database(url) as other:
        names = [
            (who, f"{index}-{number}")
            for index, who in enumerate((one, other))
            for number in range(20)
        ]
        await asyncio.gather(*(who.write(adding(name)) for who, name in names))
        assert await one.read(count_rows) == await other.read(count_rows) == 40


async def test_a_second_run_is_refused_and_others_are_not(url: str) -> None:
    async with open_database(url, exclusive=True):
        with pytest.raises(DatabaseInUse):
            async with open_database(url, exclusive=True):
                pass
        async with open_database(url) as beside:
            assert await beside.read(count_rows) == 0
    async with open_database(url, exclusive=True) as again:
        assert await again.read(count_rows) == 0


@pytest.mark.parametrize(
    "url",
    [
        "mysql://localhost/flipbook",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?uri=true",
        "sqlite:///x.db?mode=ro",
        "not an address",
        "",
    ],
)
async def test_addresses_that_are_no_file(url: str) -> None:
    with pytest.raises(DatabaseUnusable):
        async with open_database(url):
            pass


async def test_garbage_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"this is no database, and never was " * 100)
    before = path.read_bytes()
    with pytest.raises(DatabaseUnusable, match="not a database"):
        async with open_database(f"sqlite:///{path}"):
            pass
    assert path.read_bytes() == before


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="unable to open"):
        async with open_database(f"sqlite:///{tmp_path}"):
            pass


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatabaseUnusable, match="cannot be created"):
        async with open_database(f"sqlite:///{tmp_path}/file/data/x.db"):
            pass


async def test_a_database_that_cannot_be_written(url: str) -> None:
    async with open_database(url):
        pass
    # A folder is in the place of the journal: nothing can be written, whoever runs the test.
    file_of(url).with_name("flipbook.db-wal").mkdir()
    with pytest.raises(DatabaseUnusable):
        async with open_database(url):
            pass


async def test_a_newer_database_is_refused_and_left_alone(url: str) -> None:
    async with open_database(url):
        pass
    with closing(sqlite3.connect(file_of(url))) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseTooNew, match="9999"):
        async with open_database(url):
            pass
    with closing(sqlite3.connect(file_of(url))) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            ("9999",)
        ]


async def test_another_programs_database_is_refused(url: str) -> None:
    file_of(url).parent.mkdir()
    with closing(sqlite3.connect(file_of(url))) as connection, connection:
        connection.execute("CREATE TABLE tasks (id)")
    with pytest.raises(DatabaseUnusable, match="another program"):
        async with open_database(url):
            pass


async def test_a_relative_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with open_database("sqlite:///data/100%/flipbook.db", exclusive=True):
        assert (tmp_path / "data/100%/flipbook.db").is_file()
