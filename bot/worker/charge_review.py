"""Charges that no video of that kind can cost: booked as they are, and told to the operator."""

import logging
from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.domain.money import ZERO, Usd
from bot.domain.prices import PriceList, bounds, is_plausible
from bot.domain.provider.durations import Kind
from bot.domain.task import State, Task
from bot.worker.supervisor import Supervisor

log = logging.getLogger(__name__)

TOLD_EVERY = 3600.0
"""Seconds between two messages to the operator about one kind of video; the log has each."""


class ChargeReview:
    """Looks at what the provider charged for each video."""

    def __init__(
        self,
        *,
        prices: PriceList,
        tell_operator: Callable[[str], Awaitable[None]],
        supervisor: Supervisor,
        clock: Clock,
    ) -> None:
        """``prices``: as configured; of other kinds of videos nothing is expected."""
        self._prices = prices
        self._tell_operator = tell_operator
        self._supervisor = supervisor
        self._clock = clock
        self._told: dict[Kind, float] = {}

    def look(self, task: Task) -> None:
        """Say it where estimates are not made of this charge."""
        kind = task.request.model, task.options.resolution
        configured = self._prices.find(*kind)
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
    if task.cost is None or is_plausible(task.cost, configured):
        return False
    # That a failure costs nothing is as it should be.
    return task.state is not State.FAILED or task.cost > ZERO


def odd_charge(task: Task, configured: Usd, variable: str | None) -> str:
    """What the operator reads; ``variable``: the setting of the price, where there is one."""
    least, most = bounds(configured)
    change = "If that is the price now, change the setting; " if variable else ""
    return (
        f"the provider charged {task.cost} for task {task.id} ({task.request.model}, "
        f"{task.options.resolution}). It is booked as it is, and no estimate is made of it: with "
        f"{variable or 'the price'} at {configured}, a charge is expected between {least} and "
        f"{most}. {change}see: flipbook prices show"
    )
