"""Estimates of costs, from the last charges within bounds of the configured price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.money import Usd

LAST = 5
"""The number of charges that an estimate is made from."""
_TIMES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """The estimated costs of videos until the provider has charged for one."""

    prices: Mapping[tuple[str, str], Usd]
    """Prices by model and resolution."""
    variables: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """The names of the operator's settings for prices, by model and resolution."""

    def find(self, model: str, resolution: str) -> Usd | None:
        """The price of a kind of video; ``None`` if the kind is not known."""
        return self.prices.get((model, resolution))

    def of(self, model: str, resolution: str) -> Usd:
        """The price of a kind of video.

        Raises:
            KeyError: the kind is not known.
        """
        return self.prices[model, resolution]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBasis:
    """The estimate for a kind of video, and the charges it is made from."""

    model: str
    resolution: str
    configured: Usd
    estimate: Usd
    counted: tuple[Usd, ...]
    """The last charges within bounds, newest first."""
    outside: tuple[Usd, ...]
    """The last charges out of bounds, newest first."""


def basis(model: str, resolution: str, configured: Usd, charges: Sequence[Usd]) -> PriceBasis:
    """Divide the charges of a kind, newest first, into those that count and those that do not."""
    counted = [cost for cost in charges if is_plausible(cost, configured)]
    return PriceBasis(
        model=model,
        resolution=resolution,
        configured=configured,
        estimate=estimated(configured, charges),
        counted=tuple(counted[:LAST]),
        outside=tuple(cost for cost in charges if not is_plausible(cost, configured))[:LAST],
    )


def bounds(configured: Usd) -> tuple[Usd, Usd]:
    """The bounds of plausible charges: a quarter of the configured price, and four times it.

    An estimate out of bounds would open every budget, or close every budget for good.
    """
    return Usd(-(-configured.micros // _TIMES)), Usd(configured.micros * _TIMES)


def is_plausible(cost: Usd, configured: Usd) -> bool:
    """Whether a charge is within bounds, so that it counts in estimates."""
    least, most = bounds(configured)
    return least <= cost <= most


def estimated(configured: Usd, charges: Sequence[Usd]) -> Usd:
    """The median of the last charges within bounds; the configured price if there are none.

    ``charges`` are newest first. The mean of two middle ones is rounded up.
    """
    plausible = [cost for cost in charges if is_plausible(cost, configured)][:LAST]
    if not plausible:
        return configured
    in_order = sorted(cost.micros for cost in plausible)
    middle = len(in_order) // 2
    if len(in_order) % 2:
        return Usd(in_order[middle])
    return Usd(-(-(in_order[middle - 1] + in_order[middle]) // 2))
