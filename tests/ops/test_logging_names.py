"""A task's id is on each of its text lines, exactly once."""

import io
import json
import logging

import pytest

from bot.about import about
from bot.ops.logging import name_shards, set_up_logging


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("task %s: delivered", "task t1: delivered"),
        ("asked again for %s", "[t1] asked again for t1"),
    ],
)
def test_a_text_line_begins_with_its_task_once(message: str, line: str) -> None:
    stream = io.StringIO()
    set_up_logging(stream=stream)
    with about(task="t1"):
        logging.getLogger("names").warning(message, "t1")
    assert stream.getvalue().rstrip().partition("names: ")[2] == line


def json_lines(stream: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_json_line_names_task_server_and_shard() -> None:
    stream = io.StringIO()
    set_up_logging(format="json", stream=stream)
    log = logging.getLogger("names")
    with about(task="t1", server=(5 << 22) + 1):
        log.warning("before the gateway")
        name_shards(4)
        log.warning("after it")
    log.warning("about nobody")
    before, after, nobody = json_lines(stream)
    assert (before["task"], before["server"]) == ("t1", str((5 << 22) + 1))
    assert "shard" not in before
    assert (after["task"], after["shard"]) == ("t1", "1")
    assert not {"task", "server", "shard"} & nobody.keys()


def test_a_line_of_discord_py_about_one_of_its_shards_names_it() -> None:
    stream = io.StringIO()
    set_up_logging(format="json", stream=stream)
    log = logging.getLogger("discord.gateway")
    log.warning("Shard ID %s has connected to Gateway (Session ID: %s).", 3, "abc")
    log.warning("Shard ID %s", "", exc_info=None)
    named, unnamed = json_lines(stream)
    assert named["shard"] == "3"
    assert "shard" not in unnamed
