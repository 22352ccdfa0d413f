"""A Discord, as much of one as the delivery ladder meets."""

import itertools
from collections import Counter
from pathlib import Path

from bot.domain.task import Rung, Task
from bot.errors import RungRefused, RungUnclear
from bot.services.ports import Posted, Told
from tests.clock import VirtualClock
from tests.simulation.outside import Faults, step

NONCE_KNOWN = 150.0
"""Seconds for which Discord knows a nonce: "the past few minutes"."""


class FakeMessenger:
    """Keeps which messages show whose result, and what was said."""

    def __init__(self, clock: VirtualClock, faults: Faults) -> None:
        self._clock = clock
        self._faults = faults
        self._ids = itertools.count(9001)
        self._nonces: dict[tuple[str, bool], tuple[float, Posted]] = {}
        self.results: dict[str, set[Posted]] = {}
        self.is_gone = False
        """Whether the commands' own messages were deleted: every result is a new one."""
        self.attempts: list[tuple[str, Rung, bool, float]] = []
        self.said: Counter[tuple[str, str]] = Counter()
        self.operator: list[str] = []

    async def show(self, task: Task) -> None:
        await step()

    async def tell_late(self, task: Task) -> None:
        await step()
        self.said["late", task.id] += 1

    async def tell_ended(self, task: Task) -> Told:
        await step()
        if self._faults.draw("tell") is not None:
            return Told.NOT_YET
        self.said[task.state.value, task.id] += 1
        return Told.SAID

    async def announce(self, task: Task) -> None:
        await step()
        self.said["announced", task.id] += 1

    async def tell_operator(self, text: str) -> None:
        await step()
        self.operator.append(text)

    async def deliver(self, task: Task, rung: Rung, video: Path | None, *, search: bool) -> Posted:
        await step()
        self.attempts.append((task.id, rung, search, self._clock.passed))
        fault = self._faults.draw("deliver")
        if fault == "refused" or (self.is_gone and rung is Rung.EDIT):
            if rung is Rung.EDIT:
                # Somebody deleted the message, and with it what an earlier edit put there.
                self.results.pop(task.id, None)
            raise RungRefused("no")
        if fault == "unclear before":
            raise RungUnclear("reset")
        posted = self._post(task, rung, search=search)
        await step("posted")
        if fault == "unclear after":
            raise RungUnclear("reset")
        return posted

    def _post(self, task: Task, rung: Rung, *, search: bool) -> Posted:
        """The message of the command edited, an earlier one found, or a new one."""
        results = self.results.setdefault(task.id, set())
        if rung is Rung.EDIT:
            posted = Posted(
                channel_id=task.place.channel_id or 0, message_id=task.place.message_id or 0
            )
        elif search and results:
            return min(results, key=lambda one: one.message_id)
        else:
            posted = self._by_nonce(task, rung)
        results.add(posted)
        return posted

    def _by_nonce(self, task: Task, rung: Rung) -> Posted:
        key = (task.id, rung is Rung.DIRECT)
        known = self._nonces.get(key)
        if known is not None and self._clock.passed - known[0] <= NONCE_KNOWN:
            return known[1]
        posted = Posted(channel_id=3001, message_id=next(self._ids))
        self._nonces[key] = (self._clock.passed, posted)
        return posted
