"""What applies to whom: the operator's numbers, and the moderators' on top."""

from bot.domain.limits import Limits, applying
from bot.domain.money import Usd
from bot.domain.prices import PriceList, bounds, estimated
from bot.domain.quota import Usage
from bot.domain.task import Person
from bot.storage.tasks.tasks import TaskStore


class Allowances:
    """Limits and estimates."""

    def __init__(self, *, tasks: TaskStore, default: Limits, prices: PriceList) -> None:
        """
        Args:
            tasks: knows the moderators' rules, and what the provider charged last.
            default: the operator's numbers, ceilings included.
            prices: as configured: until the provider has charged once, and the
                measure of what a charge may be.
        """
        self._tasks = tasks
        self._default = default
        self._prices = prices

    def default(self, guild_id: int | None) -> Limits:
        """The operator's own limits; no server's budget where no server is."""
        return self._default if guild_id is not None else self._default.outside_servers()

    async def limits(self, person: Person, guild_id: int | None) -> Limits:
        """What applies to this person in this place, now, for people to read.

        What decides is read once more within the reservation.
        """
        default = self.default(guild_id)
        if guild_id is None:
            return default
        return applying(default, await self._tasks.rules(guild_id, person), person.role_ids)

    async def use(self, person_id: int, guild_id: int | None, limits: Limits) -> Usage:
        """What the person used and holds there, under the limits that apply to them."""
        return await self._tasks.use(person_id, guild_id, limits)

    async def estimate(self, model: str, resolution: str) -> Usd:
        """What a video will probably cost, by what the last ones of its kind did."""
        configured = self._prices.of(model, resolution)
        charges = await self._tasks.charges((model, resolution), bounds(configured))
        return estimated(configured, charges)
