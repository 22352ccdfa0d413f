"""Review of implausible charges: they are booked unchanged and reported to the operator."""

import logging
from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.domain.models.model import VideoKind
from bot.domain.models.prices import PriceList, bounds, is_plausible
from bot.domain.money import ZERO, Usd
from bot.domain.task import State, Task
from bot.worker.supervisor import Supervisor

log = logging.getLogger(__name__)

TOLD_EVERY = 3600.0
"""Minimum seconds between two messages to the operator about one kind of video. Each odd charge is
logged."""


class ChargeReview:
    """Compares what the provider charged for each video with the configured price."""

    def __init__(
        self,
        *,
        prices: PriceList,
        tell_operator: Callable[[str], Awaitable[None]],
        supervisor: Supervisor,
        clock: Clock,
    ) -> None:
        """``prices``: the configured prices. A kind of video without one is not reviewed."""
        self._prices = prices
        self._tell_operator = tell_operator
        self._supervisor = supervisor
        self._clock = clock
        self._told: dict[VideoKind, float] = {}

    def look(self, task: Task) -> None:
        """Report the charge of a task if it is too odd for estimates to be based on it."""
        kind = task.request.kind
        configured = self._prices.find(kind)
        if configured is None or not _is_odd(task, configured):
            return
        words = odd_charge(task, configured, self._prices.variables.get(kind))
        log.warning("%s", words, extra={"task": task.id})
        now = self._clock.monotonic()
        if kind not in self._told or now - self._told[kind] >= TOLD_EVERY:
            self._told[kind] = now
            self._supervisor.start(f"charge of {task.id}", lambda: self._tell(words))

    async def _tell(self, words: str) -> None:
        await self._tell_operator(words)


def _is_odd(task: Task, configured: Usd) -> bool:
    if task.cost is None or task.cost_is_listed or is_plausible(task.cost, configured):
        return False
    # A failed task that costs nothing is normal.
    return task.state is not State.FAILED or task.cost > ZERO


def odd_charge(task: Task, configured: Usd, variable: str | None) -> str:
    """Message to the operator. ``variable``: the setting that holds the price, if there is one."""
    least, most = bounds(configured)
    change = "If this is the price now, change the setting; " if variable else ""
    return (
        f"the provider charged {task.cost} for task {task.id} ({task.request.model}, "
        f"{task.options.resolution}). The charge is booked, but no estimate is based on it: with "
        f"{variable or 'the price'} at {configured}, a charge between {least} and {most} is "
        f"expected. {change}see: flipbook prices show."
    )
