"""What a video will probably cost: what the last ones did, within bounds of what was configured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.money import Usd

LAST = 5
"""How many charges an estimate is made of."""
_TIMES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """What videos are taken to cost until the provider has charged for one."""

    prices: Mapping[tuple[str, str], Usd]
    """By model and resolution."""
    variables: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """The operator's settings, for those prices that have one."""

    def find(self, model: str, resolution: str) -> Usd | None:
        """``None`` for a kind of video that nothing is known of."""
        return self.prices.get((model, resolution))

    def of(self, model: str, resolution: str) -> Usd:
        """
        Raises:
            KeyError: there are no such videos.
        """
        return self.prices[model, resolution]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBasis:
    """What the estimate for one kind of video is made of."""

    model: str
    resolution: str
    configured: Usd
    estimate: Usd
    counted: tuple[Usd, ...]
    """The last charges within bounds, newest first."""
    outside: tuple[Usd, ...]
    """Charges of late that were out of bounds, newest first."""


def basis(model: str, resolution: str, configured: Usd, charges: Sequence[Usd]) -> PriceBasis:
    """Sort the ``charges`` of one kind, newest first, into what counts and what does not."""
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
    """From a quarter to four times the configured price: what a charge has to lie between.

    An estimate outside of them would open every budget, or close every one for good.
    """
    return Usd(-(-configured.micros // _TIMES)), Usd(configured.micros * _TIMES)


def is_plausible(cost: Usd, configured: Usd) -> bool:
    """Whether estimates may be made of this charge."""
    least, most = bounds(configured)
    return least <= cost <= most


def estimated(configured: Usd, charges: Sequence[Usd]) -> Usd:
    """The median of the last charges, newest first; the configured price before the first one.

    What is out of bounds does not count. Between two, the middle is rounded up.
    """
    plausible = [cost for cost in charges if is_plausible(cost, configured)][:LAST]
    if not plausible:
        return configured
    in_order = sorted(cost.micros for cost in plausible)
    middle = len(in_order) // 2
    if len(in_order) % 2:
        return Usd(in_order[middle])
    return Usd(-(-(in_order[middle - 1] + in_order[middle]) // 2))
