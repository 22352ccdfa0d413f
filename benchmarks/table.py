"""The rows that benchmarks return, and how `make bench` prints them."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table: words, and numbers with their units."""

    what: str
    ours: str
    beside: str = "-"
    """The peer or the floor, named and measured in the same run."""
    ratio: str = "-"
    """The ratio of ours to the peer or floor, such as ``1.08x``."""
    figure: str = "-"
    """The goal, and whether it was reached."""


HEADS = ("what", "ours", "beside", "ratio", "figure to reach")


def met(reached: bool) -> str:
    """Return the word for whether a goal was reached."""
    return "reached" if reached else "missed"


def render(rows: Sequence[Row]) -> str:
    """Return the table in Markdown with aligned columns."""
    lines = [HEADS, *(astuple(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    printed = [_line(line, widths) for line in lines]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([printed[0], rule, *printed[1:]])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "| " + " | ".join(padded) + " |"
