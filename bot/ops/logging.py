"""Logging: standard library, text or JSON, each line with what it is about, and no secret in any.

A JSON line has the `task`, the `server` and its `shard`, where it belongs to one; `bot.about` says
what is being worked on. A text line has the task only.
"""

import json
import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal, TextIO

from bot.about import current
from bot.ops.redaction import Redactor

LogFormat = Literal["text", "json"]

# What every record has; the rest came with `extra=` and goes into a JSON line as it is.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "task"}
# How discord.py begins what it says about one of its connections.
_OF_A_SHARD = "Shard ID %s "
# One line stays one line, and a terminal is not told what to do by a file's name.
_CONTROLS = (*range(32), *range(127, 160))
# What turns the direction of a line, and what other programs take for its end.
_UNSEEN = (0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
_ONE_LINE = (
    {code: f"\\x{code:02x}" for code in _CONTROLS}
    | {code: f"\\u{code:04x}" for code in _UNSEEN}
    | {10: "\\n", 13: "\\r", 9: " "}
)
# JSON's own escapes, for what it lets pass.
_IN_JSON = {code: f"\\u{code:04x}" for code in (*range(127, 160), *_UNSEEN)}
# They write whole statements, payloads and picture chunks at DEBUG: people's prompts.
_NEVER_DEBUG = ("aiosqlite", "discord.gateway", "discord.http", "discord.webhook", "PIL")
# It names each of its plugins at INFO.
_NEVER_INFO = ("alembic.runtime.plugins",)

# Of discord.py, at each start: the bot has no voice, and nobody should install one for it.
_NOT_MEANT = ("PyNaCl is not installed", "davey is not installed")


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


def name_shards(count: int) -> None:
    """From now on, a line about a server names its shard, one of ``count``."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _Handler) and isinstance(handler.formatter, _JsonFormatter):
            handler.formatter.shards = count


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
    return str(named) if named else current().task


def _server_of(record: logging.LogRecord) -> int | None:
    named = vars(record).get("server")
    return named if isinstance(named, int) else current().server


def _shard_of(record: logging.LogRecord, server: int | None, shards: int | None) -> int | None:
    arguments = record.args
    if str(record.msg).startswith(_OF_A_SHARD) and isinstance(arguments, tuple) and arguments:
        return arguments[0] if isinstance(arguments[0], int) else None
    if server is None or shards is None:
        return None
    # Discord's own rule.
    return (server >> 22) % shards


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
    shards: int | None = None
    """How many there are; not known before the gateway, nor by a worker, which has none."""

    def format(self, record: logging.LogRecord) -> str:
        server = _server_of(record)
        shard = _shard_of(record, server, self.shards)
        found = {
            "time": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": self.message(record),
            "task": _task_of(record),
            "server": None if server is None else str(server),
            "shard": None if shard is None else str(shard),
            "exception": self.trace(record) or None,
        }
        line = {key: value for key, value in found.items() if value is not None}
        # Each value is cleaned before it is quoted: escapes would hide a secret from the eye.
        extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        line |= {key: self._redact(str(value)) for key, value in extra.items() if key not in line}
        return json.dumps(line, ensure_ascii=False).translate(_IN_JSON)
