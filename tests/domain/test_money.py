"""Amounts of money are exact."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import LARGEST_CHARGE_USD, MICROS, Usd, parse_charge

AMOUNTS = st.integers(min_value=-(10**20), max_value=10**20).map(Usd)


@given(AMOUNTS)
def test_what_is_shown_reads_back_as_the_same_amount(amount: Usd) -> None:
    assert Usd.parse(str(amount).replace("$", "")) == amount


@given(AMOUNTS, AMOUNTS)
def test_sums_are_exact(one: Usd, other: Usd) -> None:
    assert one + other - other == one


@pytest.mark.parametrize(
    ("micros", "text"),
    [(0, "$0.00"), (250_000, "$0.25"), (7_500, "$0.0075"), (-1, "-$0.000001"), (10**6, "$1.00")],
)
def test_no_digit_that_counts_is_hidden(micros: int, text: str) -> None:
    assert str(Usd(micros)) == text


def test_half_a_millionth_is_rounded_up() -> None:
    assert [Usd.parse(text).micros for text in ("0.0000005", "0.00000049")] == [1, 0]


@pytest.mark.parametrize("text", ["", "free", "NaN", "Infinity", "1e999990", "1e15"])
def test_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount of money"):
        Usd.parse(text)


@pytest.mark.parametrize("text", [None, True, 0.25, "-0.01", "10000.000001", "NaN", {}])
def test_an_absurd_charge_is_unknown_and_never_zero(text: object) -> None:
    assert parse_charge(text) is None


def test_charges_within_reason_are_taken() -> None:
    assert parse_charge("0") == Usd(0)
    assert parse_charge(Decimal("0.25")) == Usd(250_000)
    assert parse_charge(LARGEST_CHARGE_USD) == Usd(LARGEST_CHARGE_USD * MICROS)
