"""Runs the bot with another clock, shorter timeouts or fewer rights than usual.

`python -m tests.faults.bot_environment '{"speed": 10, "clock": "ahead"}' -- run` takes a JSON
object with some of the fields of `BotEnvironment`, and after `--` the arguments of `flipbook`.
"""

import asyncio
import ctypes
import importlib
import itertools
import json
import math
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from sqlalchemy import event
from sqlalchemy.engine import Engine

# <linux/capability.h>: version 3 of the interface, and the two capabilities by which root bypasses
# permissions.
_CAPABILITY_V3 = 0x20080522
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2
# Real seconds between two reads of the clock's file.
_LOOK = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class BotEnvironment:
    """How the bot's environment differs from its usual one."""

    speed: float = 1.0
    """How fast the bot's clock runs."""
    since: float | None = None
    """The machine's monotonic time from which on the clock runs at that speed; without it, the
    bot's start. Processes with the same value agree on the time, and a restart does not set it
    back.
    """
    clock: str | None = None
    """A file with two numbers: seconds by which both clocks are ahead, and further seconds for the
    wall clock alone.
    """
    wall: float = 0.0
    """Seconds by which only the wall clock is wrong."""
    patience: float | None = None
    """Seconds of silence after which a request to the provider fails, instead of 30 to 60."""
    video_bytes_max: int | None = None
    """The largest video that is downloaded, instead of 200 MB."""
    room: int | None = None
    """The largest size in bytes of any file, so that the disk seems to be full."""
    dies_at_statement: int | None = None
    """The number of the database statement, counted from 1, after which the bot is killed."""
    look_every: float | None = None
    """Seconds between two polls of a video, instead of 5."""
    plain_user: bool = False
    """Whether file permissions apply to the bot even if it runs as root."""

    def program(self) -> tuple[str, ...]:
        """Return the value for ``BotProcess.program``."""
        return "tests.faults.bot_environment", self.as_json(), "--"

    def as_json(self) -> str:
        """Return the text that ``from_json`` reads."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**json.loads(text))


def fast_clock(speed: float = 10.0) -> BotEnvironment:
    """Return an environment in which time runs fast from now on, for all processes of one test."""
    return BotEnvironment(speed=speed, since=time.monotonic())


class FileDrivenClock:
    """The bot's wall clock, monotonic clock and sleep, driven by a file."""

    def __init__(self, environment: BotEnvironment) -> None:
        self._environment = environment
        self._began = environment.since or time.monotonic()
        self._looked = -1.0
        self._ahead, self._wall = 0.0, 0.0

    def _passed(self) -> float:
        real = time.monotonic()
        if self._environment.clock is not None and real - self._looked > _LOOK:
            self._looked = real
            file = Path(self._environment.clock)
            text = file.read_text() if file.exists() else "0 0"
            self._ahead, self._wall = map(float, text.split())
        return (real - self._began) * self._environment.speed + self._ahead

    def now(self) -> datetime:
        real = datetime.now(UTC) - timedelta(seconds=time.monotonic() - self._began)
        return real + timedelta(seconds=self._passed() + self._environment.wall + self._wall)

    def monotonic(self) -> float:
        return self._began + self._passed()

    async def sleep(self, seconds: float) -> None:
        until = self.monotonic() + seconds
        longest = _LOOK if self._environment.clock is not None else math.inf
        await asyncio.sleep(0)
        while (left := until - self.monotonic()) > 0:  # noqa: ASYNC110, the file tells nobody
            await asyncio.sleep(min(left / self._environment.speed, longest))


def replace_clock(environment: BotEnvironment) -> None:
    """Replace every clock that the bot creates."""
    led = FileDrivenClock(environment)
    system: Any = importlib.import_module("bot.clock").SystemClock
    for name in ("now", "monotonic", "sleep"):
        method = getattr(led, name)
        setattr(system, name, lambda _, *given, method=method: method(*given))


def shorten_timeouts(seconds: float) -> None:
    """Shorten the timeouts of requests to the provider.

    There is no setting for them, and the command line builds the client, so only the default can be
    changed.
    """
    vtrix: Any = importlib.import_module("bot.providers.vtrix.client").VtrixClient
    dashscope: Any = importlib.import_module("bot.providers.dashscope.client").DashScopeClient
    sessions: Any = importlib.import_module("bot.providers.sessions")
    short = sessions.Timeouts(create=seconds, status=seconds, download=2 * seconds)
    for client in (vtrix, dashscope):
        client.__init__.__kwdefaults__["timeouts"] = short


def look_often(seconds: float) -> None:
    """Shorten the polling interval that applies until durations are known."""
    durations: Any = importlib.import_module("bot.domain.provider.durations")
    durations.LOOK_EVERY_SECONDS = seconds


def limit_video_size(bytes_max: int) -> None:
    """Lower the limit for the size of videos, which is a default like the timeouts."""
    download: Any = importlib.import_module("bot.providers.download")
    download.Downloader.__init__.__kwdefaults__["bytes_max"] = bytes_max


def drop_capabilities() -> None:
    """Give up the capabilities by which root reads and writes everything; other users have none.

    Raises:
        OSError: The system does not allow it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_V3, 0)
    # The sets are effective, permitted and inheritable, twice: for the lower and the upper 32.
    sets = (ctypes.c_uint32 * 6)()
    if libc.capget(header, sets) == 0:
        gone = ~(1 << _DAC_OVERRIDE | 1 << _DAC_READ_SEARCH)
        for place in range(3):
            sets[place] &= gone
        if libc.capset(header, sets) == 0:
            return
    raise OSError(ctypes.get_errno(), "capset")


def kill_at_statement(number: int) -> None:
    """Kill this process after a database statement."""
    left = itertools.count(number - 1, -1)

    @event.listens_for(Engine, "after_cursor_execute")
    def count(*_: object) -> None:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Set up the environment, then run the command line as usual."""
    given, _, *arguments = sys.argv[1:]
    environment = BotEnvironment.from_json(given)
    if environment.plain_user:
        drop_capabilities()
    if environment.room is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (environment.room, resource.RLIM_INFINITY))
    if environment.patience is not None:
        shorten_timeouts(environment.patience)
    if environment.look_every is not None:
        look_often(environment.look_every)
    if environment.video_bytes_max is not None:
        limit_video_size(environment.video_bytes_max)
    if environment.dies_at_statement is not None:
        kill_at_statement(environment.dies_at_statement)
    if environment.speed != 1.0 or environment.clock is not None or environment.wall:
        replace_clock(environment)
    sys.argv[1:] = arguments
    importlib.import_module("bot.cli").main()


if __name__ == "__main__":
    main()
