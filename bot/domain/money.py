"""Exact amounts of US dollars, as integers of millionths."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Self

MICROS = 1_000_000
# No video costs more than this; a larger charge is a misread answer.
LARGEST_CHARGE_USD = 10_000
# The most digits before the decimal point: "1e999990" would take half a minute to parse.
_LARGEST_DIGITS = 15


@dataclass(frozen=True, slots=True, order=True)
class Usd:
    """An amount of US dollars, held as a whole number of millionths."""

    micros: int

    @classmethod
    def parse(cls, text: str | int | Decimal) -> Self:
        """Parse a decimal such as ``"0.0075"``, rounded half up to the millionth.

        Raises:
            ValueError: it is not a finite decimal, or has more than 15 digits before the point.
        """
        try:
            amount = Decimal(text)
            if amount.is_finite() and amount.adjusted() >= _LARGEST_DIGITS:
                raise OverflowError
            micros = (amount * MICROS).to_integral_value(ROUND_HALF_UP)
            return cls(int(micros))
        except (InvalidOperation, OverflowError, ValueError) as error:
            raise ValueError(f"not an amount of money: {str(text)[:40]!r}") from error

    def __add__(self, other: "Usd") -> "Usd":
        return Usd(self.micros + other.micros)

    def __sub__(self, other: "Usd") -> "Usd":
        return Usd(self.micros - other.micros)

    def __str__(self) -> str:
        """Format to the cent, or with more digits if there are fractions of one: $0.25, $0.0075."""
        sign = "-" if self.micros < 0 else ""
        whole, fraction = divmod(abs(self.micros), MICROS)
        digits = f"{fraction:06d}".rstrip("0").ljust(2, "0")
        return f"{sign}${whole}.{digits}"


ZERO = Usd(0)


def parse_charge(text: object) -> Usd | None:
    """Parse a cost reported by a provider; ``None`` if it is missing, unreadable or absurd.

    An unknown cost is not zero: callers keep counting the estimate then.
    """
    if not isinstance(text, (str, int, Decimal)) or isinstance(text, bool):
        return None
    try:
        cost = Usd.parse(text)
    except ValueError:
        return None
    return cost if ZERO <= cost <= Usd(LARGEST_CHARGE_USD * MICROS) else None
