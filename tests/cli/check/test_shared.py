"""What `flipbook check` reports about PostgreSQL, shared files and logins."""

from pathlib import Path

import pytest

from bot.cli.check.finding import Finding
from bot.cli.check.shared import files_finding, logins_finding, postgres_findings
from bot.settings.settings import Settings
from bot.storage.engine.database import open_database
from bot.storage.schema import head
from tests.postgres import Cluster


@pytest.fixture
def database(cluster: Cluster) -> str:
    """The name of an empty database."""
    return cluster.new_database()


async def found(url: str) -> dict[str, Finding]:
    return {finding.what: finding async for finding in postgres_findings(url)}


def poor(cluster: Cluster, database: str, **limits: int) -> str:
    """The address for a user who may log in but has no other rights."""
    for command in (
        "DROP ROLE IF EXISTS poor",
        f"CREATE ROLE poor LOGIN CONNECTION LIMIT {limits.get('connections', -1)}",
    ):
        cluster.run("psql", "-q", "-d", database, "-c", command)
    return cluster.url(database).replace("flipbook@", "poor@")


async def test_a_new_database_is_fine_and_an_old_one_is_brought_up_to_date(
    cluster: Cluster, database: str
) -> None:
    url = cluster.url(database)
    before = await found(url)
    assert "empty: the first start creates its tables" in before["database"].says
    async with open_database(url):
        pass
    now = await found(url)
    assert now["database"].says.endswith("up to date")
    assert "PostgreSQL 1" in now["database"].says
    assert now["privileges"].says == "flipbook may create, read and write its tables"
    assert now["connections"].fine
    assert all(finding.fine for finding in (*before.values(), *now.values()))
    old = "UPDATE alembic_version SET version_num = '0001'"
    cluster.run("psql", "-q", "-d", database, "-c", old)
    assert "version 0001: the next start" in (await found(url))["database"].says
    cluster.run("psql", "-q", "-d", database, "-c", old.replace("0001", "9999"))
    newer = await found(url)
    assert (newer["database"].fine, head() in newer["database"].says) == (False, True)


async def test_a_user_who_may_not_do_what_is_needed_is_named(
    cluster: Cluster, database: str
) -> None:
    url = poor(cluster, database)
    may_not = "poor may not create tables here (CREATE on the schema)"
    assert (await found(url))["privileges"] == Finding(False, "privileges", may_not)
    async with open_database(cluster.url(database)):
        pass
    assert not (await found(url))["database"].fine
    grant = "GRANT SELECT ON ALL TABLES IN SCHEMA public TO poor"
    cluster.run("psql", "-q", "-d", database, "-c", grant)
    closed = (await found(url))["privileges"]
    assert not closed.fine
    assert closed.says.startswith("poor cannot read or write tasks, allowance_holds")
    cluster.run("psql", "-q", "-d", database, "-c", grant.replace("SELECT", "ALL"))
    # This is good enough until there is a migration to make.
    assert (await found(url))["privileges"] == Finding(True, "privileges", may_not)
    drop = "DROP OWNED BY poor"
    cluster.run("psql", "-q", "-d", database, "-c", drop)


async def test_too_few_connections_are_told(cluster: Cluster, database: str) -> None:
    few = (await found(poor(cluster, database, connections=5)))["connections"]
    assert not few.fine
    assert "4 of 5 are free; a process takes up to 11, too few for another process" in few.says
    enough = (await found(poor(cluster, database, connections=34)))["connections"]
    assert enough == Finding(
        True, "connections", "33 of 34 are free; a process takes up to 11, enough for 3 more"
    )


async def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    nowhere = await found(f"postgresql://flipbook@/x?host={tmp_path}")
    assert list(nowhere) == ["database"]
    assert not nowhere["database"].fine


# --- files ----------------------------------------------------------------------------------


async def files(store: str | None, url: str = "sqlite:///x.db") -> Finding | None:
    return await files_finding(Settings(file_store=store, database_url=url))


async def test_shared_files_are_written_read_and_removed(tmp_path: Path) -> None:
    store = f"file://{tmp_path / 'shared'}"
    assert await files(store) == Finding(True, "files", f"{store}: written, read and removed")
    assert [path for path in (tmp_path / "shared").rglob("*") if path.is_file()] == []
    assert await files(None) is None


async def test_where_there_is_no_store_several_processes_need_the_same_folder() -> None:
    finding = await files(None, "postgresql://flipbook@/x")
    assert finding is not None
    assert "every process must have the same DATA_DIR" in finding.says


async def test_files_that_cannot_be_written_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, s3_endpoint: str
) -> None:
    (tmp_path / "taken").write_text("a file")
    blocked = await files(f"file://{tmp_path / 'taken' / 'folder'}")
    assert blocked is not None
    assert not blocked.fine
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test-key")
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_endpoint)
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    no_bucket = await files("s3://nobody-made-it/flipbook")
    assert no_bucket is not None
    assert not no_bucket.fine
    assert "cannot be written" in no_bucket.says


# --- logins ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "is_shared", "fine", "says"),
    [
        (16, True, True, "16 of 1000 logins are left today, 2 at a time; divided between gateways"),
        (16, False, True, "this process runs them all"),
        (15, True, False, "too few for a start"),
    ],
)
def test_what_discord_says_of_shards_and_logins(
    left: int, is_shared: bool, fine: bool, says: str
) -> None:
    found = logins_finding(shards=16, left=left, most=1000, at_once=2, is_shared=is_shared)
    assert found.fine is fine
    assert says in found.says
