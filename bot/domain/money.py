"""Exact US dollars: integers of a millionth, never a float."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Self

MICROS = 1_000_000
# No single charge of a video is this large: more is a misread answer, not a price.
LARGEST_CHARGE_USD = 10_000
# Decimal digits before the point that are still read: "1e999990" would take half a minute.
_LARGEST_DIGITS = 15


@dataclass(frozen=True, slots=True, order=True)
class Usd:
    """An amount of US dollars, held as a whole number of millionths."""

    micros: int

    @classmethod
    def parse(cls, text: str | int | Decimal) -> Self:
        """Read a decimal such as ``"0.0075"``, rounded half up to the millionth.

        Raises:
            ValueError: not a finite decimal number, or one of more than 15 digits.
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
        """To the cent, with more digits where the cent would hide something: $0.25, $0.0075."""
        sign = "-" if self.micros < 0 else ""
        whole, fraction = divmod(abs(self.micros), MICROS)
        digits = f"{fraction:06d}".rstrip("0").ljust(2, "0")
        return f"{sign}${whole}.{digits}"


ZERO = Usd(0)


def parse_charge(text: object) -> Usd | None:
    """A cost as a provider reports it; ``None`` where it is missing, unreadable or absurd.

    Unknown is never zero: a caller that gets ``None`` keeps counting its estimate.
    """
    if not isinstance(text, (str, int, Decimal)) or isinstance(text, bool):
        return None
    try:
        cost = Usd.parse(text)
    except ValueError:
        return None
    return cost if ZERO <= cost <= Usd(LARGEST_CHARGE_USD * MICROS) else None
