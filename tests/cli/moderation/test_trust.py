"""`flipbook block`, `unblock` and `report` on a database."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.errors import CommandError
from bot.settings.settings import variables
from bot.storage.engine.database import open_database

PERSON, DIGEST = "80351110224678912", "ab" * 32


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory with an empty database."""
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'flipbook.db'}")
    monkeypatch.setenv("DISCORD_TOKEN", "not-a-token")
    monkeypatch.setenv("VTRIX_API_KEY", "not-a-key")

    async def create() -> None:
        async with open_database(f"sqlite:///{tmp_path / 'flipbook.db'}"):
            pass

    asyncio.run(create())
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield tmp_path
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


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
