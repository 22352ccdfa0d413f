"""A fake Discord: just enough of it for the methods of delivery."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import copy_context
from pathlib import Path

from bot.domain.delivery import DeliveryMethod, Posted, Told
from bot.domain.task import State, Task
from bot.errors import DeliveryError, DeliveryRefused, DeliveryUnclear
from bot.services.history import History
from bot.storage.tasks.tasks import TaskStore
from tests.clock import VirtualClock
from tests.simulation.fake_world import Faults, step

NONCE_KNOWN = 150.0
"""Seconds for which Discord remembers a nonce: "the past few minutes"."""
ON_THE_WIRE = (0.0, 0.0, 0.3, 3.0)
"""Seconds until an edit takes effect."""
HELD = (6.0, 18.0, 29.0)
"""Seconds until an edit takes effect, if its request times out first."""
SAYS_THE_SAME = 20.0
"""Seconds in which progress is not edited again, unless the state has changed."""
ASK_AGAIN = 20.0
"""Seconds to wait that the responses ask for while something before Discord refuses everything."""


class FakeMessenger:
    """A fake Discord that records which messages show which results, and what people were told."""

    def __init__(self, clock: VirtualClock, faults: Faults) -> None:
        self._clock = clock
        self._faults = faults
        self._ids = itertools.count(9001)
        self._nonces: dict[tuple[str, bool], tuple[float, Posted]] = {}
        self.results: dict[str, set[Posted]] = {}
        self.is_gone = False
        """Whether the commands' own messages were deleted, so that every result needs a new
        message.
        """
        self.shows: dict[str, str] = {}
        """What each task's own message shows: "on the way", "result", or "end" for any other end.
        """
        self.overwritten = 0
        self.attempts: list[tuple[str, DeliveryMethod, bool, float]] = []
        self.too_early: list[tuple[str, DeliveryMethod, float]] = []
        """Attempts of a process that had been asked to wait longer."""
        self.refused: set[str] = set()
        """Tasks for which a request about their message was refused."""
        self.blocked_until = 0.0
        self._world = copy_context()
        self._sent: set[asyncio.Task[None]] = set()
        self.told: Counter[tuple[str, str]] = Counter()
        self.operator: list[str] = []
        self.shown: list[State] = []
        """The states that messages of tasks were to show, in this order."""

    def _ask(self) -> None:
        """Check for a blockade, which a fault may begin.

        Raises:
            DeliveryUnclear: Something before Discord refuses everything for now.
        """
        if seconds := self._faults.draw("blockade"):
            self.blocked_until = self._clock.passed + float(seconds)
        if self._clock.passed < self.blocked_until:
            raise DeliveryUnclear("403 without an answer of Discord's", retry_after=ASK_AGAIN)

    async def show(self, task: Task) -> None:
        await step()
        self.shown.append(task.state)

    async def tell_late(self, task: Task) -> None:
        await step()
        self.told["late", task.id] += 1

    async def tell_ended(self, task: Task) -> Told:
        await step()
        try:
            self._ask()
        except DeliveryUnclear:
            return Told.NOT_YET
        if self._faults.draw("tell") is not None:
            return Told.NOT_YET
        self.shows[task.id] = "end"
        self.told[task.state.value, task.id] += 1
        return Told.DELIVERED

    async def announce(self, task: Task) -> None:
        await step()
        self.told["announced", task.id] += 1

    async def edit(self, task: Task, seconds: float, held: float) -> None:
        """Edit a message to show progress; once sent, the edit takes effect, sooner or later."""
        await step("editing")
        self._ask()
        if self.is_gone:
            raise DeliveryRefused("no")
        fault = self._faults.draw("edit")
        if fault == "unclear before":
            raise DeliveryUnclear("reset")
        if fault == "held":
            self._send(task, held)
            raise DeliveryUnclear("no answer in time")
        await asyncio.shield(self._send(task, seconds))
        await step("edited")
        if fault == "unclear after":
            raise DeliveryUnclear("reset")

    def _send(self, task: Task, seconds: float) -> asyncio.Task[None]:
        """Send an edit that takes effect even if the process that sent it dies."""
        sent = asyncio.create_task(self._arrive(task, seconds), context=self._world)
        self._sent.add(sent)
        sent.add_done_callback(self._sent.discard)
        return sent

    async def _arrive(self, task: Task, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self.overwritten += self.shows.get(task.id) == "result"
        self.shows[task.id] = "on the way"
        self.results.get(task.id, set()).discard(_own(task))

    async def put_right(self, task: Task, video: Callable[[], Awaitable[Path | None]]) -> None:
        await step()
        self._ask()
        if self.is_gone:
            raise DeliveryRefused("no")
        if self._faults.draw("tell") is not None:
            raise DeliveryUnclear("reset")
        if task.state is not State.DELIVERED:
            self.shows[task.id] = "end"
        elif task.result_message_id == task.place.message_id and self.shows[task.id] != "result":
            await video()
            await step()
            self._post(task, DeliveryMethod.EDIT, search=False)

    async def tell_operator(self, text: str) -> None:
        await step()
        self.operator.append(text)

    async def deliver(
        self, task: Task, method: DeliveryMethod, video: Path | None, *, search: bool
    ) -> Posted:
        await step()
        self.attempts.append((task.id, method, search, self._clock.passed))
        self._ask()
        fault = self._faults.draw("deliver")
        if fault == "refused" or (self.is_gone and method is DeliveryMethod.EDIT):
            if method is DeliveryMethod.EDIT:
                # Somebody deleted the message, together with the result in it.
                self.results.pop(task.id, None)
            self.refused.add(task.id)
            raise DeliveryRefused("no")
        if fault == "unclear before":
            raise DeliveryUnclear("reset")
        posted = self._post(task, method, search=search)
        await step("posted")
        if fault == "unclear after":
            raise DeliveryUnclear("reset")
        return posted

    def _post(self, task: Task, method: DeliveryMethod, *, search: bool) -> Posted:
        """Edit the command's message, find an earlier result, or post a new message."""
        results = self.results.setdefault(task.id, set())
        if method is DeliveryMethod.EDIT:
            posted = _own(task)
            self.shows[task.id] = "result"
        elif search and results:
            return min(results, key=lambda one: one.message_id)
        else:
            posted = self._by_nonce(task, method)
        results.add(posted)
        return posted

    def _by_nonce(self, task: Task, method: DeliveryMethod) -> Posted:
        key = (task.id, method is DeliveryMethod.DIRECT)
        known = self._nonces.get(key)
        if known is not None and self._clock.passed - known[0] <= NONCE_KNOWN:
            return known[1]
        posted = Posted(channel_id=3001, message_id=next(self._ids))
        self._nonces[key] = (self._clock.passed, posted)
        return posted


