"""The bot as an operator starts it: `python -m bot run`, told everything by its environment."""

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

# Longer than a graceful end takes; a second process must not meet the first one's database lock.
_STOP_WITHIN_SECONDS = 20.0
# What a process needs to run at all; everything else of the caller's environment stays out.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
_LAST_LINES = 12


class Process(Protocol):
    """A process that leads a process group of its own."""

    @property
    def pid(self) -> int:
        """Its id, and that of its group."""

    @property
    def returncode(self) -> int | None:
        """Its exit code; ``None`` while it is not known to have ended."""

    def send_signal(self, signal: signal.Signals, /) -> None:
        """
        Raises:
            ProcessLookupError: it has ended.
        """

    async def wait(self) -> int:
        """Wait for its end; its exit code."""


Launch = Callable[[Path, Mapping[str, str], Path], Awaitable[Process]]
"""Starts the bot in a folder, with an environment, and adds what it prints to a file."""


async def launch_guarded(folder: Path, environment: Mapping[str, str], log: Path) -> Process:
    """Start it as an operator does, under `child_guard`: it ends when this process ends."""
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
    """Starts, stops and kills the bot; at most one at a time.

    It has a process group of its own, so that Ctrl-C in the terminal reaches it in order and not
    at once.

    Args:
        folder: its working directory; its log goes to ``bot.log`` there.
        settings: its environment variables.
        clock: tells since when it runs.
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
        """Where it keeps its tasks unless told otherwise; made by the bot."""
        self.starts = 0
        """How often it was started."""
        self.since: datetime | None = None
        """When it was started last."""

    @property
    def running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it, where it does not run; returns before it is online."""
        async with self._changing:
            if self.running:
                return
            self._process = await self._launch(self._folder, self._environment(), self.log)
            self.starts += 1
            self.since = self._clock.now()

    async def stop(self) -> None:
        """Ask it to end (SIGTERM), as a deployment does, and wait until it has."""
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
        """SIGKILL: nothing gets to say goodbye."""
        async with self._changing:
            if self._process is not None and self.running:
                await self._kill(self._process)

    async def ended(self) -> int:
        """Wait until it ends by whatever cause; its exit code."""
        if self._process is None:
            return 0
        return await self._process.wait()

    def last_words(self) -> str:
        """The end of its log."""
        try:
            lines = self.log.read_text("utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return ""
        return "\n".join(lines[-_LAST_LINES:])

    async def _kill(self, process: Process) -> None:
        # The whole group: the bot and, where there is one, the guard.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()

    def _environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        return inherited | {"PYTHONPATH": _code()} | self._settings


def _code() -> str:
    """Where this program's own code is, for a process that starts somewhere else."""
    return str(Path(bot.__file__).resolve().parent.parent)
