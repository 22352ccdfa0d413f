"""Reads properties and limits of a PostgreSQL server for `flipbook check`."""

from dataclasses import dataclass

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StorageError
from bot.storage import schema
from bot.storage.engine.postgres import CONNECTIONS
from bot.storage.engine.postgres_address import check_pooling, parse_address
from bot.storage.maintenance.maintenance import looked
from bot.storage.tables import metadata

_OF_THE_SERVER = text(
    "SELECT current_setting('server_version') AS version, current_user AS who, "
    "current_setting('max_connections')::int AS most, "
    "current_setting('superuser_reserved_connections')::int AS reserved, "
    "(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used, "
    "(SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS by_role, "
    "(SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS by_database, "
    "coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_create, "
    "(SELECT count(*) FROM pg_stat_activity WHERE usename = current_user) AS used_by_role, "
    "(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS used_here"
)
_MAY = text(
    "SELECT to_regclass(:name) IS NULL "
    "OR has_table_privilege(to_regclass(:name), 'SELECT') "
    "AND has_table_privilege(to_regclass(:name), 'INSERT') "
    "AND has_table_privilege(to_regclass(:name), 'UPDATE') "
    "AND has_table_privilege(to_regclass(:name), 'DELETE')"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Properties of a PostgreSQL server, and the free connections."""

    version: str
    """PostgreSQL's version."""
    stored: str | None
    """Version of the tables; ``None`` if there are none yet."""
    who: str
    may_create: bool
    """Whether migrations can create tables."""
    closed_tables: tuple[str, ...]
    """Tables that cannot be read and written."""
    connections: int
    """Maximum for this user in this database."""
    free: int
    """How many of them are free now."""

    @property
    def is_current(self) -> bool:
        return self.stored == schema.head()

    @property
    def processes(self) -> int:
        """How many more `flipbook run` processes can connect."""
        return self.free // CONNECTIONS


async def server_at(url: str) -> Server:
    """Read the server's properties.

    Raises:
        DatabaseTooNew, DatabaseUnusable, StorageError: the database cannot be read.
    """
    try:
        await check_pooling(parse_address(url))
    except OSError as error:
        raise StorageError(f"the database does not answer: {error}") from error
    return await looked(url, _server)


async def _server(connection: AsyncConnection) -> Server:
    stored = await connection.run_sync(schema.stored_version)
    row = (await connection.execute(_OF_THE_SERVER)).one()
    most, free = _connections(row)
    return Server(
        version=row.version.partition(" ")[0],
        stored=stored,
        who=row.who,
        may_create=row.may_create,
        closed_tables=await _closed(connection),
        connections=most,
        free=max(free, 0),
    )


async def _closed(connection: AsyncConnection) -> tuple[str, ...]:
    names = [*metadata.tables, "alembic_version"]
    found = {name: await connection.scalar(_MAY, {"name": name}) for name in names}
    return tuple(name for name, may in found.items() if not may)


def _connections(row: Row[tuple[object, ...]]) -> tuple[int, int]:
    """Maximum and free connections under the tightest limit: the server's, database's or user's."""
    ours = row.most - row.reserved
    limits = [
        (ours, ours - row.used),
        (row.by_database, row.by_database - row.used_here),
        (row.by_role, row.by_role - row.used_by_role),
    ]
    # -1 means that there is no such limit.
    return min((limit for limit in limits if limit[0] >= 0), key=lambda limit: limit[1])
