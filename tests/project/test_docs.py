"""The pages agree with the code: messages, links, commands, settings and numbers."""

import ast
import inspect
import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from bot import errors
from bot.cli import app
from bot.cli.run import STOP_WITHIN_SECONDS
from bot.domain import first_frame, task
from bot.domain.models import prices
from bot.domain.models.model import WAN22_I2V_FLASH as MODEL
from bot.domain.models.model import WAN22_I2V_PLUS, WAN26_I2V_FLASH
from bot.domain.provider import provider_status
from bot.domain.quotas import budget
from bot.domain.task import State
from bot.imaging.pool import pool, worker
from bot.ops import health
from bot.providers import download, http_client
from bot.services.intake import intake
from bot.settings.settings import Settings, variables
from bot.storage.engine import gateways, postgres
from bot.ui.access import command_access
from bot.ui.delivery import progress
from bot.ui.delivery.requests import blockade, interaction_tokens, rate_limiter
from bot.ui.texts import endings
from bot.worker.polling import poll_entry, poller
from bot.worker.worker import CLAIM_AT_ONCE, CLAIM_AT_ONCE_ALONE, LEASE, RENEW_EVERY
from cogs import rerolls
from docs.settings_pages import default_of
from tests.factories import make_task

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
ALL_PAGES = [
    *PAGES,
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "tests/README.md")),
]
GAP = "…"


def page(name: str) -> str:
    if name in ("README.md", "CHANGELOG.md"):
        return (ROOT / name).read_text("utf-8")
    return (ROOT / "docs" / name).read_text("utf-8")


# --- messages -----------------------------------------------------------------------------


@cache
def texts_of_the_code() -> tuple[str, ...]:
    """Return every string in the program, with gaps where values are inserted."""
    folders = ("bot", "cogs", "sandbox")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    return tuple(text for file in files for text in _texts(ast.parse(file.read_text("utf-8"))))


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr():
                yield "".join(_part(value) for value in node.values)
            case ast.Constant(value=str(text)):
                # Placeholders of logging and of str.format.
                yield re.sub(r"%[\w.]*[sdf]|\{\w*\}", _filled, text)


def _filled(placeholder: re.Match[str]) -> str:
    """Fill in the default provider's names."""
    (account,) = Settings().offered_accounts.values()
    names = {
        "{key_variable}": account.variables.key,
        "{model_variable}": account.variables.model,
    }
    return names.get(placeholder[0], GAP)


def _part(value: ast.expr) -> str:
    return str(value.value) if isinstance(value, ast.Constant) else GAP


def pieces(message: str) -> list[str]:
    """Return the parts of a message between its gaps."""
    return [piece.strip() for piece in message.split(GAP) if piece.strip()]


def messages() -> list[str]:
    """Return the first column of the tables in the troubleshooting page."""
    return re.findall(r"(?m)^\| `(.+?)` \| ", page("troubleshooting.md"))


@pytest.mark.parametrize("message", messages())
def test_the_guides_messages_are_the_programs(message: str) -> None:
    wanted = ".*?".join(re.escape(piece) for piece in pieces(message))
    assert any(re.search(wanted, text, re.DOTALL) for text in texts_of_the_code())


def test_the_guide_has_messages_and_a_wrong_one_would_be_found() -> None:
    assert len(messages()) > 30
    assert not any("the moon is not connected" in text for text in texts_of_the_code())


def test_what_people_read_says_how_long_an_interactions_token_is_used() -> None:
    told = minutes(interaction_tokens.LIFE)
    named = [
        re.findall(r"(?:within|changing after) (\d+) minutes", one) for one in texts_of_the_code()
    ]
    assert {int(number) for one in named for number in one} == {told}


# --- commands, states, links ----------------------------------------------------------------


def command_line(group: typer.core.TyperGroup | None = None, prefix: str = "") -> set[str]:
    """Return every command of `flipbook`, such as ``task list``."""
    found = set()
    top = group or get_command(app)
    assert isinstance(top, typer.core.TyperGroup)
    for name, command in top.commands.items():
        found.add(prefix + name)
        if isinstance(command, typer.core.TyperGroup):
            found |= command_line(command, f"{prefix}{name} ")
    return found


