"""Errors of commands: one clear line on stderr without secrets; a traceback only at DEBUG."""

import os
import re
import traceback
from datetime import UTC, datetime

import typer

from bot.errors import (
    CommandError,
    DatabaseDamaged,
    DatabaseTooNew,
    FlipbookError,
    PortTaken,
    ProviderError,
    Refusal,
    SettingsError,
    StorageError,
)

_MOMENT = re.compile(r"<t:(\d+):\w>")
_ESCAPED = re.compile(r"\\([^\w\s])")
_WHERE_SETTINGS_ARE = (
    "settings are read from the environment and from .env in this folder: in a checkout, "
    "`cp .env.example .env` creates one to fill in, and docs/settings.md describes each setting"
)


# Exit codes of sysexits.h, which supervisors know: a file of the wrong kind, a temporary failure
# and a wrong configuration.
EX_DATAERR, EX_TEMPFAIL, EX_CONFIG = 65, 75, 78


def start_code(error: FlipbookError) -> int:
    """Exit code of a `flipbook run` that could not start: 78 if starting again would not help.

    A port in use, a database that does not answer, or a lock of another process are temporary
    problems: 75.
    """
    if isinstance(error, SettingsError | CommandError | DatabaseTooNew | DatabaseDamaged):
        return EX_TEMPFAIL if isinstance(error, PortTaken) else EX_CONFIG
    return EX_TEMPFAIL


def exit_code(error: Exception) -> int:
    """Print the error and return the exit code of the process."""
    from bot.ops.redaction import Redactor
    from bot.settings.loading import configured_secrets

    redact = Redactor(configured_secrets())
    if os.environ.get("LOG_LEVEL", "").upper() == "DEBUG":
        typer.echo(redact("".join(traceback.format_exception(error))), err=True)
    for line in words(error):
        typer.echo(redact(f"flipbook: {line}"), err=True)
    return 1


def words(error: Exception) -> list[str]:
    """Describe an error for the operator, in one or more lines."""
    match error:
        case SettingsError():
            return [*error.problems, _WHERE_SETTINGS_ARE]
        case Refusal():
            return [refusal_words(error)]
        case ProviderError():
            return [f"the provider: {_one_line(error)}"]
        case StorageError():
            return [f"the database: {_one_line(error)}"]
        case FlipbookError():
            return [_one_line(error)]
        case _:
            named = f"{type(error).__name__}: {_one_line(error)}"
            return [f"unexpected error: {named} (LOG_LEVEL=DEBUG shows the traceback)"]


def refusal_words(error: Refusal) -> str:
    """Return the same text as in Discord, without its Markdown."""
    from bot.ui.texts.refusals.refusals import refusal

    return plain(refusal(error))


def plain(text: str) -> str:
    """Convert a text for Discord to plain text: no escapes, and times written out."""
    return _ESCAPED.sub(r"\1", _MOMENT.sub(_written_out, text))


def _written_out(moment: re.Match[str]) -> str:
    when = datetime.fromtimestamp(int(moment[1]), UTC)
    return f"on {when:%Y-%m-%d at %H:%M} UTC"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
