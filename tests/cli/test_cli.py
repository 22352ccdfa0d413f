"""The command line, as operators use it."""

import asyncio
import io
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route
from pydantic import SecretStr

from bot.cli import main
from bot.cli.animate import FilePicture, Wish, check_image, options_of, output_of
from bot.cli.check.checks import look
from bot.cli.check.finding import Finding
from bot.cli.errors import plain, words
from bot.cli.output import as_data, as_json_text
from bot.cli.run import until_signal
from bot.cli.task import since
from bot.clock import SystemClock
from bot.domain.models.model import WAN22_I2V_FLASH
from bot.domain.money import Usd
from bot.domain.task import State, Task
from bot.errors import CommandError, PermissionsMissing, PictureUnavailable
from bot.settings.settings import Settings
from bot.storage.engine.database import open_database
from bot.storage.schema import head
from bot.storage.tasks.tasks import TaskStore
from bot.ui import registered
from sandbox.discord import LocalDiscord, Permission
from sandbox.vtrix import LocalVtrix
from tests.factories import (
    NOON,
    make_limits,
    make_new_task,
    make_options,
    make_picture,
    make_request,
    make_task,
)

pytestmark = pytest.mark.usefixtures("folder")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def flipbook(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command, and return its exit code, standard output and standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["flipbook", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def keep(*tasks: Task) -> None:
    """Put tasks into the working directory's database, and move those marked as unknown to that
    state.
    """

    async def work() -> None:
        async with open_database("sqlite:///data/flipbook.db") as database:
            store = TaskStore(database, clock=SystemClock())
            for task in tasks:
                new = make_new_task(id=task.id, request=task.request)
                kept = await store.reserve(new, make_limits(videos=-1, concurrent=99))
                if task.state is State.UNKNOWN:
                    await store.unknown(await store.submitting(kept), None)

    asyncio.run(work())


# --- the command as a whole --------------------------------------------------------------------


def test_help_is_quick_because_it_loads_nothing_heavy() -> None:
    script = (
        "import sys; sys.argv = ['flipbook', '--help']\n"
        "from bot.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: code = end.code\n"
        "heavy = {'discord', 'alembic', 'sqlalchemy', 'PIL', 'aiohttp', 'pydantic'}\n"
        "print(code, sorted(heavy & set(sys.modules)))\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "0 []"
    for command in ("run", "check", "animate", "task", "db"):
        assert f"\n  {command}" in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_that_is_not_utf_8_shows_what_it_can(folder: Path, encoding: str) -> None:
    words = "雪が降る 🎬 caf\u00e9 \u202e\u0085"
    keep(make_task(request=make_request(options=make_options(prompt=words))))
    root = str(Path(__file__).parents[2])

    def shown(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "bot", "task", *arguments],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": root, "PYTHONIOENCODING": encoding},
            capture_output=True,
            check=True,
        )
        return done.stdout.decode(encoding)

    assert ("雪が降る" if encoding == "utf-8" else "\\u96ea") in shown("list")
    as_json = shown("list", "--json")
    assert json.loads(as_json)[0]["request"]["options"]["prompt"] == words
    assert "\u202e" not in as_json, "the output contains terminal codes"
    assert "t0000001" in shown("show", "t0000001")


def test_running_as_a_module_is_the_same() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "bot", "version"], cwd=root, capture_output=True, check=True
    )
    assert done.stdout.startswith(b"flipbook ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("dance",),
        ("animate", "x.png"),
        ("animate", "x.png", "--prompt", "p", "--seed", "many"),
        ("task", "list", "--limit", "0"),
        ("task", "list", "--state", "lost"),
        ("task", "resolve", "t1"),
        ("task", "resolve", "t1", "--not-created", "--charged", "1"),
        ("task", "resolve", "t1", "--charged", "much"),
        ("task", "resolve", "t1", "--charged", "-1"),
        ("db", "backup"),
    ],
)
def test_wrong_usage_exits_2(flipbook: Run, arguments: tuple[str, ...]) -> None:
    code, out, err = flipbook(*arguments)
    assert code == 2
    assert "Traceback" not in out + err
    assert "Usage:" in err


