"""Keeps first frames for as long as tasks need them, within a limit of disk space."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from bot.clock import Clock
from bot.domain.kept_frames import FrameUse, KeptFile
from bot.domain.submission import MadeFrame
from bot.domain.task import Frame
from bot.errors import FrameGone, NoRoom, Refusal, StorageError
from bot.storage.files.images import ImageStore
from bot.storage.tasks.tasks import TaskStore

log = logging.getLogger(__name__)

# For a frame whose task ended without a charge: long enough to try again with another prompt.
KEEP_UNPAID = timedelta(days=1)
# For a frame without a task: it has just come in, or a killed process left it.
KEEP_WITHOUT_TASK = timedelta(hours=1)
# A frame that was renewed a moment ago is about to get a task.
_IN_USE = timedelta(minutes=1)
# A twentieth of the limit is freed at once, so that not every command has to make room.
_AIR = 20
# Seconds without another attempt to make room after one has failed.
LOOK_AGAIN_AFTER = 30.0
# Seconds between two messages to the operator about a lack of room.
_TELL_AGAIN_AFTER = 6 * 3600.0
_ASKED_AT_ONCE = 500


class FirstFrameKeeper:
    """Keeps at most ``most_bytes`` of frames on this machine.

    At the limit, it removes the oldest frames of ended tasks, but never one that a task still
    needs. If that is not enough, it refuses new pictures and tells the operator.
    """

    def __init__(
        self,
        *,
        images: ImageStore,
        uses: TaskStore,
        clock: Clock,
        keep: timedelta,
        most_bytes: int,
        tell_operator: Callable[[str], Awaitable[None]],
    ) -> None:
        """``keep``: how long a frame is kept for rerolls after its last use."""
        self._images = images
        self._uses = uses
        self._clock = clock
        self._keep = keep
        self._most = most_bytes
        self._tell_operator = tell_operator
        self._room = asyncio.Lock()
        # Bytes on disk; unknown before the folder was first read.
        self._used: int | None = None
        self._full_until = 0.0
        self._tell_from = 0.0
        # Frames between their arrival and the end of their reservation, by digest.
        self._reserving: Counter[str] = Counter()

    def check_room(self) -> None:
        """Refuse early while there is no room.

        Raises:
            NoRoom: an attempt to make room has failed a moment ago.
        """
        if self._clock.monotonic() < self._full_until:
            raise NoRoom

    async def keep(self, made: MadeFrame) -> Frame:
        """Keep a frame; :meth:`reserving` must follow, and decides whether it stays.

        Raises:
            NoRoom: there is no room, and nothing was kept.
        """
        async with self._room:
            await self._make_room(made.frame.bytes)
            self._used = (self._used or 0) + made.frame.bytes
        # Counted before the file exists, so that no other refusal removes it in between.
        self._reserving[made.frame.digest] += 1
        try:
            return await self._images.keep(made)
        except BaseException:
            self._done(made.frame.digest)
            raise

    async def renew(self, digest: str) -> bool:
        """Restart the time that a frame is kept; return whether it still exists."""
        self._reserving[digest] += 1
        is_there = False
        try:
            is_there = await self._images.renew(digest)
        finally:
            if not is_there:
                self._done(digest)
        return is_there

    async def find(self, frame: Frame) -> Path:
        """Return where a frame is on this machine.

        Raises:
            FrameGone: it no longer exists.
        """
        path = await self._images.find(frame.digest)
        if path is None:
            raise FrameGone(frame.digest)
        return path

    @asynccontextmanager
    async def reserving(self, frame: Frame) -> AsyncIterator[None]:
        """Wrap a reservation; if it is refused, remove the frame unless a task needs it.

        After any other failure the task may have been written, so :meth:`sweep` decides.
        """
        try:
            yield
        except Refusal:
            self._done(frame.digest)
            await self._remove_unneeded(frame)
            raise
        except BaseException:
            self._done(frame.digest)
            raise
        self._done(frame.digest)

    async def sweep(self) -> int:
        """Remove frames that no task needs, here and in shared storage; return how many."""
        await self._images.remove_parts(KEEP_WITHOUT_TASK)
        here = await self._images.listed()
        old = await self._not_needed(here)
        for file in old:
            await self._images.remove_here(file.digest)
        self._used = sum(file.bytes for file in here) - sum(file.bytes for file in old)
        shared = await self._not_needed(await self._images.listed_elsewhere())
        for file in shared:
            await self._images.remove(file.digest)
        return len({file.digest for file in [*old, *shared]})

    # --- removal ------------------------------------------------------------------------

    async def _remove_unneeded(self, frame: Frame) -> None:
        """Remove the frame of a refused reservation, unless something else needs it.

        If two processes get the same new picture in the same millisecond, a refusal in one can
        remove the other's frame. That task then ends as "picture lost", and nothing is spent.
        """
        try:
            if self._reserving[frame.digest] or await self._uses.frame_uses([frame.digest]):
                return
            await self._images.remove(frame.digest)
        except (StorageError, OSError) as error:
            log.warning("frame of a refused command left to the next sweep: %s", error)
            return
        self._used = max((self._used or 0) - frame.bytes, 0)

    def _done(self, digest: str) -> None:
        self._reserving[digest] -= 1
        if not self._reserving[digest]:
            del self._reserving[digest]

    async def _not_needed(self, files: Sequence[KeptFile]) -> list[KeptFile]:
        now = self._clock.now()
        left = [file for file in files if file.age >= KEEP_WITHOUT_TASK]
        found = list[KeptFile]()
        for some in _chunks(left):
            uses = await self._uses.frame_uses([file.digest for file in some])
            for file in some:
                use = uses.get(file.digest)
                if use is None or use.is_over(now, paid=self._keep, unpaid=KEEP_UNPAID):
                    found.append(file)
        return found

    async def _make_room(self, size: int) -> None:
        if self._used is not None and self._used + size <= self._most:
            return
        self.check_room()
        files = await self._images.listed()
        self._used = sum(file.bytes for file in files)
        if self._used + size > self._most:
            await self._remove_oldest(files, self._most - size - self._most // _AIR)
        if self._used + size <= self._most:
            return
        self._full_until = self._clock.monotonic() + LOOK_AGAIN_AFTER
        await self._tell_full()
        raise NoRoom

    async def _remove_oldest(self, files: Sequence[KeptFile], wanted: int) -> None:
        """Remove the oldest frames of ended tasks, to leave at most ``wanted`` bytes."""
        removed = 0
        for some in _chunks(sorted(files, key=lambda file: file.age, reverse=True)):
            uses = await self._uses.frame_uses([file.digest for file in some])
            for file in some:
                if (self._used or 0) <= max(wanted, 0):
                    break
                if self._may_go(file, uses.get(file.digest)):
                    await self._images.remove_here(file.digest)
                    self._used = (self._used or 0) - file.bytes
                    removed += 1
        if removed:
            log.info("KEEP_IMAGES_MB: %d frames of ended videos removed to make room", removed)

    def _may_go(self, file: KeptFile, use: FrameUse | None) -> bool:
        if self._reserving[file.digest] or file.age < _IN_USE:
            return False
        return file.age >= KEEP_WITHOUT_TASK if use is None else not use.in_hand

    async def _tell_full(self) -> None:
        now = self._clock.monotonic()
        if now < self._tell_from:
            return
        self._tell_from = now + _TELL_AGAIN_AFTER
        await self._tell_operator(
            f"the pictures of videos in progress take all {self._most // 1_000_000} MB that "
            "KEEP_IMAGES_MB allows: new pictures are refused until some of these videos are done."
        )


def _chunks(files: Sequence[KeptFile]) -> list[Sequence[KeptFile]]:
    return [files[start : start + _ASKED_AT_ONCE] for start in range(0, len(files), _ASKED_AT_ONCE)]
