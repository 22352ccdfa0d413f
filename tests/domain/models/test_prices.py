from hypothesis import given
from hypothesis import strategies as st

from bot.domain.models.model import VideoKind
from bot.domain.models.prices import basis, bounds, estimated, is_plausible
from bot.domain.money import Usd

PRICE = Usd.parse("0.20")
money = st.integers(0, 10_000_000_000).map(Usd)
prices = st.integers(1, 1_000_000_000).map(Usd)


def test_the_estimate_before_the_first_charge_is_the_configured_price() -> None:
    assert estimated(PRICE, []) == PRICE
    assert estimated(PRICE, [Usd.parse("9999"), Usd(1), Usd(0)]) == PRICE


def test_the_estimate_is_the_median_of_the_last_five_charges() -> None:
    costs = [Usd.parse(one) for one in ("0.30", "0.10", "0.25", "9999", "0.20", "0.22", "0.05")]
    assert estimated(PRICE, costs) == Usd.parse("0.22")
    assert estimated(PRICE, costs[:2]) == Usd.parse("0.20")
    assert estimated(PRICE, [Usd(100_001), Usd(100_002)]) == Usd(100_002)


def test_the_bounds_themselves_count() -> None:
    assert bounds(PRICE) == (Usd.parse("0.05"), Usd.parse("0.80"))
    assert [is_plausible(Usd(one), PRICE) for one in (49_999, 50_000, 800_000, 800_001)] == [
        False,
        True,
        True,
        False,
    ]


@given(prices, st.lists(money, max_size=12))
def test_the_estimate_never_leaves_its_bounds(configured: Usd, charges: list[Usd]) -> None:
    estimate = estimated(configured, charges)
    assert configured.micros <= estimate.micros * 4
    assert estimate.micros <= configured.micros * 4
    found = basis(VideoKind("m", "720P", 5), configured, charges)
    assert found.estimate == estimate
    assert all(is_plausible(one, configured) for one in found.counted)
    assert not any(is_plausible(one, configured) for one in found.outside)
