"""PostgreSQL as hosting providers run it: password, TLS, libpq's parameters, a pooler."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.cli.check.shared import postgres_findings
from bot.cli.run import secrets_of
from bot.errors import DatabaseUnusable, StorageError
from bot.settings.settings import Settings
from bot.storage.engine.database import Database, open_database
from bot.storage.engine.notifications import listening, tell_workers
from bot.storage.engine.postgres_address import address, parse_address
from bot.storage.maintenance import maintenance
from bot.storage.tasks.tasks import TaskStore
from tests.factories import make_new_task
from tests.postgres import GuardedCluster, certify, open_guarded_cluster, open_pooler
from tests.storage.conftest import HandClock
from tests.storage.state_builder import WIDE


@pytest.fixture(scope="module")
def guarded() -> Iterator[GuardedCluster]:
    with open_guarded_cluster() as cluster:
        yield cluster


async def setting(database: Database, name: str) -> str:
    query = text("SELECT current_setting(:name)")
    return str(await database.read(lambda on: on.scalar(query, {"name": name})))


async def hears_of_work(url: str, database: Database) -> None:
    """Check that a listener hears of what another connection commits."""
    told = asyncio.Event()
    async with listening(url, told.set):
        await asyncio.wait_for(told.wait(), 20)
        told.clear()
        await database.write(tell_workers)
        await asyncio.wait_for(told.wait(), 20)


async def uses_tls(database: Database) -> bool:
    query = text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    return bool(await database.read(lambda on: on.scalar(query)))


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"sslmode": "require"},
        {"ssl": "require"},
        {"ssl": "true"},
        {"sslmode": "verify-full", "sslrootcert": "{certificate}"},
        {"connect_timeout": "7", "application_name": "somebody", "keepalives": "1"},
        {"options": "-c work_mem=8MB"},
        {"target_session_attrs": "read-write"},
    ],
    ids=lambda given: ",".join(f"{name}={value}" for name, value in given.items()) or "none",
)
async def test_libpqs_parameters_work_in_pool_listener_check_and_backup(
    guarded: GuardedCluster, parameters: dict[str, str], tmp_path: Path, clock: HandClock
) -> None:
    given = {
        name: value.format(certificate=guarded.certificate) for name, value in parameters.items()
    }
    url = guarded.url("postgres", given)
    async with open_database(url) as database:
        assert await uses_tls(database)
        assert await setting(database, "application_name") == given.get(
            "application_name", "flipbook"
        )
        assert await setting(database, "statement_timeout") == "30s"
        if "options" in given:
            assert await setting(database, "work_mem") == "8MB"
        await hears_of_work(url, database)
    found = [finding async for finding in postgres_findings(url)]
    assert all(finding.fine for finding in found), found
    copy = tmp_path / "copy.dump"
    assert await maintenance.backup(url, copy) > 1000
    assert "TABLE public tasks" in guarded.run("pg_restore", "--list", str(copy)).replace(
        "TABLE DATA", ""
    )


async def test_a_certificate_of_somebody_else_is_not_trusted(
    guarded: GuardedCluster, tmp_path: Path
) -> None:
    other = tmp_path / "other.crt"
    certify(other, tmp_path / "other.key")
    url = guarded.url("postgres", {"sslmode": "verify-full", "sslrootcert": str(other)})
    with pytest.raises(DatabaseUnusable, match="no TLS with the database"):
        async with open_database(url):
            pass


async def test_a_wrong_password_has_words_and_is_not_in_them(guarded: GuardedCluster) -> None:
    url = guarded.url(password="a wrong one")
    with pytest.raises(DatabaseUnusable, match="password authentication failed for user") as raised:
        async with open_database(url):
            pass
    [finding] = [finding async for finding in postgres_findings(url)]
    assert not finding.fine
    assert "password authentication failed" in finding.says
    assert "a wrong one" not in str(raised.value) + finding.says
    with pytest.raises(StorageError, match="password authentication failed"):
        await maintenance.backup(url, guarded.folder / "never")


async def test_a_database_in_another_encoding_has_words(guarded: GuardedCluster) -> None:
    guarded.run("createdb", "-T", "template0", "-E", "LATIN1", "--locale=C", "latin")
    url = guarded.url("latin")
    with pytest.raises(DatabaseUnusable, match="encoding is LATIN1"):
        async with open_database(url):
            pass
    [finding] = [finding async for finding in postgres_findings(url)]
    assert (finding.fine, "createdb -T template0 -E UTF8" in finding.says) == (False, True)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ("channel_binding=require", "has channel_binding="),
        ("sslmod=require", "has sslmod="),
        ("connect_timeout=soon", "cannot be parsed"),
        ("sslmode=perhaps", "cannot be used: "),
    ],
)
async def test_unsupported_parameters_are_refused_by_name(
    guarded: GuardedCluster, parameters: str, words: str
) -> None:
    with pytest.raises(DatabaseUnusable, match=words):
        async with open_database(f"{guarded.url()}?{parameters}"):
            pass


def test_people_read_no_password_and_logs_know_every_form_of_it(guarded: GuardedCluster) -> None:
    url = guarded.url("postgres", {"sslmode": "require"})
    assert (
        address(url)
        == f"postgresql://flipbook:***@localhost:{guarded.port}/postgres?sslmode=require"
    )
    assert guarded.password in secrets_of(Settings(database_url=url))
    other = "postgresql:///flipbook?host=/run/pg&user=ada&password=very%20secret"
    assert address(other).endswith("password=***")
    assert {"very secret", "very%20secret"} <= set(secrets_of(Settings(database_url=other)))
    parsed = parse_address(other)
    assert parsed.password == "very secret"
    assert "secret" not in parsed.libpq
    assert parsed.libpq == "postgresql:///flipbook?host=%2Frun%2Fpg&user=ada"


# --- a pooler in front -----------------------------------------------------------------------


async def test_a_pooler_by_session_is_as_good_as_the_server(
    guarded: GuardedCluster, clock: HandClock
) -> None:
    with open_pooler(guarded, "session") as port:
        guarded.run("createdb", "pooled")
        url = guarded.url("pooled", port=port)
        async with open_database(url) as database:
            store = TaskStore(database, clock=clock)
            new = [make_new_task(id=f"t{number}") for number in range(20)]
            await asyncio.gather(*(store.reserve(one, WIDE) for one in new))
            assert len(await store.listed()) == 20
            assert await setting(database, "statement_timeout") == "30s"
            await hears_of_work(url, database)
        found = [finding async for finding in postgres_findings(url)]
        assert all(finding.fine for finding in found), found


async def test_a_pooler_by_transaction_is_noticed_at_the_start_and_by_check(
    guarded: GuardedCluster,
) -> None:
    with open_pooler(guarded, "transaction") as port:
        url = guarded.url(port=port)
        with pytest.raises(DatabaseUnusable, match="in transaction mode"):
            async with open_database(url):
                pass
        [finding] = [finding async for finding in postgres_findings(url)]
        assert not finding.fine
        assert "pool_mode = session" in finding.says