@pytest.mark.parametrize("file", ALL_PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_commands_on_a_page_exist(file: Path) -> None:
    text = file.read_text("utf-8")
    # Look at code only: elsewhere, `flipbook` is also a user, an image, a folder and a word.
    called = r"(?m)(?:`|/bin/|bot |worker |flipbook |^)flipbook ([a-z]+(?: [a-z]+)?)"
    used = re.findall(called, text)
    known = command_line()
    for words in used:
        group, _, rest = words.partition(" ")
        assert group in known, words
        if f"{group} list" in known or f"{group} show" in known or f"{group} check" in known:
            assert not rest or words in known, words
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text("utf-8")))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE)) <= targets


def test_the_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    for name in command_line():
        assert f"`{name}" in text or f"flipbook {name}" in text or name in ("task", "prices", "db")


# Names that look like settings but belong to something else.
OTHER_VARIABLES = {
    "AWS_ALLOW_HTTP",
    "BENCH_ARGS",
    "FLIPBOOK_SEEDS",
    "HTTPS_PROXY",
    "LC_MESSAGES",
    "NO_PROXY",
    "POSTGRES_ADMIN_PASSWORD",
    "POSTGRES_PASSWORD",
    "PROVIDER_ID",
    "PR_SET_DUMPABLE",
    "PYTEST_ARGS",
}


