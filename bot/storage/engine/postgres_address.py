"""What DATABASE_URL says of a PostgreSQL, and a connection to it.

libpq, and with it `psql` and `pg_dump`, has more parameters than the driver: those that the driver
does not know are put into its words here, left out where they change nothing, and refused by name
where leaving them out would change something.
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
# Sent to the server as it is.
_OF_THE_SESSION = frozenset({"application_name", "options"})
# About the connection's comfort, or what the driver does in any case.
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
# Of other drivers, whose addresses people copy.
_SSL = {"true": "require", "1": "require", "false": "disable", "0": "disable"}
_TOO_EARLY = ("08", "53", "57P")
"""A connection that broke; full, starting or stopping: SQLSTATEs that pass by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a database is, and how it wants to be connected to."""

    dsn: str
    """For the driver."""
    seconds: float
    """How long a connection may take."""
    session: Mapping[str, str]
    """Settings of the session that are sent with the first packet."""
    libpq: str
    """For PostgreSQL's own programs, without a password."""
    password: str | None


def parse_address(url: str) -> Address:
    """
    Raises:
        DatabaseUnusable: it cannot be read, or holds what cannot be heeded.
    """
    try:
        parts = urlsplit(url)
        given = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
        seconds = float(given.get("connect_timeout") or 0) or _CONNECT_SECONDS
    except ValueError as error:
        raise DatabaseUnusable("the database's address cannot be read") from error
    if "ssl" in given:
        mode = given.pop("ssl")
        given.setdefault("sslmode", _SSL.get(mode.lower(), mode))
    for name in given:
        if name not in _OF_THE_DRIVER | _OF_THE_SESSION | _OF_NO_MATTER | _OURS:
            raise DatabaseUnusable(
                f"the database's address says {name}=…, which is not known or cannot be heeded here"
            )
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


def _only(given: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if name in names}


def _joined(netloc: str, path: str, query: Mapping[str, str]) -> str:
    joined = urlunsplit(("postgresql", netloc, path, urlencode(query, quote_via=quote), ""))
    # Without a host, as for a socket, the two slashes are left out.
    return joined if "://" in joined else joined.replace(":", "://", 1)


def address(url: str) -> str:
    """The address without its passwords, for people."""
    shown = re.sub(r"(?<=//)([^:@/]*):[^@]*@", r"\1:***@", url)
    return re.sub(r"([?&](?:ssl)?password=)[^&]*", r"\1***", shown)


def passwords_of(url: str) -> list[str]:
    """Every secret in an address, as it is written and as it is meant."""
    parts = urlsplit(url)
    given = parse_qsl(parts.query)
    found = [parts.password, *(value for name, value in given if name.endswith("password"))]
    return [form for one in found if one for form in (one, unquote(one), quote(one, safe=""))]


async def connect(address: Address, **more: Any) -> "asyncpg.Connection[Any]":
    """One connection, that ends a statement which takes too long.

    Raises:
        StorageError: it does not take connections just now.
        DatabaseUnusable: a wrong password, no such database, another encoding …
        OSError: nobody is there.
    """
    import asyncpg

    try:
        connection = await asyncpg.connect(
            address.dsn, timeout=address.seconds, server_settings=dict(address.session), **more
        )
        # Not with the first packet: poolers refuse what they do not know there.
        await connection.execute(f"SET statement_timeout = {_STATEMENT_MS}")
    except asyncpg.PostgresError as error:
        is_passing = (error.sqlstate or "").startswith(_TOO_EARLY)
        raise (StorageError if is_passing else DatabaseUnusable)(
            f"PostgreSQL lets nobody in: {error}"
        ) from error
    except asyncpg.InternalClientError as error:
        # The driver's own word for a server that goes away in the middle of a login.
        raise StorageError(f"PostgreSQL let nobody in: {error}") from error
    except ssl.SSLError as error:
        raise DatabaseUnusable(f"no TLS with the database: {error}") from error
    except (asyncpg.InterfaceError, ValueError) as error:
        raise DatabaseUnusable(f"the database's address cannot be used: {error}") from error
    encoding = connection.get_settings().server_encoding
    if encoding != "UTF8":
        await connection.close()
        raise DatabaseUnusable(
            f"the database is in {encoding}: people write in every script, make one in UTF8 "
            "(createdb -T template0 -E UTF8 flipbook)"
        )
    return connection


async def check_pooling(address: Address) -> None:
    """Notice a pooler that gives each transaction another connection.

    Raises:
        DatabaseUnusable: there is one. StorageError, OSError: as :func:`connect`.
    """
    first = await connect(address, statement_cache_size=0)
    try:
        pid = await _backend(first)
        if pid == first.get_server_pid():
            return
        # What was told at the login is not who answers: a pooler. One by session keeps a
        # connection for whoever has it; one by transaction gives it to the next who asks.
        second = await connect(address, statement_cache_size=0)
        try:
            if pid not in {await _backend(second), await _backend(second)}:
                return
        finally:
            await second.close(timeout=2)
    finally:
        await first.close(timeout=2)
    raise DatabaseUnusable(
        "a pooler hands out PostgreSQL's connections by transaction, which LISTEN and prepared "
        "statements do not survive: give this bot one by session (PgBouncer: pool_mode = session), "
        "or PostgreSQL's own address"
    )


async def _backend(connection: "asyncpg.Connection[Any]") -> int:
    # In one transaction, so that all steps of it reach the same process.
    async with connection.transaction():
        return int(await connection.fetchval("SELECT pg_backend_pid()"))


def dump_command(address: Address, target: str) -> tuple[list[str], dict[str, str]]:
    """What writes a copy of the database to ``target``, and its environment.

    The password is in the environment: a command line can be read by every user of the machine.
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
