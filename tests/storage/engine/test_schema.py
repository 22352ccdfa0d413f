import asyncio
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from bot.storage import schema
from bot.storage.engine.database import open_database
from bot.storage.tables import metadata


def opened(url: str) -> None:
    async def work() -> None:
        async with open_database(url):
            pass

    asyncio.run(work())


def test_the_versions_are_the_migrations_in_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    assert tuple(script.revision for script in reversed(scripts)) == schema.versions()


def test_the_migrations_lead_to_the_tables(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.begin() as connection:
        assert schema.upgrade(connection) == (None, schema.head())
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert schema.upgrade(connection) == (schema.head(), schema.head())
    engine.dispose()


OPENED = """
import asyncio, sys
from bot.storage.engine.database import open_database

async def main():
    async with open_database(sys.argv[1]): pass
asyncio.run(main())
"""


def test_alembic_is_loaded_only_to_upgrade(url: str) -> None:
    opened(url)
    code = f"{OPENED}print('alembic' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, url], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"


KILLED = """
import asyncio, os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from bot.storage.engine.database import open_database

@event.listens_for(Engine, "after_cursor_execute")
def count(connection, cursor, statement, *rest):
    if "CREATE TABLE prices" in statement:
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    async with open_database(sys.argv[1]): pass
asyncio.run(main())
"""


def test_a_killed_migration_leaves_nothing_and_the_next_start_makes_it(url: str) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, url], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    path = Path(url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    opened(url)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            (schema.head(),)
        ]


def test_two_first_starts_at_once(url: str) -> None:
    both = [subprocess.Popen([sys.executable, "-c", OPENED, url]) for _ in range(2)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
