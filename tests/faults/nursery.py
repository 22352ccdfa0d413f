"""Bots that start in a tenth of the time: forks of one process that has everything imported.

A suite that kills a bot a hundred times would spend its minutes on imports. What is forked is the
same program, run as `python -m` runs it, with an environment, a working directory and a log of its
own; it is a process like any other, and dies like any other.

`python -m tests.faults.nursery` reads orders, a JSON object a line, and answers each with one:
``{"start": {…}}`` with the new process's id, ``{"wait": id}`` with its exit code. At the end of
its input it kills what it started.
"""

import asyncio
import gc
import importlib
import json
import os
import runpy
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from tests.flows.harness import BotProcess

_WITH = ("bot.app", "bot.cli.running", "bot.storage.schema", "tests.faults.steps")


class Nursery:
    """The process that the others are forks of, seen from the tests."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is for a database that is migrated once, and then copied."""
        self._folder = folder
        self._process = subprocess.Popen(
            (sys.executable, "-m", "tests.faults.nursery"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.database = folder / "flipbook.db"

    def __enter__(self) -> Self:
        environment = {"DATABASE_URL": f"sqlite:///{self.database}"}
        upgrade = ("bot", "db", "upgrade")
        pid = self.start(upgrade, self._folder, environment, self._folder / "log")
        assert self.code(pid) == 0, (self._folder / "log").read_text()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def start(
        self, program: tuple[str, ...], folder: Path, environment: dict[str, str], log: Path
    ) -> int:
        """Run ``python -m program …`` in a folder; its process id."""
        order = {"program": program, "folder": str(folder), "env": environment, "log": str(log)}
        return int(self._answer({"start": order}))

    def code(self, pid: int) -> int:
        """The exit code of one that has ended, or is about to; negative for a signal."""
        return int(self._answer({"wait": pid}))

    def _answer(self, order: dict[str, Any]) -> str:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
        return stdout.readline()


class Forked:
    """One of them, as `asyncio.subprocess.Process` shows a process."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self.returncode: int | None = None

    def send_signal(self, which: int) -> None:
        """
        Raises:
            ProcessLookupError: it has ended.
        """
        if self.returncode is not None:
            raise ProcessLookupError
        os.kill(self.pid, which)

    async def wait(self) -> int:
        """Until it has ended; its exit code."""
        if self.returncode is None:
            # Not reaped before `code` is asked, so the id is still this one's.
            descriptor = os.pidfd_open(self.pid)
            is_over = asyncio.Event()
            loop = asyncio.get_running_loop()
            loop.add_reader(descriptor, is_over.set)
            try:
                await is_over.wait()
            finally:
                loop.remove_reader(descriptor)
                os.close(descriptor)
            self.returncode = self._nursery.code(self.pid)
        return self.returncode


class NurseryBot(BotProcess):
    """A bot of the nursery; its database is made already."""

    nursery: Nursery

    async def launch(self) -> None:
        if not self.database.exists():
            self.database.parent.mkdir()
            shutil.copy(self.nursery.database, self.database)
        program = (*self.program, "run", *self.arguments)
        pid = self.nursery.start(program, self.folder, self.environment(), self.log)
        self._process = Forked(self.nursery, pid)


# --- in the process itself ----------------------------------------------------------------------


def _serve() -> dict[str, Any] | None:
    """Take orders; an order that this process, a fork now, has to live by, or ``None``."""
    born: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            born.discard(order["wait"])
            answer = os.waitstatus_to_exitcode(status)
        else:
            answer = os.fork()
            if answer == 0:
                start: dict[str, Any] = order["start"]
                return start
            born.add(answer)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    for pid in born:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return None


def _live(order: dict[str, Any]) -> None:
    """Become what was ordered."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for descriptor, standard in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(descriptor, standard)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["env"])
    module, *sys.argv[1:] = order["program"]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def main() -> None:
    """Import everything, then serve."""
    for name in _WITH:
        importlib.import_module(name)
    gc.freeze()
    order = _serve()
    if order is not None:
        _live(order)


if __name__ == "__main__":
    main()
