"""A task's id stands on each of its text lines, and once."""

import io
import logging

import pytest

from bot.ops.logging import set_up_logging, task_named


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
    with task_named("t1"):
        logging.getLogger("names").warning(message, "t1")
    assert stream.getvalue().rstrip().partition("names: ")[2] == line
