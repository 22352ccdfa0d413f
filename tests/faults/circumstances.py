"""The very bot in a world of its own: time that is led by a file, less patience, fewer rights.

`python -m tests.faults.circumstances '{"speed": 10, "clock": "ahead"}' -- run`: a JSON object with
some of the fields of `Circumstances`, and behind `--` what `flipbook` gets.
"""

import asyncio
import ctypes
import importlib
import itertools
import json
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

# <linux/capability.h>: version 3 of the interface, and the two that let root pass by permissions.
_CAPABILITY_V3 = 0x20080522
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2
# Real seconds between two looks at the clock's file.
_LOOK = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is different from where the bot usually runs."""

    speed: float = 1.0
    """How fast the bot's clock goes."""
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
    plain_user: bool = False
    """Whether permissions of files hold for it, also if it is root."""

    def words(self) -> tuple[str, ...]:
        """For ``BotProcess.program``."""
        given = {name: getattr(self, name) for name in self.__slots__}
        return "tests.faults.circumstances", json.dumps(given), "--"


class LedClock:
    """Both clocks of the bot, and its waiting."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._told = circumstances
        self._began = time.monotonic()
        self._looked = -1.0
        self._ahead, self._wall = 0.0, 0.0

    def _passed(self) -> float:
        real = time.monotonic()
        if self._told.clock is not None and real - self._looked > _LOOK:
            self._looked = real
            file = Path(self._told.clock)
            said = file.read_text() if file.exists() else "0 0"
            self._ahead, self._wall = map(float, said.split())
        return (real - self._began) * self._told.speed + self._ahead

    def now(self) -> datetime:
        real = datetime.now(UTC) - timedelta(seconds=time.monotonic() - self._began)
        return real + timedelta(seconds=self._passed() + self._told.wall + self._wall)

    def monotonic(self) -> float:
        return self._began + self._passed()

    async def sleep(self, seconds: float) -> None:
        until = self.monotonic() + seconds
        await asyncio.sleep(0)
        while (left := until - self.monotonic()) > 0:  # noqa: ASYNC110, the file tells nobody
            await asyncio.sleep(min(left / self._told.speed, _LOOK))


def lead_time(circumstances: Circumstances) -> None:
    """Every clock that the bot makes is this one."""
    led = LedClock(circumstances)
    system: Any = importlib.import_module("bot.clock").SystemClock
    for name in ("now", "monotonic", "sleep"):
        method = getattr(led, name)
        setattr(system, name, lambda _, *given, method=method: method(*given))


def be_impatient(seconds: float) -> None:
    """The provider's silences are waited for so long."""
    client: Any = importlib.import_module("bot.provider.client")
    client.VtrixClient.__init__.__kwdefaults__["timeouts"] = client.Timeouts(
        create=seconds, status=seconds, download=2 * seconds
    )


def keep_small(bytes_max: int) -> None:
    """No video may be larger."""
    download: Any = importlib.import_module("bot.provider.download")
    download.Downloader.__init__.__kwdefaults__["bytes_max"] = bytes_max


def be_plain() -> None:
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


def die_at(number: int) -> None:
    """SIGKILL from within, behind a statement."""
    left = itertools.count(number - 1, -1)

    @event.listens_for(Engine, "after_cursor_execute")
    def count(*_: object) -> None:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Bring them about, then run the command line as if nothing were."""
    told, _, *arguments = sys.argv[1:]
    circumstances = Circumstances(**json.loads(told))
    if circumstances.plain_user:
        be_plain()
    if circumstances.room is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (circumstances.room, resource.RLIM_INFINITY))
    if circumstances.patience is not None:
        be_impatient(circumstances.patience)
    if circumstances.video_bytes_max is not None:
        keep_small(circumstances.video_bytes_max)
    if circumstances.dies_at_statement is not None:
        die_at(circumstances.dies_at_statement)
    lead_time(circumstances)
    sys.argv[1:] = arguments
    importlib.import_module("bot.cli").main()


if __name__ == "__main__":
    main()
