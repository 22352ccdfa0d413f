"""Logging: standard library, text or JSON, the task's id on its lines, and no secret in any."""

import contextlib
import json
import logging
import sys
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal, TextIO

from bot.ops.redaction import Redactor

LogFormat = Literal["text", "json"]

# What every record has; the rest came with `extra=` and goes into a JSON line as it is.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "task"}
# One line stays one line, and a terminal is not told what to do by a file's name.
_ONE_LINE = {code: f"\\x{code:02x}" for code in (*range(32), 127)} | {10: "\\n", 13: "\\r", 9: " "}
# They write whole statements and picture chunks at DEBUG: people's prompts, and no insight.
_NEVER_DEBUG = ("aiosqlite", "PIL")
# It names each of its plugins at INFO.
_NEVER_INFO = ("alembic.runtime.plugins",)

# Of discord.py, at each start: the bot has no voice, and nobody should install one for it.
_NOT_MEANT = ("PyNaCl is not installed", "davey is not installed")

_task: ContextVar[str | None] = ContextVar("task", default=None)


@contextlib.contextmanager
def task_named(task_id: str) -> Iterator[None]:
    """Within it, every line carries the task's id."""
    token = _task.set(task_id)
    try:
        yield
    finally:
        _task.reset(token)


def set_up_logging(
    *,
    level: str = "INFO",
    format: LogFormat = "text",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Write everything to ``stream`` (stderr), in place of what was set up before.

    Args:
        level: a standard level's name.
        format: ``text`` for people, ``json`` for machines: one object a line.
        secrets: values that must not appear, beside everything that looks like one.
        stream: where to write.
    """
    handler = _Handler(stream or sys.stderr)
    formatter: type[_Formatter] = _JsonFormatter if format == "json" else _TextFormatter
    handler.setFormatter(formatter(Redactor(secrets)))
    handler.addFilter(_is_meant)
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _NEVER_DEBUG:
        logging.getLogger(name).setLevel(max(root.level, logging.INFO))
    for name in _NEVER_INFO:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
    logging.captureWarnings(True)


class _Handler(logging.StreamHandler[TextIO]):
    """A line that cannot be written is lost; the usual complaint would print its arguments."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        pass


def _is_meant(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(_NOT_MEANT)


class _Formatter(logging.Formatter):
    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def message(self, record: logging.LogRecord) -> str:
        """The line's text; a badly formed call loses its arguments, never the line."""
        try:
            text = record.getMessage()
        except Exception:  # noqa: BLE001 - an argument's own __str__ may raise anything
            text = f"{record.msg!r} (its arguments do not fit)"
        return self._redact(text)

    def trace(self, record: logging.LogRecord) -> str:
        """The exception and the stack, if there are any."""
        parts = []
        if record.exc_info and record.exc_info[0] is not None:
            parts.append(self.formatException(record.exc_info))
        if record.stack_info:
            parts.append(record.stack_info)
        return self._redact("\n".join(parts))


def _task_of(record: logging.LogRecord) -> str | None:
    named = vars(record).get("task")
    return str(named) if named else _task.get()


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class _TextFormatter(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        task = _task_of(record)
        message = self.message(record).translate(_ONE_LINE)
        # Most messages about a task begin with it: its id stands on the line once.
        named = f"[{task}] " if task and not message.startswith(f"task {task}:") else ""
        head = _moment(record).replace("+00:00", "Z")
        line = f"{head} {record.levelname:<7} {record.name}: {named}{message}"
        trace = self.trace(record)
        return f"{line}\n{trace}" if trace else line


class _JsonFormatter(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        task, trace = _task_of(record), self.trace(record)
        line = {
            "time": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": self.message(record),
        }
        if task:
            line["task"] = task
        if trace:
            line["exception"] = trace
        # Each value is cleaned before it is quoted: escapes would hide a secret from the eye.
        extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        line |= {key: self._redact(str(value)) for key, value in extra.items() if key not in line}
        return json.dumps(line, ensure_ascii=False)