def test_a_wrong_setting_is_a_line_and_no_traceback(
    flipbook: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUOTA_VIDEOS", "five")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    code, out, err = flipbook("run")
    assert (code, out) == (78, "")
    assert [line.split(" (")[0] for line in err.splitlines()[:2]] == [
        "flipbook: QUOTA_VIDEOS",
        "flipbook: LOG_LEVEL",
    ]
    assert "DISCORD_TOKEN is missing" in err
    assert "VTRIX_API_KEY is missing" in err
    assert "cp .env.example .env" in err
    assert "Traceback" not in err


def test_json_logs_begin_with_the_first_line(
    flipbook: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_FORMAT", "json")
    code, _, err = flipbook("run")
    lines = [json.loads(line) for line in err.splitlines()]
    assert code == 78
    assert [line["level"] for line in lines] == ["CRITICAL"] * 3
    assert lines[0]["message"].startswith("DISCORD_TOKEN is missing")


def test_a_traceback_comes_at_debug_only_and_without_secrets(
    flipbook: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VTRIX_API_KEY", "test-secret-key")
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    code, _, err = flipbook("task", "show", "test-secret-key")
    assert code == 1
    assert "Traceback" in err
    assert "test-secret-key" not in err


def test_a_mistake_in_the_program_is_one_line_too() -> None:
    (line,) = words(KeyError("seed"))
    assert line == "unexpected error: KeyError: 'seed' (LOG_LEVEL=DEBUG shows the traceback)"


def test_refusals_are_those_of_discord_without_its_markdown() -> None:
    (line,) = words(PermissionsMissing(["attach_files"]))
    assert "Attach Files" in line
    assert "*" not in line.replace("**Attach Files**", "")
    assert plain(r"until <t:1795435200:R> \*") == "until on 2026-11-23 at 12:00 UTC *"


# --- db -------------------------------------------------------------------------------------


def test_a_database_is_made_checked_and_copied(flipbook: Run) -> None:
    assert flipbook("db", "upgrade")[:2] == (
        0,
        f"sqlite:///data/flipbook.db: created at version {head()}\n",
    )
    assert "already" in flipbook("db", "upgrade")[1]
    assert flipbook("db", "check")[:2] == (0, "no damage found\n")
    code, out, _ = flipbook("db", "backup", "copy.db")
    assert (code, out) == (0, f"copy.db: {Path('copy.db').stat().st_size} bytes\n")
    code, _, err = flipbook("db", "backup", "copy.db")
    assert code == 1
    assert "copy.db" in err


def test_a_damaged_database_is_told(flipbook: Run) -> None:
    Path("data").mkdir()
    Path("data/flipbook.db").write_bytes(b"not a database at all" * 500)
    for command in (("db", "check"), ("db", "upgrade"), ("task", "list")):
        code, out, err = flipbook(*command)
        assert (code, out) == (1, "")
        assert "Traceback" not in err
        assert len(err.splitlines()) == 1


# --- prices ---------------------------------------------------------------------------------


def test_the_charges_behind_estimates_are_shown_and_forgotten(flipbook: Run) -> None:
    flipbook("db", "upgrade")
    with closing(sqlite3.connect("data/flipbook.db")) as connection, connection:
        connection.executemany(
            "INSERT INTO charges (model, resolution, cost, at) "
            "VALUES ('wan22_i2v_flash', '720P', ?, 0)",
            [(250_000,), (9_999_000_000,), (300_000,)],
        )
    code, out, _ = flipbook("prices", "show")
    assert code == 0
    kind = ["wan22_i2v_flash", "720P"]
    (line,) = [one.split(maxsplit=6) for one in out.splitlines() if one.split()[:2] == kind]
    assert line[2:6] == ["5", "-", "$0.20", "$0.275"]
    assert line[6].split() == ["$0.30,", "$0.25", "$9999.00"]
    code, out, _ = flipbook("prices", "reset")
    assert (code, out.split()[0]) == (0, "3")
    found = json.loads(flipbook("prices", "show", "--json")[1])
    (of_720,) = [one for one in found if [one["model"], one["resolution"]] == kind]
    assert (of_720["estimate"], of_720["counted"]) == ("0.200000", [])
    assert (of_720["seconds"], of_720["audio"]) == (5, False)


# --- task -----------------------------------------------------------------------------------


def test_reading_a_database_that_is_not_there_makes_none(flipbook: Run) -> None:
    code, _, err = flipbook("task", "list")
    assert code == 1
    assert "there is no database at data/flipbook.db" in err
    assert not Path("data").exists()


def test_tasks_are_listed_and_shown_for_people_and_programs(flipbook: Run) -> None:
    request = replace(make_task().request, options=make_options(prompt="[red]x\x1b[31m"))
    keep(make_task(id="t0000001"), make_task(id="t0000002", state=State.UNKNOWN, request=request))
    code, out, _ = flipbook("task", "list")
    assert code == 0
    assert "t0000001" in out
    assert "[red]x [31m" in out, "other people's text is markup or contains terminal codes"
    listed = json.loads(flipbook("task", "list", "--json", "--state", "unknown")[1])
    assert listed == json.loads(flipbook("task", "list", "--json", "--state", "unclear")[1])
    assert [task["id"] for task in listed] == ["t0000002"]
    shown = json.loads(flipbook("task", "show", "t0000002", "--json")[1])
    assert shown["state"] == "unknown"
    assert shown["estimate"] == "0.200000"
    assert shown["request"]["options"]["prompt"] == "[red]x\x1b[31m"
    assert "request.options.seed" in flipbook("task", "show", "t0000001")[1]


def test_a_task_that_is_not_there(flipbook: Run) -> None:
    keep()
    for arguments in (("show", "nope"), ("resolve", "nope", "--not-created")):
        code, out, err = flipbook("task", *arguments)
        assert (code, out, err) == (1, "", "flipbook: there is no task 'nope'\n")


@pytest.mark.parametrize(
    ("how", "state", "cost"),
    [
        (("--created", "job-9"), "running", None),
        (("--not-created",), "failed", None),
        (("--charged", "0.25"), "failed", "0.250000"),
    ],
)
def test_an_unknown_task_is_resolved_once(
    flipbook: Run, how: tuple[str, ...], state: str, cost: str | None
) -> None:
    keep(make_task(state=State.UNKNOWN))
    code, out, _ = flipbook("task", "resolve", "t0000001", *how)
    assert code == 0
    assert out.startswith(f"t0000001 {state}")
    shown = json.loads(flipbook("task", "show", "t0000001", "--json")[1])
    assert (shown["state"], shown["cost"]) == (state, cost)
    code, _, err = flipbook("task", "resolve", "t0000001", *how)
    assert code == 1
    assert f"t0000001 is {state}: only an unknown task" in err


def test_what_is_unclear_is_listed_with_what_it_holds_and_since_when(flipbook: Run) -> None:
    unclear = [make_task(id=f"t000000{n}", state=State.UNKNOWN) for n in (1, 2)]
    keep(*unclear, make_task(id="t0000003"))
    for arguments in ((), ("--state", "unclear")):
        out = flipbook("task", "list", *arguments)[1]
        last = out.splitlines()[-1]
        assert last.startswith("2 unclear tasks hold $0.40, the oldest since 20")
    assert "hold" not in flipbook("task", "list", "--state", "queued")[1]


@pytest.mark.parametrize(
    ("how", "cost"), [(("--not-created",), None), (("--charged", "0.25"), "0.250000")]
)
def test_many_unclear_tasks_are_ended_after_a_question(
    flipbook: Run, monkeypatch: pytest.MonkeyPatch, how: tuple[str, ...], cost: str | None
) -> None:
    keep(*(make_task(id=f"t000000{n}", state=State.UNKNOWN) for n in (1, 2)))
    keep(make_task(id="t0000003"))
    end = ("task", "resolve", "--all-since", "2h", *how)

    def states() -> list[tuple[str, str | None]]:
        listed = json.loads(flipbook("task", "list", "--json")[1])
        return sorted((task["state"], task["cost"]) for task in listed)

    before = states()
    for text in ("n\n", ""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        code, out, _ = flipbook(*end)
        assert code == 1
        assert "Resolve these 2 unclear tasks as" in out
        assert states() == before
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    code, out, _ = flipbook(*end)
    assert code == 0
    assert "t0000001 failed" in out
    assert states() == [("failed", cost), ("failed", cost), ("queued", None)]
    assert flipbook(*end, "--yes")[:2] == (0, "no unclear task was sent since then\n")


def test_only_those_sent_since_then_are_ended(flipbook: Run) -> None:
    keep(make_task(state=State.UNKNOWN))
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    code, out, _ = flipbook("task", "resolve", "--all-since", later, "--not-created", "--yes")
    assert (code, out) == (0, "no unclear task was sent since then\n")
    assert flipbook("task", "resolve", "--all-since", "1d", "--not-created", "--yes")[0] == 0
    assert "failed" in flipbook("task", "list")[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--not-created",),
        ("t0000001", "--all-since", "1d", "--not-created"),
        ("--all-since", "1d", "--created", "job-1"),
        ("--all-since", "1d"),
        ("--all-since", "yesterday", "--not-created"),
        ("--all-since", "1d", "--charged", "much"),
    ],
)
def test_invalid_arguments_resolve_no_task(flipbook: Run, arguments: tuple[str, ...]) -> None:
    keep(make_task(state=State.UNKNOWN))
    assert flipbook("task", "resolve", *arguments)[0] == 2
    assert "unknown" in flipbook("task", "list")[1]


def test_since_takes_a_time_or_a_span_before_now() -> None:
    for text, moment in {
        "90m": NOON - timedelta(minutes=90),
        "6h": NOON - timedelta(hours=6),
        "2d": NOON - timedelta(days=2),
        "2026-11-20": datetime(2026, 11, 20, tzinfo=UTC),
        "2026-11-20T14:30": datetime(2026, 11, 20, 14, 30, tzinfo=UTC),
        "2026-11-20T14:30+02:00": datetime(2026, 11, 20, 12, 30, tzinfo=UTC),
    }.items():
        assert since(text, NOON) == moment


def test_money_and_moments_as_data() -> None:
    data = as_data(make_task(cost=Usd.parse("0.0075")))
    assert data["cost"] == "0.007500"
    assert data["created_at"] == "2026-11-23T12:00:00+00:00"
    assert data["delivery"]["rung"] == "edit"
    json.dumps(data)


# --- animate --------------------------------------------------------------------------------


def make_wish(**changes: object) -> Wish:
    wish = Wish(image=Path("photo.jpg"), prompt="waves", resolution="720P")
    return replace(wish, **changes)  # type: ignore[arg-type]


def test_a_seed_is_drawn_where_none_is_given_and_kept_where_one_is() -> None:
    drawn = {options_of(make_wish(), WAN22_I2V_FLASH).seed for _ in range(8)}
    assert len(drawn) > 1
    assert options_of(make_wish(seed=0), WAN22_I2V_FLASH).seed == 0


def test_options_default_to_the_models() -> None:
    long = replace(WAN22_I2V_FLASH, default_resolution="1080P", seed_max=1)
    drawn = options_of(make_wish(resolution=None), long)
    assert (drawn.resolution, drawn.seed in (0, 1)) == ("1080P", True)
    assert options_of(make_wish(), long).resolution == "720P"


def test_the_video_is_named_for_picture_and_seed(folder: Path) -> None:
    assert output_of(make_wish(), 7) == Path("photo-7.mp4")
    assert output_of(make_wish(output=folder), 7) == folder / "photo-7.mp4"


def test_a_place_that_cannot_take_the_video_is_refused_before_anything_is_spent(
    folder: Path,
) -> None:
    with pytest.raises(CommandError, match="not a writable folder"):
        output_of(make_wish(output=folder / "nowhere" / "x.mp4"), 7)
    there = folder / "x.mp4"
    there.write_bytes(b"precious")
    with pytest.raises(CommandError, match="--force"):
        output_of(make_wish(output=there), 7)
    assert output_of(make_wish(output=there, force=True), 7) == there


def test_a_name_that_the_file_system_does_not_take_is_refused_before_anything_is_spent(
    folder: Path,
) -> None:
    # The picture's own name is short enough, but not with the seed appended.
    with pytest.raises(CommandError, match="too long; choose another name with -o"):
        output_of(make_wish(image=folder / f"{'é' * 122}.jpg", output=folder), 7)
    with pytest.raises(CommandError, match="too long"):
        output_of(make_wish(output=folder / f"{'x' * 246}.mp4"), 7)
    fits = folder / f"{'x' * 242}.mp4"
    assert output_of(make_wish(output=fits), 7) == fits
    assert list(folder.iterdir()) == [], "the check left a file"


def test_a_picture_that_is_not_there_is_refused(flipbook: Run, folder: Path) -> None:
    with pytest.raises(CommandError, match=r"nothing\.png: No such file"):
        check_image(folder / "nothing.png")
    os.environ["VTRIX_API_KEY"] = "test-key"
    try:
        code, _, err = flipbook("animate", "nothing.png", "--prompt", "p")
    finally:
        del os.environ["VTRIX_API_KEY"]
    assert (code, err) == (1, "flipbook: nothing.png: No such file or directory\n")


async def test_a_picture_is_read_in_pieces(folder: Path) -> None:
    content = make_picture("BMP", size=(800, 600))
    (folder / "p.bmp").write_bytes(content)
    picture = FilePicture(folder / "p.bmp")
    pieces = [piece async for piece in picture.read()]
    assert b"".join(pieces) == content
    assert len(pieces) > 1
    assert (picture.name, picture.announced_bytes) == ("p.bmp", len(content))
    with pytest.raises(PictureUnavailable):
        [piece async for piece in FilePicture(folder / "gone").read()]


# --- run ------------------------------------------------------------------------------------


async def test_signals_stop_the_bot_once_with_time_to_finish() -> None:
    finished = asyncio.Event()

    async def work() -> int:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.Event().wait()
        finally:
            # A second signal does not interrupt what is being written.
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            finished.set()
        return 3

    assert await until_signal(work) == 0
    assert finished.is_set()


async def test_without_a_signal_its_own_code_counts() -> None:
    async def work() -> int:
        return 3

    assert await until_signal(work) == 3


async def test_a_cancellation_from_inside_is_no_clean_exit() -> None:
    async def work() -> int:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await until_signal(work)


# --- check ----------------------------------------------------------------------------------


@pytest.fixture
async def local_discord(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalDiscord]:
    # discord.py keeps its addresses in class attributes, which must be restored for the next test.
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    async with LocalDiscord() as local:
        yield local


@pytest.fixture
async def local_provider() -> AsyncIterator[LocalVtrix]:
    async with LocalVtrix() as local:
        yield local


@pytest.fixture
def settings(local_discord: LocalDiscord, local_provider: LocalVtrix) -> Settings:
    return Settings(
        discord_token=local_discord.token,
        discord_api_url=local_discord.api_url,
        vtrix_api_key=local_provider.key,
        vtrix_base_url=local_provider.base_url,
    )


async def findings(settings: Settings) -> dict[str, Finding]:
    """Run `check`, and return its findings by subject; with several servers, the last one wins."""
    return {finding.what: finding async for finding in look(settings)}


async def test_check_finds_everything_fine(
    settings: Settings, local_discord: LocalDiscord, local_provider: LocalVtrix, folder: Path
) -> None:
    found = await findings(settings)
    assert all(finding.fine for finding in found.values()), found
    assert "Workshop: has every permission, but not in #no-files" in found["server"].says
    assert "1000 of 1000 logins are left today" in found["shards"].says
    assert found["provider"].says.endswith("reached, the key is accepted")
    assert not local_provider.creates, "the check spent money"
    assert all(request.method == "GET" for request in local_discord.requests)
    assert not (folder / "data").exists(), "the check created something"


async def test_check_names_what_is_missing() -> None:
    found = await findings(Settings())
    assert found["database"].fine
    assert str(found["discord"]) == "FAIL  discord     DISCORD_TOKEN is missing"
    assert str(found["provider"]) == "FAIL  provider    VTRIX_API_KEY is missing"


async def test_check_warns_where_people_are_not_told_what_they_must_be(settings: Settings) -> None:
    async def policies(**changes: str) -> list[str]:
        changed = settings.model_copy(update=changes)
        return [str(one) async for one in look(changed) if one.what == "policies"]

    page = "https://bot.example/privacy"
    missing = await policies(privacy_url=page)
    assert [line.split()[:3] for line in missing] == [
        ["warn", "policies", "TERMS_URL"],
        ["warn", "policies", "OPERATOR_CONTACT"],
    ]
    assert "Discord requires a privacy policy" in (await policies())[0]
    assert await policies(privacy_url=page, terms_url=page, operator_contact="me") == [
        "ok    policies    privacy policy, terms and contact are in /help"
    ]


async def test_check_names_a_refused_token_and_a_refused_key(settings: Settings) -> None:
    wrong = SecretStr("wrong-key")
    found = await findings(
        settings.model_copy(update={"discord_token": wrong, "vtrix_api_key": wrong})
    )
    assert found["discord"] == Finding(False, "discord", "Discord does not accept DISCORD_TOKEN")
    assert found["provider"].says.endswith("the key in VTRIX_API_KEY is refused")


async def test_check_names_who_does_not_answer(settings: Settings) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
        found = await findings(
            settings.model_copy(update={"discord_api_url": nowhere, "vtrix_base_url": nowhere})
        )
    for what in ("discord", "provider"):
        assert not found[what].fine
        assert nowhere in found[what].says


async def test_check_names_the_permissions_a_server_does_not_give(
    settings: Settings, local_discord: LocalDiscord
) -> None:
    world = local_discord.world
    for role in world.guild.roles.values():
        role.permissions &= ~(Permission.ATTACH_FILES | Permission.ADMINISTRATOR)
    found = await findings(settings)
    assert found["server"] == Finding(False, "server", "Workshop: missing: Attach Files")


async def test_check_names_the_switch_that_people_s_own_installs_need(
    settings: Settings, local_discord: LocalDiscord
) -> None:
    elsewhere = settings.model_copy(update={"user_install": True})
    found = await findings(elsewhere)
    assert found["install"] == Finding(True, "install", "people can install the app for themselves")
    local_discord.world.own_installs = False
    found = await findings(elsewhere)
    assert not found["install"].fine
    assert "User Install in the developer portal" in found["install"].says
    assert "install" not in await findings(settings)


async def test_check_names_commands_that_discord_has_otherwise(
    settings: Settings, local_discord: LocalDiscord
) -> None:
    async def says() -> list[Finding]:
        return [one async for one in look(settings) if one.what == "commands"]

    gateway, told = await says()
    assert gateway.fine
    assert told == Finding(True, "commands", "the next start registers them")
    wanted: list[Any] = [
        {"name": name, "description": "a", "integration_types": [0]}
        for name in ("animate", "tasks")
    ]
    registered.keep(settings.data_dir / registered.FILE, wanted)
    local_discord.commands.put_all(None, wanted)
    assert (await says())[1] == Finding(True, "commands", "Discord has all 2")
    changed = wanted[0] | {"description": "of another"}
    local_discord.commands.put_all(None, [changed, {"name": "imagine", "description": "c"}])
    _, told = await says()
    assert not told.fine
    for part in (
        "/animate differs in description",
        "/tasks is missing",
        "/imagine is not one of Flipbook's",
    ):
        assert part in told.says


async def test_check_warns_where_interactions_go_elsewhere(
    settings: Settings, local_discord: LocalDiscord
) -> None:
    local_discord.world.interactions_endpoint = "https://example.com/interactions"
    [finding, _] = [one async for one in look(settings) if one.what == "commands"]
    assert not finding.fine
    assert "https://example.com/interactions instead of the gateway" in finding.says


async def test_check_holds_the_servers_against_the_list(settings: Settings) -> None:
    found = [
        str(finding)
        async for finding in look(settings.model_copy(update={"guilds": frozenset({4242})}))
        if finding.what == "server"
    ]
    assert found == [
        "ok    server      Workshop: not in GUILDS, so it is ignored",
        "FAIL  server      4242 is in GUILDS, but the bot is not in it",
    ]


def test_names_in_check_steer_no_terminal() -> None:
    name = "a\x1b[2J\nFAIL  all\x9b\u202eb"
    text = str(Finding(True, "server", f"{name}: every permission"))
    assert text.isprintable()
    assert "a\ufffd[2J\ufffdFAIL  all\ufffd\ufffdb: every permission" in text


def test_data_for_programs_steers_no_terminal() -> None:
    text = as_json_text({"prompt": "\x1b\x7f\x9b\u202e語"})
    assert text.replace("\n", "").isprintable()
    assert text.isascii()
    assert json.loads(text) == {"prompt": "\x1b\x7f\x9b\u202e語"}
