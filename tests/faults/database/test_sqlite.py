"""A database that is locked, damaged or half migrated."""

import random
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from bot.storage import schema
from tests.faults.bot_environment import BotEnvironment
from tests.faults.fault_scenario import FaultScenario
from tests.faults.invariants import check_ended, ended
from tests.faults.outcomes import delivered, differences
from tests.flows.harness import BotProcess, eventually, photo

PAGE = 4096


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Let another program write without finishing."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@pytest.mark.fault(
    "another program has locked the database for too long",
    where="while a task runs",
    outcome="retried until it is free; delivered once, paid once; commands meanwhile get an answer",
)
async def test_a_database_that_another_program_has_locked(scenario: FaultScenario) -> None:
    await scenario.start()
    scenario.provider.slow = float("inf")
    await scenario.ask("on its way")
    await scenario.bot.reaches("running")
    with locked(scenario.bot.database):
        scenario.provider.finish()
        shown = await scenario.person.command("animate", image=photo(), prompt="meanwhile")
        words = "has locked the database for too long"
        await eventually(lambda: words in scenario.bot.log.read_text() or None, words)
        await eventually(lambda: shown.followups or None, "an answer")
    assert "Nothing was charged" in shown.followups[0].text
    await ended(scenario.bot)
    assert differences(delivered(), scenario.observed("on its way")) == []
    assert scenario.bot.states() == ["delivered"]
    await check_ended(scenario.bot)


@pytest.mark.fault(
    "a database with a damaged page",
    where="startup",
    outcome="says so, names `flipbook db backup` and exits 78; starts with a copy in its place",
)
async def test_a_damaged_database_starts_nothing(bot: BotProcess) -> None:
    assert (await bot.run("db", "upgrade"))[0] == 0
    assert (await bot.run("db", "backup", "copy.db"))[0] == 0
    _damage(bot.database)
    code, out, err = await bot.run("run")
    assert code == 78
    assert "damaged" in out + err
    assert "flipbook db backup" in out + err
    assert "Traceback" not in out + err
    assert bot.discord.requests == []
    assert (await bot.run("db", "check"))[0] == 1
    (bot.folder / "copy.db").replace(bot.database)
    await bot.start()
    assert await bot.stop() == 0


def _damage(database: Path) -> None:
    """Overwrite one page of many: an index that is not read at startup."""
    with closing(sqlite3.connect(database)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'ix_tasks_parent_id'"
        ((page,),) = connection.execute(query).fetchall()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(database.read_bytes())
    content[PAGE * (page - 1) : PAGE * page] = random.Random(6).randbytes(PAGE)
    database.write_bytes(content)


@pytest.mark.fault(
    "SIGKILL",
    where="the nth statement of a migration",
    outcome="nothing is changed; the next `flipbook db upgrade` succeeds",
)
async def test_a_migration_that_is_killed_half_way(
    bot: BotProcess, record_property: Callable[[str, object], None]
) -> None:
    statements = (3, 9, 15)
    record_property("runs", len(statements))
    _make_first_version(bot.database)
    for number in statements:
        bot.program = BotEnvironment(dies_at_statement=number).program()
        code, _, _ = await bot.run("db", "upgrade")
        assert code == -signal.SIGKILL
        assert _version(bot) == "0001"
    bot.program = ("bot",)
    assert (await bot.run("db", "upgrade"))[0] == 0
    assert _version(bot) == schema.head()
    assert (await bot.run("db", "check"))[0] == 0


def _make_first_version(database: Path) -> None:
    database.parent.mkdir()
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    engine = create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()


def _version(bot: BotProcess) -> str:
    (row,) = bot.rows("SELECT version_num AS version FROM alembic_version")
    return str(row["version"])
