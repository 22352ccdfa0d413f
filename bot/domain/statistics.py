"""What a server's videos come to: by day, by member, how long they took, how many went well."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.money import ZERO, Usd
from bot.domain.task import State

DONE = frozenset({State.RENDERED, State.DELIVERED, State.UNDELIVERED})
MISSED = frozenset({State.FAILED, State.UNKNOWN})
MOST_MEMBERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """How long finished videos took, from submission, in seconds; ``None``: there are none."""

    median: float | None = None
    p95: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One calendar day (UTC)."""

    day: date
    videos: int
    spent: Usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was made since some day, summed up."""

    days: Sequence[Day]
    """Those with videos, in any order."""
    members: Sequence[tuple[int, int, Usd]]
    """Person, videos, spent; the busiest first, at most ten."""
    missed: int
    took: Took = Took()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Some days of one server."""

    days: Sequence[Day]
    """Every day, oldest first, those without videos too."""
    members: Sequence[tuple[int, int, Usd]]
    """Person, videos, spent; the busiest first, at most ten."""
    videos: int
    missed: int
    """Failed, or unclear."""
    spent: Usd
    median_seconds: float | None
    p95_seconds: float | None


def statistics(made: Made, *, now: datetime, days: int) -> Statistics:
    """The numbers of the last ``days`` calendar days, today's included."""
    first = now.date() - timedelta(days=days - 1)
    found = {one.day: one for one in made.days}
    dates = [first + timedelta(days=number) for number in range(days)]
    every = [found.get(one) or Day(day=one, videos=0, spent=ZERO) for one in dates]
    return Statistics(
        days=every,
        members=made.members,
        videos=sum(one.videos for one in every),
        missed=made.missed,
        spent=sum((one.spent for one in every), start=ZERO),
        median_seconds=made.took.median,
        p95_seconds=made.took.p95,
    )
