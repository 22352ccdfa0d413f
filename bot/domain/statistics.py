"""What a server's videos come to: by day, by member, how long they took, how many went well."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.money import ZERO, Usd
from bot.domain.task import State

_DONE = frozenset({State.RENDERED, State.DELIVERED, State.UNDELIVERED})
_MISSED = frozenset({State.FAILED, State.UNKNOWN})
MOST_MEMBERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One task, as far as statistics need it."""

    person_id: int
    state: State
    at: datetime
    cost: Usd | None
    seconds: float | None
    """From submission to the finished video."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One calendar day (UTC)."""

    day: date
    videos: int
    spent: Usd


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


def statistics(made: Sequence[Made], *, now: datetime, days: int) -> Statistics:
    """The numbers of the last ``days`` calendar days, today's included."""
    done = [one for one in made if one.state in _DONE]
    first = now.date() - timedelta(days=days - 1)
    took = sorted(one.seconds for one in done if one.seconds is not None)
    return Statistics(
        days=[_day(first + timedelta(days=number), done) for number in range(days)],
        members=_members(done),
        videos=len(done),
        missed=sum(one.state in _MISSED for one in made),
        spent=_sum(done),
        median_seconds=_quantile(took, 0.5),
        p95_seconds=_quantile(took, 0.95),
    )


def _day(day: date, done: Sequence[Made]) -> Day:
    that_day = [one for one in done if one.at.date() == day]
    return Day(day=day, videos=len(that_day), spent=_sum(that_day))


def _members(done: Sequence[Made]) -> Sequence[tuple[int, int, Usd]]:
    counts = Counter(one.person_id for one in done)
    return [
        (person, count, _sum([one for one in done if one.person_id == person]))
        for person, count in counts.most_common(MOST_MEMBERS)
    ]


def _sum(made: Sequence[Made]) -> Usd:
    return sum((one.cost for one in made if one.cost is not None), start=ZERO)


def _quantile(values: Sequence[float], part: float) -> float | None:
    return values[min(int(part * len(values)), len(values) - 1)] if values else None
