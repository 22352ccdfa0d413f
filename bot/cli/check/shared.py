"""Checks of what several processes share, for `flipbook check`: PostgreSQL, files, logins."""

import secrets
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

from bot.cli.check.finding import Finding
from bot.cli.database import ledger_problems
from bot.cli.errors import words
from bot.errors import FlipbookError, StorageError
from bot.settings.settings import Settings
from bot.storage.engine.postgres import CONNECTIONS, is_postgres
from bot.storage.engine.postgres_address import address
from bot.storage.engine.postgres_server import Server, server_at
from bot.storage.files.object_store import open_shared_files
from bot.storage.maintenance import maintenance

# How long a second copy is reported after it was noticed, and how long it is taken to be running.
_TOLD = timedelta(hours=24)
_STILL = timedelta(hours=1)


async def second_copy_finding(url: str, now: datetime) -> Finding | None:
    """Whether another bot with the same token was noticed; ``None``: not in the last 24 hours."""
    try:
        seen_at = await maintenance.second_copy_seen_at(url)
    except FlipbookError:
        # The line about the database reports the problem.
        return None
    if seen_at is None or now - seen_at > _TOLD:
        return None
    says = (
        f"another copy of the bot answered a command with the same DISCORD_TOKEN, last at "
        f"{seen_at:%Y-%m-%d %H:%M} UTC: run only one, or give both the same PostgreSQL and --shards"
    )
    return Finding(now - seen_at > _STILL, "copies", says)


async def pause_finding(url: str) -> Finding | None:
    """Whether the operator paused spending; ``None``: not paused."""
    try:
        pause = await maintenance.pause(url)
    except FlipbookError:
        # What is wrong with the database is said on its own line.
        return None
    if pause.paused_at is None:
        return None
    says = (
        f"paused since {pause.paused_at:%Y-%m-%d %H:%M} UTC: no new videos are made until flipbook "
        "resume"
    )
    return Finding(True, "spending", says, is_warning=True)


# --- PostgreSQL ---------------------------------------------------------------------------


async def postgres_findings(url: str) -> AsyncIterator[Finding]:
    """Report version and tables, the user's privileges, and room for more processes."""
    try:
        server = await server_at(url)
        problems = await ledger_problems(url) if server.is_current else []
    except FlipbookError as error:
        yield Finding(False, "database", "; ".join(words(error)))
        return
    details = "; ".join(problems) or _tables(server)
    says = f"{address(url)}: PostgreSQL {server.version}, {details}"
    yield Finding(not problems, "database", says)
    yield _privileges(server)
    yield _connections(server)


def _tables(server: Server) -> str:
    if server.is_current:
        return "up to date"
    if server.stored is None:
        return "empty: the first start creates its tables"
    return f"version {server.stored}: the next start, or flipbook db upgrade, migrates it"


def _privileges(server: Server) -> Finding:
    if server.closed_tables:
        tables = ", ".join(server.closed_tables)
        return Finding(False, "privileges", f"{server.who} cannot read or write {tables}")
    if not server.may_create:
        lacks = f"{server.who} may not create tables here (CREATE on the schema)"
        # Needed only for the next migration.
        return Finding(server.is_current, "privileges", lacks)
    return Finding(True, "privileges", f"{server.who} may create, read and write its tables")


def _connections(server: Server) -> Finding:
    says = f"{server.free} of {server.connections} are free; a process takes up to {CONNECTIONS}"
    more = "too few for another process: raise max_connections"
    room = f"enough for {server.processes} more" if server.processes else more
    return Finding(server.processes > 0, "connections", f"{says}, {room}")


# --- files --------------------------------------------------------------------------------


async def files_finding(settings: Settings) -> Finding | None:
    """Whether shared files can be written, read and removed; ``None`` if there is one process."""
    if settings.file_store is None:
        if not is_postgres(settings.database_url):
            return None
        alone = "FILE_STORE is not set: every process must have the same DATA_DIR"
        return Finding(True, "files", alone)
    try:
        await _write_read_remove(settings.file_store)
    except (FlipbookError, OSError) as error:
        return Finding(False, "files", str(error))
    return Finding(True, "files", f"{settings.file_store}: written, read and removed")


async def _write_read_remove(url: str) -> None:
    """Write, read and remove a file.

    Raises:
        StorageError, OSError: one of the three failed; the message says which.
    """
    shared, key = open_shared_files(url), f"check/{secrets.token_hex(8)}"
    with tempfile.TemporaryDirectory() as folder:
        sent, got = Path(folder) / "sent", Path(folder) / "got"
        sent.write_bytes(key.encode())
        await shared.put(key, sent)
        try:
            found = await shared.get(key, got)
            if not found or got.read_bytes() != sent.read_bytes():
                raise StorageError(f"{url}: the file that was read is not the one that was written")
        finally:
            await shared.remove(key)


# --- logins -------------------------------------------------------------------------------


def logins_finding(*, shards: int, left: int, most: int, at_once: int, is_shared: bool) -> Finding:
    """Report how many shards Discord recommends, and how many of the day's logins are left.

    ``is_shared``: other processes may run some of the shards.
    """
    says = f"Discord recommends {shards}; {left} of {most} logins are left today"
    if left < shards:
        return Finding(False, "shards", f"{says}, too few for a start")
    if not is_shared:
        return Finding(True, "shards", f"{says}; this process runs them all")
    roles = "divided between gateways by --shards; workers need none"
    return Finding(True, "shards", f"{says}, {at_once} at a time; {roles}")
