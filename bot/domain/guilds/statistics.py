"""Statistics of a server's videos: by day, by member, durations and failures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.models.model import VideoKind
from bot.domain.money import ZERO, Usd
from bot.domain.task import State

DONE = frozenset({State.RENDERED, State.DELIVERED, State.UNDELIVERED})
MISSED = frozenset({State.FAILED, State.UNKNOWN})
MOST_MEMBERS = 10
MOST_KINDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """How long finished videos took, in seconds since submission; ``None`` if there are none."""

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
    """Totals of the videos since some day."""

    days: Sequence[Day]
    """The days with videos, in any order."""
    members: Sequence[tuple[int, int, Usd]]
    """Person, videos and money spent; the busiest first, at most ten."""
    missed: int
    took: Took = Took()
    kinds: Sequence[tuple[VideoKind, int, Usd]] = ()
    """Kind of video, videos and money spent; the most frequent first, at most ten."""
    listed: Usd = ZERO
    """The part of the money that was booked by the price list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The statistics of a server's last days."""

    days: Sequence[Day]
    """All days, oldest first, including those without videos."""
    members: Sequence[tuple[int, int, Usd]]
    """Person, videos and money spent; the busiest first, at most ten."""
    videos: int
    missed: int
    """Tasks that failed or are unclear."""
    spent: Usd
    median_seconds: float | None
    p95_seconds: float | None
    kinds: Sequence[tuple[VideoKind, int, Usd]] = ()
    """Kind of video, videos and money spent; the most frequent first, at most ten."""
    listed: Usd = ZERO
    """The part of the money that was booked by the price list."""


def statistics(made: Made, *, now: datetime, days: int) -> Statistics:
    """The statistics of the last ``days`` calendar days, including today."""
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
        kinds=made.kinds,
        listed=made.listed,
    )
