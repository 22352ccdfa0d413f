"""Standard-library logging as text or JSON: each line names its task, and none has a secret.

A JSON line has the fields `task`, `server` and `shard` if it belongs to one; `bot.about` knows what
is being worked on. A text line names the task only.
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

# Attributes of every record. Others come from `extra=` and go into a JSON line.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "task"}
# Prefix of discord.py's messages about one of its shards.
_OF_A_SHARD = "Shard ID %s "
# A record stays on one line, and a file's name cannot send control codes to a terminal.
_CONTROLS = (*range(32), *range(127, 160))
# Characters that change the direction of text, or that other programs take for line breaks.
_UNSEEN = (0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
_ONE_LINE = (
    {code: f"\\x{code:02x}" for code in _CONTROLS}
    | {code: f"\\u{code:04x}" for code in _UNSEEN}
    | {10: "\\n", 13: "\\r", 9: " "}
)
# JSON escapes for characters that JSON itself lets pass.
_IN_JSON = {code: f"\\u{code:04x}" for code in (*range(127, 160), *_UNSEEN)}
# At DEBUG, these log whole statements, payloads and picture chunks, with people's prompts.
_NEVER_DEBUG = ("aiosqlite", "discord.gateway", "discord.http", "discord.webhook", "PIL")
# Alembic logs each of its plugins at INFO.
_NEVER_INFO = ("alembic.runtime.plugins",)

# Warnings of discord.py at each start. The bot has no voice, so nobody needs these packages.
_NOT_MEANT = ("PyNaCl is not installed", "davey is not installed")


def set_up_logging(
    *,
    level: str = "INFO",
    format: LogFormat = "text",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Log to ``stream`` (by default stderr), replacing an earlier set-up.

    Args:
        level: a standard level's name.
        format: ``text`` for people, ``json`` for machines: one object a line.
        secrets: values to hide, in addition to everything that looks like a secret.
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
    """Log the shard, one of ``count``, on each line about a server from now on."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _Handler) and isinstance(handler.formatter, _JsonFormatter):
            handler.formatter.shards = count


class _Handler(logging.StreamHandler[TextIO]):
    """Drops a line that cannot be written; the standard complaint would print its arguments."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        pass


def _is_meant(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(_NOT_MEANT)


class _Formatter(logging.Formatter):
    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def message(self, record: logging.LogRecord) -> str:
        """The message; if its arguments do not fit, they are dropped, but the line is not."""
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
    # Discord's rule for the shard of a server.
    return (server >> 22) % shards


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class _TextFormatter(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        task = _task_of(record)
        message = self.message(record).translate(_ONE_LINE)
        # Most messages about a task begin with its id already.
        named = f"[{task}] " if task and not message.startswith(f"task {task}:") else ""
        head = _moment(record).replace("+00:00", "Z")
        line = f"{head} {record.levelname:<7} {record.name}: {named}{message}"
        trace = self.trace(record)
        return f"{line}\n{trace}" if trace else line


class _JsonFormatter(_Formatter):
    shards: int | None = None
    """Number of shards; None before the gateway connects, and in a worker, which has none."""

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
        # Each value is redacted before JSON quoting, since escapes could hide a secret.
        extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        line |= {key: self._redact(str(value)) for key, value in extra.items() if key not in line}
        return json.dumps(line, ensure_ascii=False).translate(_IN_JSON)
