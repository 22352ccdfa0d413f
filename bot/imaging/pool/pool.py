"""Makes first frames in a small pool of worker processes, so that the event loop stays free."""

import asyncio
import hashlib
import logging
import os
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from io import FileIO
from pathlib import Path
from typing import Any

from bot.domain.first_frame import Adjustment, Format
from bot.domain.models.model import PictureRules
from bot.domain.submission import NOBODY, MadeFrame, Sender
from bot.domain.task import Frame
from bot.errors import PictureProblem, PictureRefused
from bot.imaging.pipeline import check_header
from bot.imaging.pool.memory import budget
from bot.imaging.pool.process import WorkerAnswer, WorkerGone, WorkerProcess
from bot.services.fair_queue import FairQueue
from bot.services.ports import FirstFrameMaker

log = logging.getLogger(__name__)

# A very large picture may take a gigabyte in each; a usual one takes 0.2 s.
WORKERS_MAX = 2
# The largest picture that passes the header check takes about 5 s on the development machine.
SECONDS_MAX = 20.0
_ATTEMPTS = 2


@asynccontextmanager
async def open_frame_maker(
    *,
    workers: int | None = None,
    seconds: float = SECONDS_MAX,
    memory: int | None = None,
) -> AsyncIterator[FirstFrameMaker]:
    """Open a frame maker; its processes end with the context.

    The first process starts at once, so that nobody waits for it. The others start when several
    pictures come at the same time, which most bots never see.

    Args:
        workers: number of processes; by default one for each processor, at most 2.
        seconds: how long one picture may take before it is refused.
        memory: bytes of the machine; by default as it reports.
    """
    workers = workers or min(WORKERS_MAX, os.cpu_count() or 1)
    maker = Pool(seconds, workers, budget(memory))
    try:
        await maker.fill(workers)
        yield maker
    finally:
        await maker.close()


