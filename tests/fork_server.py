"""A fork server: starts processes quickly by forking one that has everything imported.

The suite starts bots hundreds of times, and would spend minutes on imports. Each fork runs the
program as `python -m` would, with its own environment, working directory and standard streams. It
is a real process and can be killed like one.

`python -m tests.fork_server` reads one order per line as JSON and answers each with one line:
``{"start": {…}}`` with the id of the new process, ``{"wait": id}`` with its exit code. When its
input ends, it kills the processes that are still running.
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

_IMPORTED = (
    "bot.app.run",
    "bot.cli",
    "bot.cli.run",
    "bot.cli.check.checks",
    "bot.storage.schema",
    # These are imported when the bot first needs them.
    "aiosqlite",
    "asyncpg",
    "concurrent.futures.thread",
    "encodings.idna",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "typer._adapters",
    "uvloop",
    "tests.faults.crash_points",
)


class ForkServer:
    """A client of the process that does the forking."""

    def __init__(self, folder: Path) -> None:
        """Keep a database in ``folder`` that is migrated once, for tests to copy."""
        self._folder = folder
        self._process = subprocess.Popen(
            (sys.executable, "-m", "tests.fork_server"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._database = folder / "flipbook.db"

    def __enter__(self) -> Self:
        log = self._folder / "log"
        environment = {"DATABASE_URL": f"sqlite:///{self._database}"}
        process = self.start(("bot", "db", "upgrade"), self._folder, environment, log, log)
        assert self.exit_code(process.pid) == 0, log.read_text()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def start(
        self,
        program: tuple[str, ...],
        folder: Path,
        environment: dict[str, str],
        out: Path,
        err: Path,
        *,
        leads_group: bool = False,
    ) -> "ForkedProcess":
        """Run ``python -m program …`` in a folder, and append its output to two files.

        With ``leads_group``, the process leads a process group of its own, which exists when this
        method returns.
        """
        order = {
            "program": program,
            "folder": str(folder),
            "env": environment,
            "out": str(out),
            "err": str(err),
            "leads_group": leads_group,
        }
        return ForkedProcess(self, int(self._answer({"start": order})))

    def exit_code(self, pid: int) -> int:
        """Wait for a process to end, and return its exit code; negative for a signal."""
        return int(self._answer({"wait": pid}))

    def copy_database(self, to: Path) -> None:
        """Copy the migrated database to a path at which there is none yet."""
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy(self._database, to)

    def _answer(self, order: dict[str, Any]) -> str:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
        return stdout.readline()


class ForkedProcess:
    """A forked process with the interface of `asyncio.subprocess.Process`."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        self._server = server
        self.pid = pid
        self.returncode: int | None = None

    def send_signal(self, which: int) -> None:
        """Send a signal.

        Raises:
            ProcessLookupError: The process has ended.
        """
        if self.returncode is not None:
            raise ProcessLookupError
        os.kill(self.pid, which)

    def kill(self) -> None:
        """Kill the process.

        Raises:
            ProcessLookupError: The process has ended.
        """
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Wait for the process to end, and return its exit code."""
        if self.returncode is None:
            # The process is not reaped before its exit code is asked for, so the id still belongs
            # to it.
            descriptor = os.pidfd_open(self.pid)
            is_over = asyncio.Event()
            loop = asyncio.get_running_loop()
            loop.add_reader(descriptor, is_over.set)
            try:
                await is_over.wait()
            finally:
                loop.remove_reader(descriptor)
                os.close(descriptor)
            # Two callers may wait for the same process, but only the first can reap it.
            if self.returncode is None:
                self.returncode = self._server.exit_code(self.pid)
        return self.returncode


# --- inside the fork server ---------------------------------------------------------------------


def _serve() -> dict[str, Any] | None:
    """Take orders until the input ends; in a fork, return the order that it has to carry out."""
    children: set[int] = set()
    try:
        return _take_orders(children)
    finally:
        # Kill them however the server ends: Ctrl-C in the terminal does not reach process groups
        # other than the server's own.
        for pid in children:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _take_orders(children: set[int]) -> dict[str, Any] | None:
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            children.discard(order["wait"])
            answer = os.waitstatus_to_exitcode(status)
        else:
            start: dict[str, Any] = order["start"]
            answer = os.fork()
            if answer == 0:
                children.clear()
                return start
            if start["leads_group"]:
                os.setpgid(answer, answer)
            children.add(answer)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    return None


def _become(order: dict[str, Any]) -> None:
    """Turn this fork into the program that was ordered."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    out, err = (_opened(order[name]) for name in ("out", "err"))
    for descriptor, standard in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(descriptor, standard)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["env"])
    module, *sys.argv[1:] = order["program"]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _opened(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def main() -> None:
    """Import everything, then take orders."""
    for name in _IMPORTED:
        importlib.import_module(name)
    gc.freeze()
    order = _serve()
    if order is not None:
        _become(order)


if __name__ == "__main__":
    main()