def _own(task: Task) -> Posted:
    return Posted(channel_id=task.place.channel_id or 0, message_id=task.place.message_id or 0)


class EditingMessenger:
    """The messenger of one process, which edits progress and records edits in a task's history."""

    def __init__(
        self, channel: FakeMessenger, *, tasks: TaskStore, clock: VirtualClock, rng: random.Random
    ) -> None:
        self._channel = channel
        self._clock = clock
        self._history = History(tasks=tasks, clock=clock)
        self._rng = rng
        self._edits: dict[str, asyncio.Task[None]] = {}
        self._shown: dict[str, tuple[State, int, float]] = {}
        self._not_before: dict[str, float] = {}
        self.announce = channel.announce
        self.tell_operator = channel.tell_operator

    async def show(self, task: Task) -> None:
        await self._channel.show(task)
        # The text changes with the state, and slowly with time.
        now = task.state, task.epoch, self._clock.passed // SAYS_THE_SAME
        if task.id not in self._edits and self._shown.get(task.id) != now:
            self._shown[task.id] = now
            edit = self._edits[task.id] = asyncio.create_task(self._edit(task))
            edit.add_done_callback(lambda _: self._edits.pop(task.id, None))

    async def _edit(self, task: Task) -> None:
        wire, held = self._rng.choice(ON_THE_WIRE), self._rng.choice(HELD)
        with suppress(DeliveryError):
            await self._history.edit(task, lambda: self._channel.edit(task, wire, held))

    async def _close(self, task: Task) -> None:
        """Wait until no edit of this process is under way, as the real messenger does."""
        if edit := self._edits.get(task.id):
            await asyncio.wait([edit], timeout=None)

    async def aclose(self) -> None:
        """Stop editing. Edits that were sent still take effect."""
        edits = list(self._edits.values())
        for edit in edits:
            edit.cancel()
        await asyncio.gather(*edits, return_exceptions=True)

    async def tell_late(self, task: Task) -> None:
        await self._channel.tell_late(task)
        await self.show(task)

    async def tell_ended(self, task: Task) -> Told:
        await self._close(task)
        told = Told.NOT_YET

        async def tell() -> None:
            nonlocal told
            told = await self._channel.tell_ended(task)

        await self._history.edit(task, tell)
        return told

    async def deliver(
        self, task: Task, method: DeliveryMethod, video: Path | None, *, search: bool
    ) -> Posted:
        await self._close(task)
        if self._clock.passed < self._not_before.get(task.id, 0.0):
            self._channel.too_early.append((task.id, method, self._clock.passed))
        try:
            return await self._channel.deliver(task, method, video, search=search)
        except DeliveryUnclear as error:
            self._not_before[task.id] = self._clock.passed + (error.retry_after or 0.0)
            raise

    async def put_right(self, task: Task, video: Callable[[], Awaitable[Path | None]]) -> None:
        await self._close(task)
        if task.state is State.DELIVERED:
            await self._channel.put_right(task, video)
        elif not await self._history.edit(task, lambda: self._channel.put_right(task, video)):
            raise DeliveryUnclear("it has gone on")
