"""Runs the bot with one fault injected at one of its crash points.

`python -m tests.faults.launcher POINT WHEN HOW '{"speed": 10}' -- run`. POINT is a name in
`tests.faults.crash_points`, or any other `module:Class.name`. WHEN is `before` or `after` it. HOW
is `kill` (SIGKILL), `raise` (an unexpected exception, once) or `lost` (an error of the database
after a write that succeeded, once). The JSON object has fields of
`tests.faults.bot_environment.BotEnvironment` for the clock, and after `--` come the arguments of
`flipbook`. When the fault has happened, there is a file `struck` in the working directory.
"""

import functools
import importlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from yarl import URL

from bot.errors import StorageError
from tests.faults.bot_environment import BotEnvironment, replace_clock
from tests.faults.crash_points import CRASH_POINTS, How, When

STRUCK = "struck"
# Shortened intervals, in seconds of the bot's clock: until a task that met an exception is resumed,
# between two attempts at a write, and between two searches for abandoned tasks.
_SOON = 5.0
_WAITS = (
    ("bot.worker.supervisor", "AFTER_A_MISTAKE"),
    ("bot.worker.supervisor", "WRITE_AGAIN"),
    ("bot.worker.worker", "STRAYS_EVERY"),
)
CREATE_PATH = "/model/v1/generation"

Function = Callable[..., Awaitable[Any]]


def program(point: str, when: When, how: How, environment: BotEnvironment) -> tuple[str, ...]:
    """Return the value for ``BotProcess.program``."""
    return "tests.faults.launcher", point, when, how, environment.as_json(), "--"


class Injected(Exception):
    """The unexpected exception."""


def strike(how: How) -> None:
    """Let the fault happen, and create the file that says so.

    Raises:
        Injected, StorageError: The fault is not a kill.
    """
    Path(STRUCK).touch()
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "lost":
        raise StorageError("put in by a test")
    raise Injected("put in by a test")


def _has_struck() -> bool:
    return Path(STRUCK).exists()


def faulty(original: Function, when: When, how: How) -> Function:
    """Wrap a function so that the fault happens at its first call."""

    @functools.wraps(original)
    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        is_first = not _has_struck() and _is_meant(args)
        if is_first and when == "before":
            strike(how)
        result = await original(*args, **kwargs)
        if is_first and when == "after":
            strike(how)
        return result

    return wrapped


def _is_meant(args: tuple[Any, ...]) -> bool:
    """Return whether a call is meant: of all connections, only the one for a create call is."""
    url = getattr(args[1], "url", None) if len(args) > 1 else None
    return not isinstance(url, URL) or url.path == CREATE_PATH


def put_in(target: str, when: When, how: How) -> None:
    """Inject the fault into ``module:name`` or ``module:Class.name``."""
    module, _, name = target.partition(":")
    holder: Any = importlib.import_module(module)
    *path, last = name.split(".")
    for part in path:
        holder = getattr(holder, part)
    setattr(holder, last, faulty(getattr(holder, last), when, how))


def main() -> None:
    """Inject the fault, then run the command line as usual."""
    point, when, how, environment, _, *arguments = sys.argv[1:]
    importlib.import_module("bot.app.run")
    for module, name in _WAITS:
        setattr(importlib.import_module(module), name, _SOON)
    target = CRASH_POINTS[point].target if point in CRASH_POINTS else point
    put_in(target, when, how)  # type: ignore[arg-type]
    replace_clock(BotEnvironment.from_json(environment))
    sys.argv[1:] = arguments
    importlib.import_module("bot.cli").main()


if __name__ == "__main__":
    main()
