"""`flipbook block`, `unblock` and `report` on a database."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.errors import CommandError
from bot.storage.engine.database import open_database

PERSON, DIGEST = "80351110224678912", "ab" * 32


@pytest.fixture(autouse=True)
def database(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty database in the working directory."""
    url = f"sqlite:///{folder / 'flipbook.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("DISCORD_TOKEN", "not-a-token")
    monkeypatch.setenv("VTRIX_API_KEY", "not-a-key")

    async def create() -> None:
        async with open_database(url):
            pass

    asyncio.run(create())


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def refused(*arguments: str) -> str:
    error = run(*arguments).exception
    assert isinstance(error, CommandError)
    return str(error)


def test_blocks_are_made_listed_and_lifted() -> None:
    assert "is blocked everywhere" in run("block", "person", PERSON, "--reason", "spam").output
    run("block", "digest", DIGEST)
    listed = run("block", "list").output
    assert f"person {PERSON}  everywhere  spam" in listed
    assert f"digest {DIGEST}" in listed
    assert "no longer blocked" in run("unblock", "person", PERSON).output
    assert PERSON not in run("block", "list").output
    assert "is not blocked" in refused("unblock", "person", PERSON)


@pytest.mark.parametrize(
    "arguments",
    [
        ("block", "person", "Ada"),
        ("block", "server", "0"),
        ("block", "digest", PERSON),
        ("unblock", "channel", PERSON),
        ("report", "resolve", "7", "--remove"),
    ],
)
def test_what_is_no_id_digest_or_report_is_refused(arguments: tuple[str, ...]) -> None:
    assert refused(*arguments)
    assert run("block", "list").output == "nothing is blocked\n"


def test_a_report_is_removed_or_dismissed() -> None:
    assert run("report", "resolve", "7").exit_code == 2
    assert run("report", "list").output == "no reports wait for a decision\n"
