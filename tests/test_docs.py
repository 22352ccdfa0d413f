"""The guides hold against the code: messages, links, commands, options."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from bot.cli import app
from bot.domain.task import State
from bot.ui.texts import endings

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").glob("*.md"))
GAP = "…"


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


# --- messages -----------------------------------------------------------------------------


@cache
def texts_of_the_code() -> tuple[str, ...]:
    """Every text in the program, with a gap where something is put in."""
    folders = ("bot", "cogs", "sandbox")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    return tuple(text for file in files for text in _texts(ast.parse(file.read_text("utf-8"))))


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr():
                yield "".join(_part(value) for value in node.values)
            case ast.Constant(value=str(text)):
                # What logging and str.format fill in.
                yield re.sub(r"%[\w.]*[sdf]|\{\w*\}", GAP, text)


def _part(value: ast.expr) -> str:
    return str(value.value) if isinstance(value, ast.Constant) else GAP


def pieces(message: str) -> list[str]:
    """What a message says between its gaps."""
    return [piece.strip() for piece in message.split(GAP) if piece.strip()]


def messages() -> list[str]:
    """The first column of the tables of the troubleshooting page."""
    return re.findall(r"(?m)^\| `(.+?)` \| ", page("troubleshooting.md"))


@pytest.mark.parametrize("message", messages())
def test_a_message_in_the_guide_is_one_that_the_program_says(message: str) -> None:
    wanted = ".*?".join(re.escape(piece) for piece in pieces(message))
    assert any(re.search(wanted, text, re.DOTALL) for text in texts_of_the_code())


def test_the_guide_has_messages_and_a_wrong_one_would_be_found() -> None:
    assert len(messages()) > 30
    assert not any("the moon is not connected" in text for text in texts_of_the_code())


# --- commands, states, links ----------------------------------------------------------------


def command_line(group: typer.core.TyperGroup | None = None, prefix: str = "") -> set[str]:
    """Every command of `flipbook`, such as ``task list``."""
    found = set()
    top = group or get_command(app)
    assert isinstance(top, typer.core.TyperGroup)
    for name, command in top.commands.items():
        found.add(prefix + name)
        if isinstance(command, typer.core.TyperGroup):
            found |= command_line(command, f"{prefix}{name} ")
    return found


@pytest.mark.parametrize("name", ["operator.md", "troubleshooting.md"])
def test_the_commands_in_a_guide_exist(name: str) -> None:
    known = command_line()
    used = re.findall(r"\bflipbook ((?:task|db) [a-z]+|check|run|demo|animate)\b", page(name))
    assert used
    assert set(used) <= known


def test_the_states_of_the_operators_guide_exist() -> None:
    used = re.findall(r"--state (\w+)", page("operator.md"))
    assert used
    # By their own names, or as people read them.
    assert set(used) <= {state.value for state in State} | {endings.state(one) for one in State}


@pytest.mark.parametrize("file", [ROOT / "README.md", *PAGES], ids=lambda file: file.name)
def test_links_between_pages_lead_somewhere(file: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", file.read_text()):
        there = (file.parent / target) if target else file
        assert there.exists(), target
        if anchor:
            titles = re.findall(r"(?m)^#+ (.+)$", there.read_text("utf-8"))
            assert anchor in {re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles}


def test_each_claim_about_security_names_tests_that_are_there() -> None:
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    doors = page.partition("## The doors")[2].partition("\n## ")[0]
    claims = [line for line in doors.splitlines() if line.startswith("| ")][2:]
    assert len(claims) > 15
    for claim in claims:
        files = re.findall(r"`(tests/[\w/]+\.py)`((?:[:,]? `test_\w+`)*)", claim)
        assert files, claim
        for file, names in files:
            code = (ROOT / file).read_text("utf-8")
            for name in re.findall(r"test_\w+", names):
                assert f"def {name}(" in code, f"{file}: {name}"