class Pool:
    """Implements ``FirstFrameMaker``."""

    def __init__(self, seconds: float, workers: int, memory: int) -> None:
        """``memory``: bytes for all pictures at once. Each has its share; large ones take more."""
        self._seconds = seconds
        self._memory = memory
        self._share = -(-memory // workers)
        self._turns = FairQueue(capacity=self._share * workers, monotonic=time.monotonic)
        self._idle: asyncio.LifoQueue[WorkerProcess | None] = asyncio.LifoQueue()
        self._running: set[WorkerProcess] = set()

    @property
    def pids(self) -> frozenset[int]:
        """Ids of the running processes."""
        return frozenset(worker.pid for worker in self._running)

    async def fill(self, workers: int) -> None:
        """Make room for that many processes, and start the first."""
        for _ in range(workers - 1):
            self._idle.put_nowait(None)
        self._idle.put_nowait(await self._started())

    async def close(self) -> None:
        """End all processes."""
        await asyncio.gather(*(self._ended(worker) for worker in tuple(self._running)))

    async def make(
        self, source: Path, folder: Path, rules: PictureRules, sender: Sender = NOBODY
    ) -> MadeFrame:
        needed = await asyncio.to_thread(check_header, source, rules)
        if needed is not None and needed > self._memory:
            raise PictureRefused(PictureProblem.MACHINE_TOO_SMALL)
        # A picture whose size is unknown is decoded alone.
        weight = self._memory if needed is None else max(needed, self._share)
        async with self._turns.turn(sender, weight):
            for attempt in range(_ATTEMPTS):
                try:
                    return await self._made(source, folder, rules)
                except WorkerGone as error:
                    log.warning("attempt %d at a picture ended its worker: %s", attempt + 1, error)
        raise PictureRefused(PictureProblem.DAMAGED)

    async def _made(self, source: Path, folder: Path, rules: PictureRules) -> MadeFrame:
        """Make one attempt.

        Raises:
            PictureRefused, WorkerGone
            OSError: a file cannot be read or written; the picture is not at fault.
        """
        with _opened(source) as file:
            answer = await self._ask(file.fileno(), rules)
        _check(answer, rules)
        return await asyncio.to_thread(_kept, answer, folder)

    async def _ask(self, picture: int, rules: PictureRules) -> WorkerAnswer:
        """Borrow a worker for one picture.

        A worker that did not answer properly is ended instead of being given back. So is one that
        met an odd picture, which may have left its decoders in a state that harms the next picture.
        """
        worker = await self._idle.get()
        sound = False
        try:
            if worker is None or not worker.alive:
                worker = await self._replaced(worker)
            async with asyncio.timeout(self._seconds):
                answer = await worker.ask(picture, rules)
            sound = answer.says.get("odd") is False
            return answer
        except TimeoutError as error:
            log.warning("a picture took longer than %.0f s", self._seconds)
            raise PictureRefused(PictureProblem.TOO_SLOW) from error
        finally:
            self._idle.put_nowait(worker if sound else None)
            if worker is not None and not sound:
                await asyncio.shield(self._ended(worker))

    async def _replaced(self, dead: WorkerProcess | None) -> WorkerProcess:
        if dead is not None:
            await self._ended(dead)
        return await self._started()

    async def _started(self) -> WorkerProcess:
        worker = await WorkerProcess.start()
        self._running.add(worker)
        return worker

    async def _ended(self, worker: WorkerProcess) -> None:
        await worker.end()
        self._running.discard(worker)


def _opened(source: Path) -> FileIO:
    return source.open("rb", buffering=0)


def _check(answer: WorkerAnswer, rules: PictureRules) -> None:
    """Raise the refusal or the error in a worker's answer.

    Raises:
        PictureRefused: the picture is refused.
        OSError: the picture could not be read.
        WorkerGone: the answer is not that of a sound worker.
    """
    if "failed" in answer.says:
        raise OSError(answer.says["failed"])
    if not answer.content:
        raise _refusal(answer, rules)


def _refusal(answer: WorkerAnswer, rules: PictureRules) -> PictureRefused:
    """
    Raises:
        WorkerGone: it is no answer of a sound worker.
    """
    try:
        refused = answer.says["refused"]
        problem = PictureProblem(refused["problem"])
        size = tuple(refused["size"]) if refused["size"] else None
        cause, found, bytes_ = refused["cause"], refused["found"], refused["bytes"]
    except (KeyError, TypeError, ValueError) as error:
        raise _nonsense(answer) from error
    if cause:
        log.info("a picture was refused as %s: %s", problem.value, cause)
    return PictureRefused(problem, found=found, size=size, bytes_=bytes_, rules=rules)


def _kept(answer: WorkerAnswer, folder: Path) -> MadeFrame:
    """Write the frame to a file. Its name and digest do not come from the worker.

    Raises:
        OSError: the folder cannot be written.
        WorkerGone: the answer is not that of a sound worker.
    """
    content, frame, mended = answer.content, *_described(answer)
    handle, path = tempfile.mkstemp(prefix="frame-", dir=folder)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    return MadeFrame(path=Path(path), frame=frame, mended=mended)


def _described(answer: WorkerAnswer) -> tuple[Frame, tuple[Adjustment, ...]]:
    try:
        made: Mapping[str, Any] = answer.says["made"]
        width, height = map(int, made["size"])
        frame = Frame(
            digest=hashlib.sha256(answer.content).hexdigest(),
            mime=Format(made["format"]).mime,
            bytes=len(answer.content),
            width=width,
            height=height,
        )
        return frame, tuple(Adjustment(adjustment) for adjustment in made["mended"])
    except (KeyError, TypeError, ValueError) as error:
        raise _nonsense(answer) from error


def _nonsense(answer: WorkerAnswer) -> WorkerGone:
    return WorkerGone(f"invalid answer {str(answer.says)[:80]!r}")
