"""Parses a PostgreSQL DATABASE_URL, and connects to it.

libpq, and with it `psql` and `pg_dump`, has more parameters than the driver. Those that the driver
does not know are translated if possible, dropped if they make no difference, and otherwise refused
by name.
https://www.postgresql.org/docs/15/libpq-connect.html
"""

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from bot.errors import DatabaseUnusable, StorageError

if TYPE_CHECKING:
    import asyncpg

_CONNECT_SECONDS = 10.0
_STATEMENT_MS = 30_000
_OF_THE_DRIVER = frozenset(
    {
        "host",
        "port",
        "dbname",
        "user",
        "password",
        "passfile",
        "service",
        "sslmode",
        "sslcert",
        "sslkey",
        "sslrootcert",
        "sslcrl",
        "sslpassword",
        "sslnegotiation",
        "ssl_min_protocol_version",
        "ssl_max_protocol_version",
        "target_session_attrs",
        "krbsrvname",
        "gsslib",
    }
)
# Sent to the server unchanged.
_OF_THE_SESSION = frozenset({"application_name", "options"})
# Dropped: they make no difference here, or the driver does so in any case.
_OF_NO_MATTER = frozenset(
    {
        "client_encoding",
        "fallback_application_name",
        "keepalives",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "tcp_user_timeout",
        "gssencmode",
        "sslcompression",
        "sslsni",
        "load_balance_hosts",
    }
)
_OURS = frozenset({"connect_timeout", "ssl"})
# Values of other drivers, whose URLs people copy.
_SSL = {"true": "require", "1": "require", "false": "disable", "0": "disable"}
_TOO_EARLY = ("08", "53", "57P")
"""SQLSTATEs that pass by themselves: the connection broke, or the server is full, starting or
stopping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A parsed database URL."""

    dsn: str
    """URL for the driver."""
    seconds: float
    """Timeout of a connection attempt."""
    session: Mapping[str, str]
    """Session settings that are sent with the first packet."""
    libpq: str
    """URL for PostgreSQL's own programs, without a password."""
    password: str | None


def parse_address(url: str) -> Address:
    """Parse a database URL.

    Raises:
        DatabaseUnusable: it cannot be parsed, or has a parameter that is not supported.
    """
    try:
        parts = urlsplit(url)
        given = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
        seconds = float(given.get("connect_timeout") or 0) or _CONNECT_SECONDS
    except ValueError as error:
        raise DatabaseUnusable("the database's address cannot be parsed") from error
    given = _known(given)
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    host = parts.netloc.rpartition("@")[2]
    public = {name: value for name, value in given.items() if name != "password"}
    return Address(
        dsn=_joined(parts.netloc, parts.path, _only(given, _OF_THE_DRIVER)),
        seconds=seconds,
        session={"application_name": "flipbook", **_only(given, _OF_THE_SESSION)},
        libpq=_joined(f"{user}@{host}" if user else host, parts.path, public),
        password=given.get("password") or unquote(password) or None,
    )


def _known(given: dict[str, str]) -> dict[str, str]:
    """The parameters of an address, by libpq's names.

    Raises:
        DatabaseUnusable: one of them cannot be heeded.
    """
    if "ssl" in given:
        mode = given.pop("ssl")
        given.setdefault("sslmode", _SSL.get(mode.lower(), mode))
    for name in given:
        if name not in _OF_THE_DRIVER | _OF_THE_SESSION | _OF_NO_MATTER | _OURS:
            raise DatabaseUnusable(
                f"the database's address has {name}=…, which is unknown or not supported here"
            )
    return given


def _only(given: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if name in names}


def _joined(netloc: str, path: str, query: Mapping[str, str]) -> str:
    joined = urlunsplit(("postgresql", netloc, path, urlencode(query, quote_via=quote), ""))
    # For a socket, there is no host, and urlunsplit leaves out the two slashes.
    return joined if "://" in joined else joined.replace(":", "://", 1)


def address(url: str) -> str:
    """The URL without its passwords, for people."""
    shown = re.sub(r"(?<=//)([^:@/]*):[^@]*@", r"\1:***@", url)
    return re.sub(r"([?&](?:ssl)?password=)[^&]*", r"\1***", shown)