@pytest.mark.parametrize("file", ALL_PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_settings_and_metrics_on_a_page_exist(file: Path) -> None:
    code = " ".join(re.findall(r"`[^`\n]+`", file.read_text("utf-8")))
    named = set(re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", code))
    assert named <= set(variables()) | OTHER_VARIABLES
    metrics = set(re.findall(r"\bflipbook_(\w+)", code))
    known = (ROOT / "bot" / "ops" / "metrics.py").read_text("utf-8")
    # The library appends `_total` to the names of counters.
    named_here = {name: name.removesuffix("_total") for name in metrics}
    assert {name for name, own in named_here.items() if f'"{own}"' not in known} == set()


@pytest.mark.parametrize("file", ALL_PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_files_that_a_page_names_are_there(file: Path) -> None:
    """Every path in code style exists, seen from the root of the repository."""
    tops = "bot|cogs|sandbox|tests|benchmarks|docs"
    for name in re.findall(rf"`((?:{tops})/[\w./-]*)`", file.read_text("utf-8")):
        assert (ROOT / name).exists(), name


def test_the_users_guide_explains_every_state() -> None:
    table = page("user.md").partition("| state | meaning |")[2].partition("\n\n")[0]
    explained = {word for row in re.findall(r"(?m)^\| (.+?) \|", table) for word in row.split(", ")}
    deleted = endings.how_far(make_task(state=State.DELIVERED))
    assert explained - {"---"} == {endings.state(one) for one in State} | {deleted}


def test_the_states_of_the_operators_guide_exist() -> None:
    used = re.findall(r"--state (\w+)", page("operator.md"))
    assert used
    # The page may use the states' own names or their labels.
    assert set(used) <= {state.value for state in State} | {endings.state(one) for one in State}


@pytest.mark.parametrize("file", [ROOT / "README.md", *PAGES], ids=lambda file: file.name)
def test_links_between_pages_lead_somewhere(file: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", file.read_text()):
        there = (file.parent / target) if target else file
        assert there.exists(), target
        if anchor:
            titles = re.findall(r"(?m)^#+ (.+)$", there.read_text("utf-8"))
            assert anchor in {re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles}


# --- security -------------------------------------------------------------------------------


def named_tests(text: str) -> list[tuple[str, list[str]]]:
    """Return each file with its tests, as in ``tests/x.py``: ``test_y``, ``test_z``."""
    found = re.findall(r"`(tests/[\w/]+\.py)`((?:[:,]? `\w+`)*)", text)
    return [(file, re.findall(r"\w+", names)) for file, names in found]


def claims() -> list[str]:
    doors = page("security.md").partition("## Entry points")[2].partition("\n## ")[0]
    return [line for line in doors.splitlines() if line.startswith("| ")][2:]


def test_each_claim_about_security_names_its_tests() -> None:
    assert len(claims()) > 15
    for claim in claims():
        named = named_tests(claim)
        assert named, claim
        for file, names in named:
            assert names, f"{file} alone says little: {claim}"


def test_the_tests_that_security_names_are_there() -> None:
    introduction, _rest, text = page("security.md").partition("## What is worth protecting")
    assert "tests/project/test_docs.py" in introduction
    check_there(text)


def check_there(text: str) -> None:
    """Check that every file and test that a page names exists."""
    for file, names in named_tests(re.sub(r"\s+", " ", text)):
        code = (ROOT / file).read_text("utf-8")
        for name in names:
            assert re.search(rf"(?m)^(async )?def {name}\(", code), f"{file}: {name}"


# --- tests/README.md ----------------------------------------------------------------------------


TESTS = ROOT / "tests"


def layers() -> dict[str, str]:
    """Return each layer of tests/README.md with its folders."""
    rows = re.findall(
        r"(?m)^\| (\w+) \| ((?:`\w+/`(?:, )?)+) \|", (TESTS / "README.md").read_text()
    )
    return dict(rows)


def test_the_page_about_the_tests_names_every_folder_of_tests() -> None:
    text = (TESTS / "README.md").read_text("utf-8")
    folders = {path.relative_to(TESTS).parts[0] for path in TESTS.glob("*/**/test_*.py")}
    assert {name for name in folders if f"`{name}/`" not in text} == set()
    assert {f for row in layers().values() for f in re.findall(r"`(\w+)/`", row)} <= folders


def test_each_layer_of_the_tests_has_an_example_that_is_there() -> None:
    text = re.sub(r"\s+", " ", (TESTS / "README.md").read_text("utf-8"))
    check_there(text)
    assert len(layers()) == 8
    for layer, folders in layers().items():
        told = re.search(rf"\*\*{layer.capitalize()}\.\*\*(.*?)(?= \*\*|## )", text)
        assert told, layer
        [(file, _name)] = [one for one in named_tests(told[1]) if one[1]]
        assert f"`{Path(file).parts[1]}/`" in folders


def test_the_helpers_of_the_tests_are_where_their_page_says() -> None:
    text = re.sub(r"\s+", " ", (TESTS / "README.md").read_text("utf-8"))
    helpers = re.findall(r"`(\w+)` in `(tests/[\w/]+\.py)`", text)
    assert len(helpers) >= 5
    for name, file in helpers:
        code = (ROOT / file).read_text("utf-8")
        assert re.search(rf"(?m)^(class|(async )?def) {name}\b", code), f"{file}: {name}"


# --- the map in CONTRIBUTING.md -----------------------------------------------------------------


def mapped() -> set[str]:
    """Return every folder and file of the map in CONTRIBUTING.md, as a path from the root."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    drawing = text.partition("## Map of the code")[2].split("```")[1]
    above: list[str] = []
    found = set()
    for indent, name in re.findall(r"(?m)^((?:  )*)([a-z_]+(?:/|\.py))(?: |$)", drawing):
        above[len(indent) // 2 :] = [name]
        found.add("".join(above))
    return found


def test_the_map_shows_every_package_and_nothing_else() -> None:
    names = mapped()
    assert {name for name in names if not (ROOT / name).exists()} == set()
    folders = {
        f"{path.relative_to(ROOT)}/"
        for path in (ROOT / "bot").rglob("*")
        if path.is_dir() and (path / "__init__.py").is_file()
    }
    assert folders - names == {"bot/storage/migrations/versions/"}


def test_the_direction_of_imports_is_the_one_that_is_checked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    [layers] = [one["layers"] for one in contracts if "layers" in one]
    checked = [[name.strip().removeprefix("bot.") for name in one.split("|")] for one in layers]
    text = re.sub(r"\s+", " ", (ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    [told] = re.findall(r"Imports go one way: `([^`]+)`", text)
    levels = [one.split(", ") for one in told.split(" → ")]
    assert [sorted(one) for one in levels] == [sorted(one) for one in checked]


# --- drawings and references in the code --------------------------------------------------------


def drawn_errors() -> dict[str, str]:
    """Return each error in the drawings at the top of the modules, with its parent."""
    found = {}
    for module in sorted((ROOT / "bot" / "errors").glob("*.py")):
        above: list[str] = []
        drawing = module.read_text("utf-8").partition("::\n")[2].partition('"""')[0]
        for indent, name in re.findall(r"(?m)^    ((?:[│├└ ][ ─]{3})*)(\w+)", drawing):
            depth = len(indent) // 4
            above[depth:] = [name]
            if depth:
                found[name] = above[depth - 1]
    return found


def test_every_error_is_in_a_drawing_of_the_tree() -> None:
    defined = {
        name: one.__bases__[0].__name__
        for name, one in inspect.getmembers(errors, inspect.isclass)
        if issubclass(one, errors.FlipbookError) and one is not errors.FlipbookError
    }
    assert drawn_errors() == defined


def test_a_page_that_the_code_refers_to_is_in_the_repository() -> None:
    for folder in ("bot", "cogs", "sandbox", "tests", "benchmarks"):
        for file in (ROOT / folder).rglob("*.py"):
            for name in re.findall(r"\b((?:\w+/)*[\w-]+\.md)\b", file.read_text("utf-8")):
                places = (ROOT / name, ROOT / "docs" / name, TESTS / name)
                assert any(place.exists() for place in places), f"{file}: {name}"


# --- numbers --------------------------------------------------------------------------------


def minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def spelled(number: float) -> str:
    """Spell a small number as a word."""
    return {3: "three", 5: "five", 7: "seven"}[int(number)]


MEGABYTE = 1_000_000


def default(name: str) -> str:
    """Return a setting's default; an amount is cut at the point if it is whole."""
    return default_of(variables()[name]).removesuffix(".00")


NUMBERS = [
    ("README.md", f"may spend ${default('BUDGET_USD_MONTH')} in a calendar month"),
    ("README.md", f"and one server ${default('BUDGET_USD_SERVER_MONTH')},"),
    ("README.md", f"make {default('QUOTA_VIDEOS')} videos a day in each server"),
    ("README.md", f"within {STOP_WITHIN_SECONDS + 2:.0f} seconds of SIGTERM"),
    ("settings.md", f"Undelivered videos are kept for {task.KEEP_UNDELIVERED.days}."),
    ("operator.md", f"`KEEP_IMAGES_DAYS` ({default('KEEP_IMAGES_DAYS')})"),
    ("operator.md", f"`/readyz` at most every {health.READY_FRESH} s"),
    ("operator.md", f"send {WAN22_I2V_PLUS.submits_per_second} tasks a second of each Wan 2.2"),
    ("operator.md", f"{WAN22_I2V_PLUS.concurrent} of them in progress"),
    ("operator.md", f"in progress, and {WAN26_I2V_FLASH.concurrent} of"),
    ("operator.md", f"the median of the last {spelled(prices.LAST)} charges"),
    ("operator.md", f"After {spelled(provider_status.UNCLEAR_IN_A_ROW)} unclear requests in a row"),
    ("operator.md", "at " + "{}, {} and {} % of each budget".format(*budget.LEVELS)),
    ("user.md", "at " + "{}, {} and {} % of a budget".format(*budget.LEVELS)),
    ("user.md", f"remove it within {spelled(rerolls.SECOND_THOUGHTS)} seconds"),
    ("user.md", f"can be sent again for {spelled(task.KEEP_UNDELIVERED.days)} days"),
    ("CHANGELOG.md", f"`KEEP_AUDIT_DAYS` ({default('KEEP_AUDIT_DAYS')})"),
    ("CHANGELOG.md", f"A person may send {spelled(intake.FAILURES_MAX)} pictures a minute"),
    ("operator.md", f"After {minutes(provider_status.FIRST_PROBE_AFTER)} minutes it lets one"),
    ("security.md", f"{worker.MEMORY_MAX / 1024**3} GB of address space"),
    ("security.md", f"{pool.SECONDS_MAX:.0f} s, no core dumps"),
    ("security.md", f"at most {http_client.ANSWER_BYTES_MAX // 1000} kB, parsed"),
    ("security.md", f"at most {download.VIDEO_BYTES_MAX // MEGABYTE} MB, never decompressed"),
    ("security.md", f"at each of at most {download.HOPS_MAX} redirects"),
    ("security.md", f"live in memory for {minutes(interaction_tokens.LIFE)} minutes"),
    ("security.md", f"{health.MOST_CONNECTIONS} connections of {health.CONNECTION_SECONDS:.0f} s"),
    ("security.md", f"At most {intake.MOST_AT_ONCE} pictures are accepted at a time"),
    (
        "security.md",
        f"{intake.INSIDE_OF_SERVER} of a server and {intake.INSIDE_OF_PERSON} of a person",
    ),
    ("security.md", f"{intake.READING_AT_ONCE} are read at once"),
    (
        "security.md",
        f"{intake.READING_OF_SERVER} of a server and {intake.READING_OF_PERSON} of a person",
    ),
    ("security.md", f"{intake.FAILURES_MAX} pictures a minute that come to nothing"),
    ("security.md", f"at most {rate_limiter.MOST:.0f} requests a second to Discord"),
    ("operator.md", f"{health.MOST_CONNECTIONS} connections at once"),
    ("operator.md", f"each for {health.CONNECTION_SECONDS:.0f} s at most"),
    ("operator.md", f"`/metrics` is computed at most every {health.METRICS_FRESH:.0f} s"),
    ("operator.md", f"for {task.KEEP_UNDELIVERED.days} days where they cannot"),
    ("performance.md", f"At most {intake.READING_AT_ONCE} pictures are read at once"),
    ("performance.md", f"read at once, {intake.READING_OF_SERVER} of a server"),
    ("troubleshooting.md", f"within the last {minutes(command_access.STALE)} minutes"),
    ("troubleshooting.md", f"for {task.DEADLINE.total_seconds() / 3600:.0f} hours"),
    ("troubleshooting.md", f"for {task.KEEP_UNDELIVERED.days} days"),
    ("troubleshooting.md", f"after {minutes(provider_status.FIRST_PROBE_AFTER)} minutes"),
    ("scaling.md", f"silent for {LEASE.total_seconds():.0f} s"),
    ("scaling.md", f"waits up to {gateways.PATIENCE.total_seconds():.0f} s"),
    ("scaling.md", f"{rate_limiter.MOST:.0f} requests a second"),
    ("scaling.md", f"they also look every {RENEW_EVERY:.0f} s"),
    ("scaling.md", f"Each process uses up to {postgres.CONNECTIONS} connections"),
    ("scaling.md", f"({gateways.LEASE.total_seconds():.0f} s, renewed every"),
    ("performance.md", f"one edit in {progress.EDIT_EVERY:.0f} s for a task"),
    ("performance.md", f"one in {progress.CHANNEL_EVERY:.0f} s in a channel"),
    ("performance.md", f"and {1 / progress.ANYWHERE_EVERY:.0f} a second overall"),
    ("performance.md", f"sent at once, {poller.LOOKS_AT_ONCE} at a time"),
    ("performance.md", f"chunks of {download.CHUNK // 1024} KiB"),
    ("performance.md", f"next to others, {CLAIM_AT_ONCE}, so"),
    ("performance.md", f"and {poll_entry.MOST_WHOLE} whole tasks"),
    ("performance.md", f"takes over {CLAIM_AT_ONCE_ALONE:,} tasks at a time"),
    ("troubleshooting.md", f"intervals of up to {blockade.LONGEST_PAUSE:.0f} s"),
    ("user.md", f"Flipbook says so after {minutes(task.TELL_LATE_AFTER)} minutes"),
    ("user.md", f"at least {MODEL.side_min} pixels on both sides"),
    ("user.md", f"in 1 to {MODEL.prompt_chars} characters"),
    ("user.md", f"a number from 0 to {MODEL.seed_max}."),
    ("user.md", f"reads files of up to {first_frame.SOURCE_BYTES_MAX // MEGABYTE} MB"),
    (
        "user.md",
        f"sides over {MODEL.side_max} pixels or of more than {MODEL.picture_bytes // MEGABYTE} MB",
    ),
    ("user.md", f"at most {MODEL.negative_prompt_chars} characters"),
    ("user.md", f"after {task.KEEP_PROMPTS.days} days"),
    ("user.md", f"within {minutes(interaction_tokens.LIFE)} minutes, and"),
]


@pytest.mark.parametrize(("name", "words"), NUMBERS)
def test_the_guides_numbers_are_the_codes(name: str, words: str) -> None:
    assert words in re.sub(r"\s+", " ", page(name))
