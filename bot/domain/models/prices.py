"""Estimates of costs, from the last charges within bounds of the configured price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.models.model import WAN22_I2V_FLASH, VideoKind
from bot.domain.money import Usd

GUESSED = {
    VideoKind(WAN22_I2V_FLASH.id, resolution, WAN22_I2V_FLASH.default_seconds): Usd.parse(price)
    for resolution, price in zip(WAN22_I2V_FLASH.resolutions, ("0.10", "0.20"), strict=True)
}
"""Guesses for the model that is used if the operator sets nothing; charges replace them. For the
prices of any other model, the operator is asked."""

LAST = 5
"""The number of charges that an estimate is made from."""
_TIMES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """The estimated costs of videos until the provider has charged for one."""

    prices: Mapping[VideoKind, Usd]
    variables: Mapping[VideoKind, str] = field(default_factory=dict)
    """The names of the operator's settings for prices."""

    @property
    def has_kinds(self) -> bool:
        """Whether videos with a price differ in more than their resolution."""
        return len({kind._replace(resolution="") for kind in self.prices}) > 1

    def find(self, kind: VideoKind) -> Usd | None:
        """The price of a kind of video; ``None`` if there is none."""
        return self.prices.get(kind)

    def by_the_second(self, kind: VideoKind) -> Usd | None:
        """The price of a kind, also of a length that has none: the nearest length's by the second.

        ``None``: no length of this model, resolution and sound has a price.
        """
        alike = [one for one in self.prices if one._replace(seconds=kind.seconds) == kind]
        if not alike:
            return None
        nearest = min(alike, key=lambda one: (abs(one.seconds - kind.seconds), one.seconds))
        # Rounded up to the millionth.
        return Usd(-(-self.prices[nearest].micros * kind.seconds // nearest.seconds))

    def of(self, kind: VideoKind) -> Usd:
        """The price of a kind of video.

        Raises:
            KeyError: there is none.
        """
        return self.prices[kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBasis:
    """The estimate for a kind of video, and the charges it is made from."""

    kind: VideoKind
    configured: Usd
    estimate: Usd
    counted: tuple[Usd, ...]
    """The last charges within bounds, newest first."""
    outside: tuple[Usd, ...]
    """The last charges out of bounds, newest first."""


def basis(kind: VideoKind, configured: Usd, charges: Sequence[Usd]) -> PriceBasis:
    """Divide the charges of a kind, newest first, into those that count and those that do not."""
    counted = [cost for cost in charges if is_plausible(cost, configured)]
    return PriceBasis(
        kind=kind,
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
