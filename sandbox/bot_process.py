"""The bot as an operator starts it: `python -m bot run`, configured by its environment."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

import bot
from bot.clock import Clock, SystemClock
from sandbox import child_guard

# Longer than a graceful stop takes, so that a second process does not meet the first one's lock.
_STOP_WITHIN_SECONDS = 20.0
# Variables that any process needs; the caller's other variables are not passed on.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
_LAST_LINES = 12


class Process(Protocol):
    """A process that leads its own process group."""

    @property
    def pid(self) -> int:
        """Id of the process and of its group."""

    @property
    def returncode(self) -> int | None:
        """Exit code; ``None`` while the process is not known to have ended."""

    def send_signal(self, signal: signal.Signals, /) -> None:
        """Send a signal.

        Raises:
            ProcessLookupError: the process has ended.
        """

    async def wait(self) -> int:
        """Wait for the end of the process; return its exit code."""


Launch = Callable[[Path, Mapping[str, str], Path], Awaitable[Process]]
"""Starts the bot in a folder, with an environment, and appends its output to a file."""


async def launch_guarded(folder: Path, environment: Mapping[str, str], log: Path) -> Process:
    """Start the bot as an operator does, under `child_guard`, so that it ends with this process."""
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", child_guard.__file__, sys.executable, "-m", "bot", "run"),
            cwd=folder,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


class BotProcess:
    """Starts, stops and kills the bot; at most one runs at a time.

    It has a process group of its own, so that Ctrl-C in the terminal does not reach it directly.

    Args:
        folder: working directory of the bot; its log is ``bot.log`` there.
        settings: environment variables of the bot.
        clock: times the starts.
        launch: starts the process.
    """

    def __init__(
        self,
        *,
        folder: Path,
        settings: Mapping[str, str],
        clock: Clock | None = None,
        launch: Launch = launch_guarded,
    ) -> None:
        self._folder = folder
        self._settings = dict(settings)
        self._launch = launch
        self._process: Process | None = None
        self._changing = asyncio.Lock()
        self._clock = clock or SystemClock()
        self.log = folder / "bot.log"
        self.database = folder / "data" / "flipbook.db"
        """The bot's database, unless it is configured otherwise; the bot creates it."""
        self.starts = 0
        """Number of starts."""
        self.since: datetime | None = None
        """Time of the last start."""

    @property
    def running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start the bot unless it is running; return before it is online."""
        async with self._changing:
            if self.running:
                return
            self._process = await self._launch(self._folder, self._environment(), self.log)
            self.starts += 1
            self.since = self._clock.now()

    async def stop(self) -> None:
        """Send SIGTERM, as a deployment does, and wait until the bot has ended."""
        async with self._changing:
            if self._process is None or not self.running:
                return
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), _STOP_WITHIN_SECONDS)
            except TimeoutError:
                await self._kill(self._process)

    async def kill(self) -> None:
        """Send SIGKILL."""
        async with self._changing:
            if self._process is not None and self.running:
                await self._kill(self._process)

    async def ended(self) -> int:
        """Wait until the process ends for any reason; return its exit code."""
        if self._process is None:
            return 0
        return await self._process.wait()

    def last_words(self) -> str:
        """Return the last lines of the log."""
        try:
            lines = self.log.read_text("utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return ""
        return "\n".join(lines[-_LAST_LINES:])

    async def _kill(self, process: Process) -> None:
        # Kill the whole group: the bot and its guard, if there is one.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()

    def _environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        return inherited | {"PYTHONPATH": _code()} | self._settings


def _code() -> str:
    """Folder of this program's code, for a process that starts in another folder."""
    return str(Path(bot.__file__).resolve().parent.parent)
