"""One worker process, as seen from the event loop."""

import asyncio
import contextlib
import dataclasses
import json
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from bot.domain.models.model import PictureRules

# A fresh interpreter with the parent's path. `multiprocessing` is not used: its spawn imports the
# parent's main module again (the command line, pytest), passes on the whole environment (the
# token, the key), and its pool cannot end one worker without breaking the work of the others.
PROGRAM = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from bot.imaging.pool.worker import main
main()
"""
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "LANG", "TZ")
_ANSWER_BYTES_MAX = 64 * 1024


class WorkerGone(Exception):
    """The worker ended, or sent an invalid answer, possibly because of the picture."""


@dataclass(frozen=True, slots=True)
class WorkerAnswer:
    """A worker's answer about a picture, and the first frame if it made one."""

    says: Mapping[str, Any]
    content: bytes


class WorkerProcess:
    """A running worker, for one picture at a time.

    It receives pictures as open files and answers on its standard output, so it needs no access to
    files by name.
    """

    def __init__(self, process: asyncio.subprocess.Process, pictures: socket.socket) -> None:
        self._process = process
        self._pictures = pictures
        self._greeting: Mapping[str, Any] | None = None

    @classmethod
    async def start(cls) -> Self:
        """Start a process, without waiting for its imports."""
        arguments = json.dumps(sys.path)
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs, contextlib.ExitStack() as unless_started:
            unless_started.enter_context(ours)
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                PROGRAM,
                arguments,
                stdin=theirs.fileno(),
                stdout=asyncio.subprocess.PIPE,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                limit=_ANSWER_BYTES_MAX,
                # Ctrl-C in a terminal goes to the whole process group; the bot decides when workers
                # end.
                start_new_session=True,
            )
            unless_started.pop_all()
        return cls(process, ours)

    @property
    def pid(self) -> int:
        """Process id, for tests and logs."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process is not known to have ended."""
        return self._process.returncode is None

    async def ready(self) -> Mapping[str, Any]:
        """Wait until the worker is ready; return its report about its sandbox.

        Raises:
            WorkerGone: the process ended or failed.
        """
        if self._greeting is None:
            self._greeting = await self._line()
        return self._greeting

    async def ask(self, picture: int, rules: PictureRules) -> WorkerAnswer:
        """Return the answer about the picture in file descriptor ``picture``, which must fit
        ``rules``.

        Raises:
            WorkerGone: the process ended or failed.
        """
        await self.ready()
        try:
            socket.send_fds(self._pictures, [_as_json(rules)], [picture])
        except OSError as error:
            raise self._gone(error) from error
        says = await self._line()
        if "made" not in says:
            return WorkerAnswer(says, b"")
        return WorkerAnswer(says, await self._content(says, rules.picture_bytes))

    async def _line(self) -> Mapping[str, Any]:
        try:
            line = json.loads(await self._output.readuntil(b"\n"))
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            raise self._gone(error) from error
        if not isinstance(line, dict):
            raise self._gone(line)
        return line

    async def _content(self, says: Mapping[str, Any], most: int) -> bytes:
        """Read the first frame, which follows the line that announces it."""
        count = says.get("bytes")
        if not isinstance(count, int) or not 0 < count <= most:
            raise self._gone(says)
        try:
            return await self._output.readexactly(count)
        except (OSError, EOFError) as error:
            raise self._gone(error) from error

    @property
    def _output(self) -> asyncio.StreamReader:
        if self._process.stdout is None:
            raise WorkerGone
        return self._process.stdout

    def _gone(self, why: object) -> WorkerGone:
        return WorkerGone(f"worker {self.pid}: {repr(why)[:80]}")

    async def end(self) -> None:
        """Kill the process and wait for its end; it has no state to lose."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._pictures.close()
        await self._process.wait()


def _as_json(rules: PictureRules) -> bytes:
    """Encode only the limits for pictures; a model has more fields, which no decoder needs."""
    asked = {field.name: getattr(rules, field.name) for field in dataclasses.fields(PictureRules)}
    return json.dumps(asked).encode()
