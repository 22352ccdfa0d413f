"""The database's version, and its upgrade to this program's version."""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from bot.errors import DatabaseTooNew, DatabaseUnusable

MIGRATIONS = Path(__file__).parent / "migrations"


@cache
def versions() -> tuple[str, ...]:
    """Return all versions in order, from the names of the migrations' files.

    Alembic would take a third of a second at each start, and is needed only for an upgrade.
    """
    return tuple(sorted(one.name[:4] for one in (MIGRATIONS / "versions").glob("[0-9]*.py")))


def head() -> str:
    """Return the database version of this program."""
    return versions()[-1]


def stored_version(connection: Connection) -> str | None:
    """Return the database's version; ``None`` if it is empty.

    Raises:
        DatabaseTooNew: this program does not know the version.
        DatabaseUnusable: the database has tables of another program.
    """
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables:
        if tables:
            raise DatabaseUnusable("the database belongs to another program")
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found is not None and found not in versions():
        raise DatabaseTooNew(
            f"the database has version {found}, this program knows up to {head()}: "
            "use the newer program, or restore a backup"
        )
    return found


def upgrade(connection: Connection) -> tuple[str | None, str]:
    """Upgrade the database to :func:`head` in the open transaction; return old and new version.

    Raises:
        DatabaseTooNew, DatabaseUnusable: as for :func:`stored_version`.
    """
    found = stored_version(connection)
    if found != head():
        _migrate(connection)
    return found, head()


def _migrate(connection: Connection) -> None:
    # Imported here, because it would slow down every start (see :func:`versions`).
    from alembic import command
    from alembic.config import Config

    config = Config()
    # Alembic's configuration expands percent signs.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
