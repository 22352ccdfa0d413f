"""Keeps progress messages up to date without getting in the way.

At most one edit in 5 s per task, none when nothing changed, one at a time per channel. Discord
limits edits by channel (5 in 5 s, as observed) and requests over all (50 a second), and the
delivery of a video must not wait behind a row of progress bars: they take half of the one and less
than half of the other, and where Discord makes one wait, they stay away for longer.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from cachetools import FIFOCache

from bot.clock import Clock
from bot.concurrency import cancel_all
from bot.errors import DeliveryRefused, DeliveryUnclear

log = logging.getLogger(__name__)

EDIT_EVERY = 5.0
"""Seconds between two edits of one message."""
FIRST_AFTER = 1.0
"""Seconds before the first: "queued" and "sending" mostly pass in less, and would stand for 5."""
CHANNEL_EVERY = 2.0
"""Seconds between two edits in one channel, of whichever tasks."""
OLD_AFTER = 3600.0 - 60.0
"""Seconds after which a message counts as old; Discord has a limit of its own for those that are
older than an hour (error 30046), a minute before for clocks that differ."""
OLD_EVERY = 60.0
"""Seconds between two edits of old messages in one channel. Discord does not say what it lets
through; three in 20 s were seen to be the most, and the result must find room among them."""
OLD_REFUSED = 600.0
"""Seconds without such an edit in a channel where Discord has refused one."""
ANYWHERE_EVERY = 1 / 20
"""Seconds between two edits in all channels together."""
# An edit that took so many seconds has waited for the limit of its channel: others want it too.
_HAD_TO_WAIT = 1.0
_STAY_AWAY_TIMES = 3
_STAY_AWAY_MOST = 30.0
# Longer than any edit takes that is not lost.
_WAIT_FOR_EDIT = 30.0
_MOST_CLOSED = 10_000
# Seconds without a word about a task after which it is taken to be another process's, which tells
# nobody here of its end. Whoever works on one has something to say every minute.
_FORGET_AFTER = 600.0

Edit = Callable[[], Awaitable[None]]


@dataclass(slots=True, weakref_slot=True, eq=False)
class _Channel:
    """Whose turn it is in a channel, and from when on."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0
    free_for_old_at: float = 0.0

    def used(self, began: float, ended: float, *, is_old: bool) -> None:
        """An edit was made, of a message that is old or not; times are monotonic."""
        self.free_at = began + CHANNEL_EVERY
        if is_old:
            self.free_for_old_at = max(self.free_for_old_at, began + OLD_EVERY)
        if ended - began > _HAD_TO_WAIT:
            self.free_at = ended + min(_STAY_AWAY_TIMES * (ended - began), _STAY_AWAY_MOST)


@dataclass(slots=True)
class _Line:
    """The progress message of one task."""

    channel: _Channel
    edited_at: float
    old_at: float
    """When the message becomes old, monotonic."""
    shown: str = ""
    wanted: tuple[str, Edit] | None = None
    editing: asyncio.Lock = field(default_factory=asyncio.Lock)
    runner: asyncio.Task[None] | None = None
    is_lost: bool = False
    asked_at: float = 0.0
    """When there was something to show last (monotonic)."""

    def has_news(self) -> bool:
        return self.wanted is not None and not self.is_lost


