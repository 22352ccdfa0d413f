"""One worker process, seen from the event loop."""

import asyncio
import contextlib
import dataclasses
import json
import os
import sys
from collections.abc import Mapping
from typing import Any, Self

from bot.domain.model import Model

# A fresh interpreter on the parent's own path. Not `multiprocessing`: its spawn imports the
# parent's main module again (the command line, pytest), hands on its whole environment (the
# token, the key), and its pool cannot end one worker without breaking the work of the others.
_PROGRAM = """\
import json, sys
path, model = json.loads(sys.argv[1])
sys.path[:] = path
from bot.domain.model import Model
from bot.imaging.worker import main
main(Model(**model | {"resolutions": tuple(model["resolutions"])}))
"""
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "LANG", "TZ")
_ANSWER_BYTES_MAX = 64 * 1024


class WorkerGone(Exception):
    """It ended, or said something that is no answer: the picture may have done that to it."""


class WorkerProcess:
    """A running worker; one request at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, model: Model) -> Self:
        """Start one; it imports while the caller goes on."""
        arguments = json.dumps([sys.path, dataclasses.asdict(model)])
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _PROGRAM,
            arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            limit=_ANSWER_BYTES_MAX,
            # A terminal's Ctrl-C goes to its whole group: the bot decides when workers end.
            start_new_session=True,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        """Of the process, for tests and logs."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it is not known to have ended."""
        return self._process.returncode is None

    async def ask(self, request: Mapping[str, str]) -> Mapping[str, Any]:
        """Its answer.

        Raises:
            WorkerGone
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise WorkerGone
        try:
            stdin.write(json.dumps(request).encode() + b"\n")
            await stdin.drain()
            answer = json.loads(await stdout.readuntil(b"\n"))
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            raise WorkerGone(f"worker {self.pid}: {error!r}") from error
        if not isinstance(answer, dict):
            raise WorkerGone(f"worker {self.pid} answered {str(answer)[:80]!r}")
        return answer

    async def end(self) -> None:
        """Kill it and wait for that; it has nothing to lose."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()
