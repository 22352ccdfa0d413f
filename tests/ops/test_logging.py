import asyncio
import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from bot.about import about
from bot.ops.logging import set_up_logging
from bot.ops.redaction import HIDDEN, Redactor

SECRET = "test-key-that-is-secret"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Restore the root logger as pytest set it up."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


def lines(out: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_text_line_has_moment_level_place_task_and_message(out: io.StringIO) -> None:
    set_up_logging(stream=out)
    logging.getLogger("bot.worker").warning("took %d s", 61, extra={"task": "t0000001"})
    moment, rest = out.getvalue().split(" ", 1)
    assert moment.endswith("Z")
    assert rest == "WARNING bot.worker: [t0000001] took 61 s\n"


def test_every_json_line_is_one_object_with_the_task_around_it(out: io.StringIO) -> None:
    set_up_logging(format="json", stream=out)
    with about(task="t0000002"):
        logging.getLogger("bot").info("über\nzwei", extra={"rung": 2})
    logging.getLogger("bot").info("after")
    first, second = lines(out)
    assert first["message"] == "über\nzwei"
    assert (first["task"], first["rung"], first["level"]) == ("t0000002", "2", "INFO")
    assert "task" not in second


async def test_two_tasks_at_once_keep_their_own_names(out: io.StringIO) -> None:
    set_up_logging(format="json", stream=out)

    async def work(task: str) -> None:
        with about(task=task):
            await asyncio.sleep(0)
            logging.getLogger("bot").info(task)

    await asyncio.gather(work("t1"), work("t2"))
    assert all(line["task"] == line["message"] for line in lines(out))


@pytest.mark.parametrize("format", ["text", "json"])
def test_a_secret_is_hidden_in_message_arguments_exception_and_extra(
    out: io.StringIO, format: str
) -> None:
    set_up_logging(format="json" if format == "json" else "text", secrets=[SECRET], stream=out)
    log = logging.getLogger("bot")
    log.info("key %s", SECRET)
    log.info(f"in the words {SECRET}")  # noqa: G004 - this is what careless code does
    try:
        raise ValueError(f"sent {SECRET}")
    except ValueError:
        log.exception("broke", extra={"header": SECRET})
    assert SECRET not in out.getvalue()
    assert out.getvalue().count(HIDDEN) >= 3
    assert "ValueError: sent" in out.getvalue()


def test_a_malformed_logging_call_neither_fails_nor_leaks(
    out: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging(secrets=[SECRET], stream=out)
    root = logging.getLogger()
    root.handlers[:] = root.handlers[-1:]  # pytest's own handlers raise on such a call
    logging.getLogger("bot").info("%d pictures", SECRET)
    assert "%d pictures" in out.getvalue()
    assert SECRET not in out.getvalue() + capsys.readouterr().err


def test_a_closed_stream_does_no_harm(capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    set_up_logging(stream=out)
    out.close()
    logging.getLogger("bot").warning("who hears it")
    assert capsys.readouterr().err == ""


def test_one_text_line_stays_one_line(out: io.StringIO) -> None:
    set_up_logging(stream=out)
    logging.getLogger("bot").info("a file called %s", "x\n2026-11-23 ERROR \x1b[31mfake")
    assert len(out.getvalue().splitlines()) == 1
    assert "\x1b" not in out.getvalue()


def test_setting_it_up_again_replaces_the_first(out: io.StringIO) -> None:
    set_up_logging(stream=out)
    set_up_logging(stream=out, level="ERROR")
    logging.getLogger("bot").info("not any more")
    logging.getLogger("bot").error("once")
    assert out.getvalue().count("once") == 1
    assert "not any more" not in out.getvalue()


def test_python_warnings_are_logged_the_same_way(out: io.StringIO) -> None:
    set_up_logging(format="json", secrets=[SECRET], stream=out)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"an old way to pass {SECRET}", stacklevel=1)
    (line,) = lines(out)
    assert "an old way" in line["message"]
    assert SECRET not in out.getvalue()


def test_missing_voice_libraries_are_no_warning(out: io.StringIO) -> None:
    set_up_logging(stream=out)
    logging.getLogger("discord.client").warning("PyNaCl is not installed, voice will NOT be …")
    logging.getLogger("discord.client").warning("something else")
    assert len(out.getvalue().splitlines()) == 1


@pytest.mark.parametrize("library", ["aiosqlite", "PIL"])
def test_libraries_that_print_statements_stay_quiet_at_debug(
    out: io.StringIO, library: str
) -> None:
    set_up_logging(level="DEBUG", stream=out)
    logging.getLogger(library).debug("INSERT … %s", "somebody's prompt")
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        # discord.py logs these at DEBUG.
        (
            "Webhook ID 1 with POST https://discord.com/api/v10/webhooks/1/SeCrEt-tok?wait=1 has …",
            "SeCrEt-tok",
        ),
        ("POST /interactions/77/SeCrEt.tok/callback", "SeCrEt.tok"),
        ("PATCH /webhooks/77/SeCrEt.tok/messages/@original", "SeCrEt.tok"),
        ("handled by bucket hash None with '77+SeCrEt-token' major parameters", "SeCrEt-token"),
        ("WebSocket Event: {'t': 'INTERACTION_CREATE', 'd': {'token': 'SeCrEt'}}", "SeCrEt"),
        ('{"d": {"token": "SeCrEt", "id": "1"}}', "SeCrEt"),
        ("failed for aW50ZXJhY3Rpb246MTIzNDU2Nzg5", "MTIzNDU2Nzg5"),
        ("Authorization: Bot SeCrEt", "SeCrEt"),
        ("{'Authorization': 'Bearer SeCrEt', 'x': 1}", "SeCrEt"),
        ("('authorization', 'Bearer SeCrEt')", "SeCrEt"),
        ("Bearer sk0123456789", "sk0123456789"),
        ("A" * 26 + "." + "B" * 6 + "." + "C" * 38, "CCC"),
        ("sqlite://me:SeCrEt@host/db", "SeCrEt"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(line: str, secret: str) -> None:
    cleaned = Redactor()(line)
    assert secret not in cleaned
    assert HIDDEN in cleaned


@pytest.mark.parametrize(
    "line",
    [
        "Bot permissions missing: attach_files",
        "bucket hash None with '123456789012345678+223456789012345678' major parameters",
        "PATCH https://discord.com/api/v10/channels/1/messages/2 has returned 200",
        "Bearer of bad news",
        "GET /model/v1/generation/task/ab12 took 12.5 ms",
    ],
)
def test_ordinary_lines_stay_as_they_are(line: str) -> None:
    assert Redactor()(line) == line


def test_a_secret_is_hidden_in_an_address_too() -> None:
    assert "a%2Fb%2Bc" not in Redactor(["a/b+c"])("GET /x?key=a%2Fb%2Bc")


def test_a_secret_that_holds_another_is_hidden_whole() -> None:
    assert Redactor(["abcd", "abcdefgh"])("abcdefgh") == HIDDEN


def test_no_secret_at_all_hides_nothing() -> None:
    assert Redactor(["", "ab"])("ab and abc") == "ab and abc"


# Control characters of both kinds, characters that turn a line's direction, and line separators.
STEERING = "\x1b[2J\x7f\x9b2J\x85\u202egnp\u2066\u2069\u200e\u061c\u2028\u2029"


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_in_a_line_steers_a_terminal(out: io.StringIO, form: Any) -> None:
    set_up_logging(stream=out, format=form)
    logging.getLogger("bot").warning("name: %s", STEERING)
    line = out.getvalue().rstrip("\n")
    assert line.isprintable()
    assert "name: " in line
    if form == "json":
        assert json.loads(line)["message"] == f"name: {STEERING}"


@pytest.mark.parametrize("name", ["discord.gateway", "discord.http", "discord.webhook.async_"])
def test_what_people_wrote_is_in_no_line_at_any_level(out: io.StringIO, name: str) -> None:
    """discord.py prints whole payloads at DEBUG."""
    set_up_logging(stream=out, level="DEBUG")
    logging.getLogger(name).debug("WebSocket Event: %s", {"value": "a very particular unicorn"})
    assert out.getvalue() == ""
