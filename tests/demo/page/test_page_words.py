"""Every text of the page is translated: those in its code and those from its server."""

import ast
import json
import re
from pathlib import Path

import pytest

from sandbox.dashscope import STYLES as DASHSCOPE_STYLES
from sandbox.discord.rules.problems import KNOWN
from sandbox.page.server import STATIC
from sandbox.vtrix import STYLES

_SANDBOX = Path(__file__).parents[3] / "sandbox"
_IN_SCRIPTS = re.compile(r'\b(?:t|parts|marked)\(\s*("(?:[^"\\]|\\.)*")')
_MARKING = {"Refused", "ClientRefused", "marked"}
_PLACEHOLDER = re.compile(r"\{\w+\}")
_CATALOGUES = sorted((STATIC / "locale").glob("*.js"))


def in_scripts() -> set[str]:
    scripts = [one.read_text(encoding="utf-8") for one in (STATIC / "js").rglob("*.js")]
    return {json.loads(found) for one in scripts for found in _IN_SCRIPTS.findall(one)}


def in_python() -> set[str]:
    """Return the texts of the server, and the refusals of Discord's client and of Discord."""
    calls = [
        node
        for folder in ("page", "discord")
        for file in (_SANDBOX / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _MARKING
    ]
    first = [call.args[0] for call in calls if call.args]
    return {str(one.value) for one in first if isinstance(one, ast.Constant)}


def wanted() -> set[str]:
    return in_scripts() | in_python() | set(STYLES) | set(DASHSCOPE_STYLES)


@pytest.mark.parametrize("file", _CATALOGUES, ids=lambda file: file.stem)
def test_a_catalogue_has_all_words_of_the_page_and_no_others(file: Path) -> None:
    catalogue = json.loads(file.read_text(encoding="utf-8").partition("export default ")[2][:-2])
    assert wanted() - set(catalogue) == set()
    # The page can provoke only a few of Discord's own refusals.
    assert set(catalogue) - wanted() <= {words for _, words in KNOWN.values()}
    for text, translation in catalogue.items():
        assert translation
        assert set(_PLACEHOLDER.findall(translation)) == set(_PLACEHOLDER.findall(text)), text


def test_the_words_are_found_where_they_are() -> None:
    assert {"Kill the bot", "{name} is thinking…"} <= in_scripts()
    assert {"Phone photo", "there is no button {name}", "This form is closed."} <= in_python()
