"""First frames from a small pool of worker processes, so that the event loop stays free."""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.domain.first_frame import Mend
from bot.domain.model import Model
from bot.domain.task import Frame
from bot.errors import PictureProblem, PictureRefused
from bot.imaging.machine import budget
from bot.imaging.making import check_header
from bot.imaging.process import WorkerGone, WorkerProcess
from bot.services.ports import NOBODY, FrameMaker, MadeFrame, Sender
from bot.services.turns import Turns

log = logging.getLogger(__name__)

# Each may take a gigabyte for a very large picture; a usual one takes 0.2 s.
WORKERS_MAX = 2
# The largest picture that is not refused by its header takes about 5 s here.
SECONDS_MAX = 20.0
_ATTEMPTS = 2


@asynccontextmanager
async def open_frame_maker(
    *,
    model: Model,
    workers: int | None = None,
    seconds: float = SECONDS_MAX,
    memory: int | None = None,
) -> AsyncIterator[FrameMaker]:
    """A frame maker for ``model``; its processes start at once and end with the context.

    Args:
        model: what the frames have to fit.
        workers: how many processes; by default as many as there are processors, at most 2.
        seconds: how long one picture may take before it is refused.
        memory: of the machine, in bytes; by default what it says.
    """
    workers = workers or min(WORKERS_MAX, os.cpu_count() or 1)
    maker = Pool(model, seconds, workers, budget(memory))
    try:
        await maker.fill(workers)
        yield maker
    finally:
        await maker.close()


class Pool:
    """Implements ``FrameMaker``."""

    def __init__(self, model: Model, seconds: float, workers: int, memory: int) -> None:
        """``memory``: bytes for all pictures at once. Each has its share; large ones take more."""
        self._model = model
        self._seconds = seconds
        self._memory = memory
        self._share = -(-memory // workers)
        self._turns = Turns(capacity=self._share * workers, monotonic=time.monotonic)
        self._idle: asyncio.LifoQueue[WorkerProcess | None] = asyncio.LifoQueue()
        self._running: set[WorkerProcess] = set()

    @property
    def pids(self) -> frozenset[int]:
        """The processes that run now."""
        return frozenset(worker.pid for worker in self._running)

    async def fill(self, workers: int) -> None:
        """Start that many."""
        for _ in range(workers):
            self._idle.put_nowait(await self._started())

    async def close(self) -> None:
        """End all of them."""
        await asyncio.gather(*(self._ended(worker) for worker in tuple(self._running)))

    async def make(self, source: Path, folder: Path, sender: Sender = NOBODY) -> MadeFrame:
        needed = await asyncio.to_thread(check_header, source, self._model)
        if needed is not None and needed > self._memory:
            raise PictureRefused(PictureProblem.MACHINE_TOO_SMALL)
        request = _request(source, folder)
        # Where its size could not be seen, it goes alone.
        weight = self._memory if needed is None else max(needed, self._share)
        async with self._turns.turn(sender, weight):
            for attempt in range(_ATTEMPTS):
                try:
                    return _read(await self._ask(request))
                except WorkerGone as error:
                    log.warning("attempt %d at a picture ended its worker: %s", attempt + 1, error)
        raise PictureRefused(PictureProblem.DAMAGED)

    async def _ask(self, request: Mapping[str, str]) -> Mapping[str, Any]:
        """Borrow a worker.

        One that did not answer in order is ended, not given back; so is one that has met an odd
        picture, which may have left its decoders in a state to harm the next.
        """
        worker = await self._idle.get()
        sound = False
        try:
            if worker is None or not worker.alive:
                worker = await self._replaced(worker)
            async with asyncio.timeout(self._seconds):
                answer = await worker.ask(request)
            sound = answer.get("odd") is False
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
        worker = await WorkerProcess.start(self._model)
        self._running.add(worker)
        return worker

    async def _ended(self, worker: WorkerProcess) -> None:
        await worker.end()
        self._running.discard(worker)


def _request(source: Path, folder: Path) -> Mapping[str, str]:
    return {"source": str(source.absolute()), "folder": str(folder.absolute())}


def _read(answer: Mapping[str, Any]) -> MadeFrame:
    """An answer as a result or an exception.

    Raises:
        PictureRefused
        OSError: a file could not be read or written; nothing is wrong with the picture.
        WorkerGone: it is no answer of a sound worker.
    """
    if "failed" in answer:
        raise OSError(answer["failed"])
    try:
        refused = answer.get("refused")
        if refused is None:
            return _made(answer["made"])
        problem = PictureProblem(refused["problem"])
        size = tuple(refused["size"]) if refused["size"] else None
    except (KeyError, TypeError, ValueError) as error:
        raise WorkerGone(f"no sense in {str(answer)[:80]!r}") from error
    if refused["cause"]:
        log.info("a picture was refused as %s: %s", problem.value, refused["cause"])
    raise PictureRefused(problem, found=refused["found"], size=size, bytes_=refused["bytes"])


def _made(made: Mapping[str, Any]) -> MadeFrame:
    frame = Frame(
        digest=made["digest"],
        mime=made["mime"],
        bytes=made["bytes"],
        width=made["width"],
        height=made["height"],
    )
    mended = tuple(Mend(mend) for mend in made["mended"])
    return MadeFrame(path=Path(made["path"]), frame=frame, mended=mended)