def passwords_of(url: str) -> list[str]:
    """Every password in a URL, as written and decoded."""
    parts = urlsplit(url)
    given = parse_qsl(parts.query)
    found = [parts.password, *(value for name, value in given if name.endswith("password"))]
    return [form for one in found if one for form in (one, unquote(one), quote(one, safe=""))]


async def connect(address: Address, **more: Any) -> "asyncpg.Connection[Any]":
    """Open a connection with a statement timeout.

    Raises:
        StorageError: the server accepts no connections at the moment.
        DatabaseUnusable: for example, the password is wrong, or the database does not exist.
        OSError: the server cannot be reached.
    """
    connection = await _logged_in(address, **more)
    await _check_encoding(connection)
    return connection


async def _logged_in(address: Address, **more: Any) -> "asyncpg.Connection[Any]":
    import asyncpg

    try:
        connection = await asyncpg.connect(
            address.dsn, timeout=address.seconds, server_settings=dict(address.session), **more
        )
        # Not in the first packet, because poolers refuse unknown settings there.
        await connection.execute(f"SET statement_timeout = {_STATEMENT_MS}")
    except asyncpg.PostgresError as error:
        is_passing = (error.sqlstate or "").startswith(_TOO_EARLY)
        raise (StorageError if is_passing else DatabaseUnusable)(
            f"PostgreSQL refuses the connection: {error}"
        ) from error
    except asyncpg.InternalClientError as error:
        # The driver raises this when the server goes away during a login.
        raise StorageError(f"PostgreSQL broke off the login: {error}") from error
    except ssl.SSLError as error:
        raise DatabaseUnusable(f"no TLS with the database: {error}") from error
    except (asyncpg.InterfaceError, ValueError) as error:
        raise DatabaseUnusable(f"the database's address cannot be used: {error}") from error
    return connection


async def _check_encoding(connection: "asyncpg.Connection[Any]") -> None:
    encoding = connection.get_settings().server_encoding
    if encoding != "UTF8":
        await connection.close()
        raise DatabaseUnusable(
            f"the database's encoding is {encoding}, and UTF8 is needed: create one with "
            "createdb -T template0 -E UTF8 flipbook"
        )


async def check_pooling(address: Address) -> None:
    """Refuse a pooler that gives each transaction another connection.

    Raises:
        DatabaseUnusable: there is such a pooler.
        StorageError, OSError: as for :func:`connect`.
    """
    if not await _is_pooled(address):
        return
    raise DatabaseUnusable(
        "a pooler shares PostgreSQL's connections in transaction mode, which LISTEN and prepared "
        "statements do not survive: use session mode (PgBouncer: pool_mode = session) or connect "
        "to the server directly"
    )


async def _is_pooled(address: Address) -> bool:
    """Whether a transaction of one connection may be answered by the process of another."""
    first = await connect(address, statement_cache_size=0)
    try:
        pid = await _backend(first)
        if pid == first.get_server_pid():
            return False
        # The server that answers is not the one that was announced at login, so there is a pooler.
        # In session mode it keeps a connection for one client; in transaction mode it gives it to
        # the next client that asks.
        second = await connect(address, statement_cache_size=0)
        try:
            return pid in {await _backend(second), await _backend(second)}
        finally:
            await second.close(timeout=2)
    finally:
        await first.close(timeout=2)


async def _backend(connection: "asyncpg.Connection[Any]") -> int:
    # In a transaction, so that all its statements reach the same server process.
    async with connection.transaction():
        return int(await connection.fetchval("SELECT pg_backend_pid()"))


def dump_command(address: Address, target: str) -> tuple[list[str], dict[str, str]]:
    """Return the command that dumps the database to ``target``, and its environment.

    The password is in the environment, because every user of a machine can read command lines.
    """
    password = {"PGPASSWORD": address.password} if address.password else {}
    command = [
        "pg_dump",
        "--format=custom",
        "--no-owner",
        f"--file={target}",
        f"--dbname={address.libpq}",
    ]
    return command, {**os.environ, **password}
