"""Keeps progress messages up to date without delaying anything else.

Each task's message is edited at most once in 5 s, only when something changed, and one at a time
per channel. Discord limits edits per channel (5 in 5 s, as observed) and requests overall (50 a
second). Progress takes half of the former and less than half of the latter, so that the delivery
of a video need not wait behind it, and pauses longer when Discord makes an edit wait.
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
"""Seconds before the first edit: "queued" and "sending" are usually over by then."""
CHANNEL_EVERY = 2.0
"""Seconds between two edits in one channel, over all tasks."""
OLD_AFTER = 3600.0 - 60.0
"""Seconds after which a message counts as old: Discord has a separate limit for messages older
than an hour (error 30046). The minute less allows for clocks that differ."""
OLD_EVERY = 60.0
"""Seconds between two edits of old messages in one channel. Discord does not document this limit;
three in 20 s were observed, and the result must fit in as well."""
OLD_REFUSED = 600.0
"""Seconds without edits of old messages in a channel after Discord has refused one."""
ANYWHERE_EVERY = 1 / 20
"""Seconds between two edits in all channels together."""
# An edit that took longer than this many seconds has waited for its channel's limit.
_HAD_TO_WAIT = 1.0
_STAY_AWAY_TIMES = 3
_STAY_AWAY_MOST = 30.0
# Seconds after which an edit in flight is taken to hang.
_WAIT_FOR_EDIT = 30.0
_MOST_CLOSED = 10_000
# Seconds without an update after which a task is taken to be another process's, whose end is not
# reported here. The process that works on a task updates it every minute.
_FORGET_AFTER = 600.0

Edit = Callable[[], Awaitable[None]]


@dataclass(slots=True, weakref_slot=True, eq=False)
class _Channel:
    """When the next edit in a channel may happen, and the lock for it."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0
    free_for_old_at: float = 0.0

    def used(self, began: float, ended: float, *, is_old: bool) -> None:
        """Note an edit of a message that is old or not; times are monotonic."""
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
    """When ``show`` was last called for it, monotonic."""

    def has_news(self) -> bool:
        return self.wanted is not None and not self.is_lost


class Progress:
    """The progress messages of the tasks in flight."""

    def __init__(self, *, clock: Clock, is_busy: Callable[[], bool] = lambda: False) -> None:
        """``is_busy``: no edit begins while it returns true."""
        self._clock = clock
        self._is_busy = is_busy
        # Ordered by the last update, the latest at the end.
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
        """Show ``text`` by calling ``edit`` when limits allow; the message is ``age`` seconds old.

        Returns at once. Replaces an earlier text that is not shown yet.
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
        """When the message's own limits allow another edit, monotonic."""
        due = line.edited_at + EDIT_EVERY
        return max(due, line.channel.free_for_old_at) if self._is_old(line) else due

    def _forget(self) -> None:
        """Forget tasks without recent updates, but none whose edit is waiting."""
        oldest = self._clock.monotonic() - _FORGET_AFTER
        while self._lines:
            task_id, line = next(iter(self._lines.items()))
            if line.asked_at > oldest or line.runner is not None:
                return
            del self._lines[task_id]

    async def close(self, task_id: str) -> None:
        """End the progress of a task; an edit in flight has ended when this returns.

        Otherwise it could arrive after the result and overwrite it.
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
            # Canceled, because arriving after the result it would remove the video.
            log.warning("task %s: progress edit canceled, it did not end", task_id)
            if line.runner is not None:
                line.runner.cancel()
                await asyncio.wait([line.runner])

    async def aclose(self) -> None:
        """Stop all progress messages."""
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
                # Another task's edit may have used the channel's turn for old messages meanwhile.
                if line.wanted is None or self._due(line) > self._clock.monotonic():
                    return
                began = line.edited_at = self._clock.monotonic()
                await self._show(task_id, line, *line.wanted)
                line.channel.used(began, self._clock.monotonic(), is_old=self._is_old(line))

    async def _until_free(self, line: _Line) -> None:
        """Wait for the channel's and the overall limit, unless the edit is no longer wanted."""
        await self._clock.sleep(line.channel.free_at - self._clock.monotonic())
        # One at a time waits for the next slot; otherwise hundreds would wake up for each.
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
            # The message is gone or inaccessible, so trying again is useless.
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
