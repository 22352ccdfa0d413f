"""What applies to whom. The operator's settings now; moderators' limits come on top later."""

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.money import Usd
from bot.domain.quota import Limits
from bot.domain.task import Person
from bot.services.ports import Tasks


class Allowances:
    """Limits and estimates."""

    def __init__(self, *, tasks: Tasks, default: Limits, prices: Mapping[str, Usd]) -> None:
        """
        Args:
            tasks: knows what the provider charged last.
            default: the operator's numbers, ceilings included.
            prices: by resolution, until the provider has charged once.
        """
        self._tasks = tasks
        self._default = default
        self._prices = prices

    async def limits(self, person: Person, guild_id: int | None) -> Limits:
        """What applies to this person in this place, now; no server budget where no server is."""
        return self._default if guild_id is not None else replace(self._default, guild_month=None)

    async def estimate(self, model: str, resolution: str) -> Usd:
        """What a video will probably cost: what the last one of its kind did."""
        return await self._tasks.estimate(model, resolution) or self._prices[resolution]
