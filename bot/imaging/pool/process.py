"""One worker process, seen from the event loop."""

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

from bot.domain.model import PictureRules

# A fresh interpreter on the parent's own path. Not `multiprocessing`: its spawn imports the
# parent's main module again (the command line, pytest), hands on its whole environment (the
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
    """It ended, or said something that is no answer: the picture may have done that to it."""


@dataclass(frozen=True, slots=True)
class WorkerAnswer:
    """What a worker has to say about a picture, and the first frame if it made one."""

    says: Mapping[str, Any]
    content: bytes


class WorkerProcess:
    """A running worker; one picture at a time.

    It is handed pictures as open files and answers by its standard output, so that it needs no
    file by name.
    """

    def __init__(self, process: asyncio.subprocess.Process, pictures: socket.socket) -> None:
        self._process = process
        self._pictures = pictures
        self._greeting: Mapping[str, Any] | None = None

    @classmethod
    async def start(cls) -> Self:
        """Start one; it imports while the caller goes on."""
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
                # A terminal's Ctrl-C goes to its whole group: the bot decides when workers end.
                start_new_session=True,
            )
            unless_started.pop_all()
        return cls(process, ours)

    @property
    def pid(self) -> int:
        """Of the process, for tests and logs."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it is not known to have ended."""
        return self._process.returncode is None

    async def ready(self) -> Mapping[str, Any]:
        """Wait until it serves; what it says of how far it is confined.

        Raises:
            WorkerGone
        """
        if self._greeting is None:
            self._greeting = await self._line()
        return self._greeting

    async def ask(self, picture: int, rules: PictureRules) -> WorkerAnswer:
        """Its answer about the file that is open as ``picture``, which is to fit ``rules``.

        Raises:
            WorkerGone
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
        """The first frame, which comes after the line that announces it."""
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
        """Kill it and wait for that; it has nothing to lose."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._pictures.close()
        await self._process.wait()


def _as_json(rules: PictureRules) -> bytes:
    """Only what a picture is measured by: a model says more, which no decoder needs."""
    asked = {field.name: getattr(rules, field.name) for field in dataclasses.fields(PictureRules)}
    return json.dumps(asked).encode()
