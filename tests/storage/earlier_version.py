"""The database of an earlier version, as told in `tests/storage/engine/version_0017/README.md`."""

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from tests.postgres import Cluster

FOLDER = Path(__file__).parent / "engine" / "version_0017"
FRAME = FOLDER / "first_frame.png"
FRAME_DIGEST = "65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802"
"""The name of the picture of every task, as the bot stores it."""
STOPPED_AT = datetime(2026, 11, 28, 17, 57, tzinfo=UTC)
"""Soon after the earlier version was stopped."""

GUILD, CHANNEL = 700000000000000001, 700000000000000002
ADA, GRACE, MONA, LINUS = range(700000000000000003, 700000000000000007)
MAKERS = 700000000000000007
"""A role."""
RUNNING_JOB = "task-of-the-running-one"
"""What the provider calls the task that runs."""


def script(engine: str, ids: Mapping[object, object] | None = None) -> str:
    """Return the SQL that makes the database; ``ids`` replaces ids in it."""
    text = (FOLDER / f"{engine}.sql").read_text()
    for before, after in (ids or {}).items():
        text = text.replace(str(before), str(after))
    return text


def make_sqlite(path: Path, sql: str) -> None:
    """Make the SQLite database at a path where there is none yet."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    # One transaction, instead of one for each statement.
    connection.executescript(f"BEGIN; {sql} COMMIT;")
    connection.close()


def make_postgres(cluster: Cluster, folder: Path, sql: str) -> str:
    """Make the PostgreSQL database, and return its name."""
    file = folder / "earlier.sql"
    file.write_text(sql)
    name = cluster.new_database()
    cluster.run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", name, "-f", str(file))
    return name
