"""Which version a database has, and how it comes to this program's."""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from bot.errors import DatabaseTooNew, DatabaseUnusable

MIGRATIONS = Path(__file__).parent / "migrations"


@cache
def versions() -> tuple[str, ...]:
    """Every version in order, by the names of the migrations' files.

    Asking Alembic costs a third of a second at each start, and is needed only to upgrade.
    """
    return tuple(sorted(one.name[:4] for one in (MIGRATIONS / "versions").glob("[0-9]*.py")))


def head() -> str:
    """The version of this program's database."""
    return versions()[-1]


def stored_version(connection: Connection) -> str | None:
    """The version of the database; ``None`` when it is empty.

    Raises:
        DatabaseTooNew: a version that this program does not know.
        DatabaseUnusable: it holds tables, but not this program's.
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
    """Bring the database to :func:`head` within the open transaction; versions before and after.

    Raises:
        DatabaseTooNew, DatabaseUnusable: as :func:`stored_version`.
    """
    found = stored_version(connection)
    if found != head():
        _migrate(connection)
    return found, head()


def _migrate(connection: Connection) -> None:
    # Late, for the sake of the start (see :func:`versions`).
    from alembic import command
    from alembic.config import Config

    config = Config()
    # The configuration expands percent signs.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
