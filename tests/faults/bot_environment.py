"""Run the bot with another clock, shorter timeouts or fewer rights than it usually has.

`python -m tests.faults.bot_environment '{"speed": 10, "clock": "ahead"}' -- run` takes a JSON
object with some of the fields of `BotEnvironment`, and behind `--` the arguments of `flipbook`.
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

# <linux/capability.h>: version 3 of the interface, and the two that let root pass by permissions.
_CAPABILITY_V3 = 0x20080522
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2
# Real seconds between two looks at the clock's file.
_LOOK = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class BotEnvironment:
    """What is different from where the bot usually runs."""

    speed: float = 1.0
    """How fast the bot's clock goes."""
    since: float | None = None
    """The machine's monotonic second from which on it goes so fast, instead of the bot's start.
    All processes with the same one agree on the time, and a restart does not set it back."""
    clock: str | None = None
    """A file with the seconds that both its clocks are ahead of that, and those that only the
    wall clock is."""
    wall: float = 0.0
    """Seconds that only its wall clock is wrong by."""
    patience: float | None = None
    """Seconds of silence that it waits for the provider, instead of 30 to 60."""
    video_bytes_max: int | None = None
    """Instead of 200 MB."""
    room: int | None = None
    """Bytes that no file can grow past: to the program, a disk without room."""
    dies_at_statement: int | None = None
    """The statement of a database, counted from 1, behind which it is killed."""
    look_every: float | None = None
    """Seconds between two looks at a video in the making, instead of 5."""
    plain_user: bool = False
    """Whether permissions of files hold for it, also if it is root."""

    def program(self) -> tuple[str, ...]:
        """For ``BotProcess.program``."""
        return "tests.faults.bot_environment", self.as_json(), "--"

    def as_json(self) -> str:
        """What ``from_json`` reads."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**json.loads(text))


def fast_clock(speed: float = 10.0) -> BotEnvironment:
    """For all processes of one test: their time goes so fast from now on."""
    return BotEnvironment(speed=speed, since=time.monotonic())


class FileDrivenClock:
    """Both clocks of the bot, and its waiting."""

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
    """Every clock that the bot makes is this one."""
    led = FileDrivenClock(environment)
    system: Any = importlib.import_module("bot.clock").SystemClock
    for name in ("now", "monotonic", "sleep"):
        method = getattr(led, name)
        setattr(system, name, lambda _, *given, method=method: method(*given))


def shorten_timeouts(seconds: float) -> None:
    """The provider's silences are waited for so long.

    No setting says so, and the command line builds the client: its default is all there is to hold.
    """
    client: Any = importlib.import_module("bot.providers.vtrix.client")
    client.VtrixClient.__init__.__kwdefaults__["timeouts"] = client.Timeouts(
        create=seconds, status=seconds, download=2 * seconds
    )


def look_often(seconds: float) -> None:
    """A video in the making is looked at so often, until it is known how long they take."""
    durations: Any = importlib.import_module("bot.domain.provider.durations")
    durations.LOOK_EVERY_SECONDS = seconds


def limit_video_size(bytes_max: int) -> None:
    """No video may be larger; as above, there is only the default to hold."""
    download: Any = importlib.import_module("bot.providers.download")
    download.Downloader.__init__.__kwdefaults__["bytes_max"] = bytes_max


def drop_capabilities() -> None:
    """Give up what lets root read and write whatever it wants; another user has none of it.

    Raises:
        OSError: the system does not allow it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_V3, 0)
    # Twice effective, permitted, inheritable: the lower and the upper 32 capabilities.
    sets = (ctypes.c_uint32 * 6)()
    if libc.capget(header, sets) == 0:
        gone = ~(1 << _DAC_OVERRIDE | 1 << _DAC_READ_SEARCH)
        for place in range(3):
            sets[place] &= gone
        if libc.capset(header, sets) == 0:
            return
    raise OSError(ctypes.get_errno(), "capset")


def kill_at_statement(number: int) -> None:
    """SIGKILL from within, behind a statement."""
    left = itertools.count(number - 1, -1)

    @event.listens_for(Engine, "after_cursor_execute")
    def count(*_: object) -> None:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Bring them about, then run the command line as if nothing were."""
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
