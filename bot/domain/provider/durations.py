"""Learns how long videos of one kind take, and from that when to poll.

A kind is a ``bot.domain.models.model.VideoKind``. Ages are seconds since submission. They fall into
bins, each 7% wider than the one before. Each bin has two numbers: how many tasks ended in it, and
for how many seconds tasks were watched in it. Their quotient is the hazard rate: the chance per
second that a task of that age ends now. Pending tasks count as well, by their seconds, so that a
slower provider is noticed before the first slow video is finished.

A polling rate proportional to the square root of the hazard rate gives the smallest mean delay for
its number of polls: polling every ``d`` seconds costs a mean delay of ``d / 2`` for tasks that end
there, and ``1 / d`` polls a second for all that are pending; the plan minimizes the sum over ages.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any, Self

LOOK_EVERY_SECONDS = 5.0
"""How often the vendor's own client polls, which sets the number of polls to spend."""
SOONEST_LOOK_SECONDS = 1.0
SLOWEST_LOOK_SECONDS = 60.0
LONGEST_BLIND_SECONDS = 30.0
"""The longest time between two polls, however unlikely it is that the task is done: estimates can
be wrong, and people watch the progress. It grows with the age after `PATIENT_AFTER_SECONDS`."""
PATIENT_AFTER_SECONDS = 900.0
_LAST_EDGE = 48 * 3600.0
_RATIO = 1.07
# In tasks per bin: few enough to follow a change within an hour, many enough for a clear curve.
_MEMORY = 100.0
# The prior of each bin: half a task was watched through it, and 1 in 50 ended there.
_PRIOR_TASKS = 0.5
_PRIOR_CHANCE = 0.02
_SMOOTHING = (1.0, 2.0, 3.0, 2.0, 1.0)
_KNOWN_FROM = 5
_REPLANNED_AT_MOST_EVERY = 50
_THRIFT_STEP = 0.02
_THRIFT_BOUNDS = (0.6, 1.1)


def _make_edges() -> tuple[float, ...]:
    count = math.ceil(math.log(_LAST_EDGE) / math.log(_RATIO))
    return (0.0, *(_RATIO**power for power in range(count + 1)))


EDGES = _make_edges()
"""Bin ``i`` is from ``EDGES[i]`` to ``EDGES[i + 1]``, in seconds."""
_WIDTHS = tuple(high - low for low, high in pairwise(EDGES))
_BINS = len(_WIDTHS)


