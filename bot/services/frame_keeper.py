"""First frames for as long as a task needs them, and never more of them than there is room for."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.clock import Clock
from bot.domain.submission import MadeFrame
from bot.domain.task import Frame, FrameUse, KeptFile
from bot.errors import NoRoom, Refusal, StorageError
from bot.storage.files.images import ImageStore
from bot.storage.tasks.tasks import TaskStore

log = logging.getLogger(__name__)

# A frame whose task ended without a charge: long enough to try again with other words.
KEEP_UNPAID = timedelta(days=1)
# A frame without a task is just coming in, or was left by a process that was killed.
KEEP_WITHOUT_TASK = timedelta(hours=1)
# A frame that was sent in again a moment ago is about to be reserved for.
_IN_USE = timedelta(minutes=1)
# Room is made for more than one picture, so that not every command has to look for it.
_AIR = 20
# Seconds in which nobody looks for room again after there was none.
LOOK_AGAIN_AFTER = 30.0
# Seconds between two words to the operator about the same lack of room.
_TELL_AGAIN_AFTER = 6 * 3600.0
_ASKED_AT_ONCE = 500


class FirstFrameKeeper:
    """Keeps frames on this machine, at most ``most_bytes`` of them.

    Where that is reached, the oldest frames of tasks that have ended go; a frame that a task
    still needs never does. Only then new pictures are refused, and the operator is told.
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
        """``keep``: how long a frame is kept for rerolls after it was last sent in."""
        self._images = images
        self._uses = uses
        self._clock = clock
        self._keep = keep
        self._most = most_bytes
        self._tell_operator = tell_operator
        self._room = asyncio.Lock()
        # Bytes on the disk; unknown before the first look.
        self._used: int | None = None
        self._full_until = 0.0
        self._tell_from = 0.0
        # Frames between their arrival and the end of their reservation, by digest.
        self._reserving: Counter[str] = Counter()

    def check_room(self) -> None:
        """
        Raises:
            NoRoom: there was none a moment ago.
        """
        if self._clock.monotonic() < self._full_until:
            raise NoRoom

    async def keep(self, made: MadeFrame) -> Frame:
        """Keep it; :meth:`reserving` must follow, and decides whether it stays.

        Raises:
            NoRoom: nothing was kept.
        """
        async with self._room:
            await self._make_room(made.frame.bytes)
            self._used = (self._used or 0) + made.frame.bytes
        # Counted before it is there, so that nobody's refusal takes it away in between.
        self._reserving[made.frame.digest] += 1
        try:
            return await self._images.keep(made)
        except BaseException:
            self._done(made.frame.digest)
            raise

    async def renew(self, digest: str) -> bool:
        """Keep a frame from now on as if it had just come; whether it is still there."""
        self._reserving[digest] += 1
        is_there = False
        try:
            is_there = await self._images.renew(digest)
        finally:
            if not is_there:
                self._done(digest)
        return is_there

    @asynccontextmanager
    async def reserving(self, frame: Frame) -> AsyncIterator[None]:
        """Around the reservation; where that is refused, the frame goes if no task needs it.

        After any other failure the task may have been written: then :meth:`sweep` decides.
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
        """Remove the frames that no task needs any more, here and for other machines; how many."""
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

    # --- within -------------------------------------------------------------------------

    async def _remove_unneeded(self, frame: Frame) -> None:
        """Of two processes that take in the same new picture in the same millisecond, one refusal
        can take the other's frame; its task then ends as "picture lost", and nothing is spent.
        """
        try:
            if self._reserving[frame.digest] or await self._uses.frame_uses([frame.digest]):
                return
            await self._images.remove(frame.digest)
        except (StorageError, OSError) as error:
            log.warning("the frame of a refused command goes with the next sweep: %s", error)
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
        """Remove frames of ended tasks until at most ``wanted`` bytes are left, if so many are."""
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
            log.info("KEEP_IMAGES_MB: %d frames of ended videos made room for new ones", removed)

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
            "KEEP_IMAGES_MB allows: new pictures are refused until some of these videos are done"
        )


def _chunks(files: Sequence[KeptFile]) -> list[Sequence[KeptFile]]:
    return [files[start : start + _ASKED_AT_ONCE] for start in range(0, len(files), _ASKED_AT_ONCE)]