class Progress:
    """The progress messages of the tasks in flight."""

    def __init__(self, *, clock: Clock, is_busy: Callable[[], bool] = lambda: False) -> None:
        """``is_busy``: begin no edit while that is so."""
        self._clock = clock
        self._is_busy = is_busy
        # The one that was spoken of last is the last one.
        self._lines: OrderedDict[str, _Line] = OrderedDict()
        self._closed = FIFOCache[str, None](_MOST_CLOSED)
        self._channels: WeakValueDictionary[int, _Channel] = WeakValueDictionary()
        self._anywhere = asyncio.Lock()
        self._free_at = 0.0

    def __len__(self) -> int:
        """How many messages are kept up to date."""
        return len(self._lines)

    def show(
        self, task_id: str, channel_id: int, text: str, edit: Edit, *, age: float = 0.0
    ) -> None:
        """Bring the message to ``text``, which is ``age`` seconds old, by ``edit``, in its turn.

        Returns at once. What was wanted before and not shown yet is forgotten.
        """
        if task_id in self._closed:
            return
        line = self._lines.get(task_id) or self._begin(task_id, channel_id, age)
        line.asked_at = self._clock.monotonic()
        self._lines.move_to_end(task_id)
        self._forget()
        line.wanted = None if text == line.shown else (text, edit)
        if line.runner is None and line.has_news():
            line.runner = asyncio.create_task(self._run(task_id, line))

    def _begin(self, task_id: str, channel_id: int, age: float) -> _Line:
        now = self._clock.monotonic()
        line = self._lines[task_id] = _Line(
            self._channel(channel_id),
            edited_at=now + FIRST_AFTER - EDIT_EVERY,
            old_at=now - age + OLD_AFTER,
        )
        return line

    def _is_old(self, line: _Line) -> bool:
        return self._clock.monotonic() >= line.old_at

    def _due(self, line: _Line) -> float:
        """When its message may be edited again, as far as its own limits go; monotonic."""
        due = line.edited_at + EDIT_EVERY
        return max(due, line.channel.free_for_old_at) if self._is_old(line) else due

    def _forget(self) -> None:
        """What nobody has spoken of for long; one whose edit waits is kept."""
        oldest = self._clock.monotonic() - _FORGET_AFTER
        while self._lines:
            task_id, line = next(iter(self._lines.items()))
            if line.asked_at > oldest or line.runner is not None:
                return
            del self._lines[task_id]

    async def close(self, task_id: str) -> None:
        """No more progress for this task; an edit under way has ended when this returns.

        Otherwise it could arrive after the result and undo it.
        """
        self._closed[task_id] = None
        line = self._lines.pop(task_id, None)
        if line is None:
            return
        line.wanted = None
        try:
            async with asyncio.timeout(_WAIT_FOR_EDIT), line.editing:
                pass
        except TimeoutError:
            # Cut off: were it to arrive after the result, it would take the video away.
            log.warning("task %s: a progress edit does not end", task_id)
            if line.runner is not None:
                line.runner.cancel()
                await asyncio.wait([line.runner])

    async def aclose(self) -> None:
        """Stop all of it."""
        await cancel_all([line.runner for line in self._lines.values() if line.runner])
        self._lines.clear()

    async def _run(self, task_id: str, line: _Line) -> None:
        try:
            while line.has_news():
                await self._clock.sleep(self._due(line) - self._clock.monotonic())
                await self._edit(task_id, line)
        finally:
            line.runner = None

    async def _edit(self, task_id: str, line: _Line) -> None:
        async with line.channel.turn:
            await self._until_free(line)
            async with line.editing:
                # Others in this channel may have taken the turn of old messages meanwhile.
                if line.wanted is None or self._due(line) > self._clock.monotonic():
                    return
                began = line.edited_at = self._clock.monotonic()
                await self._show(task_id, line, *line.wanted)
                line.channel.used(began, self._clock.monotonic(), is_old=self._is_old(line))

    async def _until_free(self, line: _Line) -> None:
        """Wait for the channel, and for a place among all; not for what is not wanted any more."""
        await self._clock.sleep(line.channel.free_at - self._clock.monotonic())
        # One at a time waits for the next place: hundreds would wake up for each, and one get it.
        async with self._anywhere:
            if line.has_news():
                await self._clock.sleep(self._free_at - self._clock.monotonic())
                while line.has_news() and self._is_busy():
                    await self._clock.sleep(ANYWHERE_EVERY)
                self._free_at = self._clock.monotonic() + ANYWHERE_EVERY

    async def _show(self, task_id: str, line: _Line, text: str, edit: Edit) -> None:
        line.wanted = None
        line.shown = text
        try:
            await edit()
        except DeliveryRefused as error:
            # The message is gone, or out of reach: asking again and again helps nobody.
            line.is_lost = True
            log.info("task %s: progress is no longer shown: %s", task_id, error)
        except DeliveryUnclear as error:
            log.info("task %s: progress not shown: %s", task_id, error)
            if error.retry_after is not None and self._is_old(line):
                wait = max(error.retry_after, OLD_REFUSED)
                line.channel.free_for_old_at = self._clock.monotonic() + wait
        except Exception as error:  # noqa: BLE001 - the next change is shown all the same
            log.info("task %s: progress not shown: %s", task_id, error)

    def _channel(self, channel_id: int) -> _Channel:
        channel = self._channels.get(channel_id)
        if channel is None:
            channel = self._channels[channel_id] = _Channel()
        return channel