@dataclass(slots=True, kw_only=True)
class Durations:
    """The statistics of one kind, and the polls planned from them."""

    ended: list[float] = field(default_factory=lambda: [0.0] * _BINS)
    """Per bin, how many tasks ended there; older ones weigh less."""
    watched: list[float] = field(default_factory=lambda: [0.0] * _BINS)
    """Per bin, for how many seconds tasks were watched there; older ones weigh less."""
    known: int = 0
    """How many finished tasks it has seen."""
    thrift: float = 1.0
    """A factor that corrects the planned polls by the number really made."""
    _rates: list[float] = field(default_factory=list, repr=False)
    _looks_until: list[float] = field(default_factory=list, repr=False)
    _planned: float = field(default=0.0, repr=False)
    """Polls per video, before the correction by ``thrift``."""
    _plan_at: int = field(default=0, repr=False)

    # --- learning -----------------------------------------------------------------------

    def pending(self, since: float, age: float) -> None:
        """Record that a task was pending at age ``since`` and still is at ``age``."""
        # If the clock was set back, there are no bins between.
        for bin_, seconds in _bins_between(since, age):
            fading = math.exp(-seconds / _WIDTHS[bin_] / _MEMORY)
            self.ended[bin_] *= fading
            self.watched[bin_] = self.watched[bin_] * fading + seconds

    def finished(self, since: float, age: float, *, looks: int) -> None:
        """Record that a task ended at some moment between two polls.

        Args:
            since: the age at the last poll that found it pending; 0 if there was none.
            age: the age at the poll that found it done.
            looks: the number of polls, including that one.
        """
        whole = max(age - since, 1e-3)
        left = 1.0
        for bin_, seconds in _bins_between(since, since + whole):
            share = seconds / whole
            left -= share
            self.ended[bin_] += share
            # A task that ends in this bin is watched through half of it, a later one through all.
            self.watched[bin_] += seconds * (left + share / 2)
        self.known += 1
        self._save(looks - ((since + age) / 2 / LOOK_EVERY_SECONDS + 0.5))

    def _save(self, too_many: float) -> None:
        """Poll less if a video took more polls than one every 5 s, and vice versa."""
        error = min(max(too_many / max(self._planned, 1.0), -1.0), 1.0)
        low, high = _THRIFT_BOUNDS
        self.thrift = min(max(self.thrift * math.exp(-_THRIFT_STEP * error), low), high)

    # --- polling ------------------------------------------------------------------------

    def until_next_look(self, age: float) -> float:
        """Seconds until the next poll of a pending task of this age."""
        longest = _longest(age)
        if self.known < _KNOWN_FROM:
            return min(max(LOOK_EVERY_SECONDS, _patient(age)), longest)
        if self.known >= self._plan_at:
            self._plan()
        bin_ = min(bisect_right(EDGES, age), _BINS) - 1
        # The plan is a rate; the next poll is due when its integral has grown by one.
        due = self._looks_until[bin_] + (age - EDGES[bin_]) * self._rates[bin_] + 1.0
        at = min(bisect_right(self._looks_until, due), _BINS) - 1
        wait = EDGES[at] + (due - self._looks_until[at]) / self._rates[at] - age
        return min(max(wait, SOONEST_LOOK_SECONDS), longest)

    def _plan(self) -> None:
        hazard = self.hazard()
        reach = _seconds_in_bins(hazard)
        self._planned = sum(reach) / LOOK_EVERY_SECONDS
        weights = [math.sqrt(rate) for rate in hazard]
        self._rates = _rates(weights, reach, self._planned * self.thrift)
        looks = (rate * width for rate, width in zip(self._rates, _WIDTHS, strict=True))
        self._looks_until = list(accumulate(looks, initial=0.0))
        self._plan_at = self.known + min(1 + self.known // 20, _REPLANNED_AT_MOST_EVERY)

    def hazard(self) -> list[float]:
        """Per bin, the chance per second that a task of that age ends now; above 0."""
        through = [seconds / width for seconds, width in zip(self.watched, _WIDTHS, strict=True)]
        ended, tasks = _smooth(self.ended), _smooth(through)
        return [
            (e + _PRIOR_CHANCE * _PRIOR_TASKS) / (n + _PRIOR_TASKS) / width
            for e, n, width in zip(ended, tasks, _WIDTHS, strict=True)
        ]

    # --- storage ------------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        """The form that :meth:`from_json` reads; empty bins are left out."""
        bins = {
            str(bin_): [round(self.ended[bin_], 4), round(self.watched[bin_], 3)]
            for bin_ in range(_BINS)
            if self.watched[bin_] > 0.0
        }
        return {"ratio": _RATIO, "known": self.known, "thrift": self.thrift, "bins": bins}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Read the stored form; if it was stored with other bins, start empty."""
        learned = cls()
        if stored.get("ratio") != _RATIO:
            return learned
        for name, (ended, watched) in stored["bins"].items():
            learned.ended[int(name)], learned.watched[int(name)] = ended, watched
        learned.known, learned.thrift = stored["known"], stored["thrift"]
        return learned


def _patient(age: float) -> float:
    return LOOK_EVERY_SECONDS * age / PATIENT_AFTER_SECONDS


def _longest(age: float) -> float:
    """The longest wait at this age: 30 s, and more for old tasks, up to a minute."""
    return min(max(LONGEST_BLIND_SECONDS, _patient(age)), SLOWEST_LOOK_SECONDS)


def _bins_between(since: float, age: float) -> list[tuple[int, float]]:
    """The bins between two ages, with the seconds in each."""
    parts: list[tuple[int, float]] = []
    bin_ = bisect_right(EDGES, since) - 1
    while since < age and bin_ < _BINS:
        until = min(age, EDGES[bin_ + 1])
        parts.append((bin_, until - since))
        since, bin_ = until, bin_ + 1
    return parts


def _smooth(values: list[float]) -> list[float]:
    """A weighted average of each value and its neighbors, 1-2-3-2-1."""
    reach = len(_SMOOTHING) // 2
    whole = sum(_SMOOTHING)
    padded = [values[0]] * reach + values + [values[-1]] * reach
    columns = zip(*(padded[shift:] for shift in range(len(_SMOOTHING))), strict=False)
    return [sum(map(float.__mul__, _SMOOTHING, column)) / whole for column in columns]


def _seconds_in_bins(hazard: list[float]) -> list[float]:
    """Per bin, the mean seconds that a task spends in it; their sum is the mean duration."""
    alive, seconds = 1.0, []
    for rate, width in zip(hazard, _WIDTHS, strict=True):
        ends = -math.expm1(-rate * width)
        seconds.append(alive * ends / rate)
        alive *= 1.0 - ends
    return seconds


def _rates(weights: list[float], reach: list[float], wanted: float) -> list[float]:
    """Polls a second per bin, in proportion to ``weights``, for ``wanted`` polls per task."""
    slowest, fastest = 1.0 / LONGEST_BLIND_SECONDS, 1.0 / SOONEST_LOOK_SECONDS

    def scaled(factor: float) -> list[float]:
        return [min(max(factor * weight, slowest), fastest) for weight in weights]

    # At a factor f, the last poll saves 1 / (2 f²) s of delay. Less than 8 ms is not worth a poll,
    # so where all videos take equally long, most polls are not spent.
    low, high = 1e-3, 8.0
    for _ in range(24):
        middle = math.sqrt(low * high)
        looks = sum(map(float.__mul__, scaled(middle), reach))
        low, high = (low, middle) if looks > wanted else (middle, high)
    return scaled(low)
