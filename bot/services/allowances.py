"""The limits that apply to a person: the operator's, and the moderators' on top."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.domain.models.model import Model, VideoKind
from bot.domain.models.prices import PriceList, bounds, estimated
from bot.domain.money import Usd
from bot.domain.quotas.limits import Limits, applying
from bot.domain.quotas.quota import BUDGETS, Denial, Offer, Usage
from bot.domain.task import Person
from bot.storage.tasks.tasks import TaskStore


class Allowances:
    """Looks up limits, usage and cost estimates."""

    def __init__(self, *, tasks: TaskStore, default: Limits, prices: PriceList) -> None:
        """
        Args:
            tasks: knows the moderators' rules, and what the provider charged last.
            default: the operator's limits, ceilings included.
            prices: the configured prices: estimates until the provider has charged once, and
                the yardstick for charges after that.
        """
        self._tasks = tasks
        self._default = default
        self._prices = prices

    def default(self, guild_id: int | None) -> Limits:
        """The operator's limits; without a server, there is no server budget."""
        return self._default if guild_id is not None else self._default.outside_servers()

    async def limits(self, person: Person, guild_id: int | None) -> Limits:
        """The limits that apply to a person in a server now, for display and early refusals.

        The reservation reads them again, and decides.
        """
        default = self.default(guild_id)
        if guild_id is None:
            return default
        return applying(default, await self._tasks.rules(guild_id, person), person.role_ids)

    async def use(self, person_id: int, guild_id: int | None, limits: Limits) -> Usage:
        """The person's usage in the server, under the limits that apply to them."""
        return await self._tasks.use(person_id, guild_id, limits)

    async def estimate(self, kind: VideoKind) -> Usd:
        """The likely cost of a video, from the last charges for videos of its kind."""
        configured = self._prices.of(kind)
        charges = await self._tasks.charges(kind, bounds(configured))
        return estimated(configured, charges)

    async def estimates(self, kinds: Iterable[VideoKind]) -> Mapping[VideoKind, Usd]:
        """The likely costs of videos of several kinds, with one query for all of them."""
        charges = await self._tasks.all_charges()
        return {kind: estimated(self._prices.of(kind), charges.get(kind, ())) for kind in kinds}

    async def offers(self, kind: VideoKind, model: Model) -> Sequence[Offer]:
        """A kind of video in every resolution of its model, the dearest first."""
        kinds = [kind._replace(resolution=one) for one in model.resolutions]
        found = [Offer(one, await self.estimate(one)) for one in kinds]
        return sorted(found, key=lambda offer: offer.estimate, reverse=True)

    async def explained(self, denial: Denial, kind: VideoKind, model: Model) -> Denial:
        """A budget's denial with the video that was asked for, and those that still fit."""
        if denial.reason not in BUDGETS or denial.room is None:
            return denial
        offers = await self.offers(kind, model)
        asked = next((one for one in offers if one.kind == kind), None)
        fits = tuple(one for one in offers if one.estimate <= denial.room)
        return replace(denial, asked=asked, fits=fits, names_kinds=self._prices.has_kinds)
