"""Polling schedules: how late a finished video is noticed, and for how many polls.

This is a numerical model without a clock: twenty videos at a time go through the schedule that the
worker uses. The peers are a poll every 5 s (the vendor's own command line) and every 15 s. The
bound is the best possible schedule for the same distribution, with as many polls as every 5 s
takes.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from benchmarks.table import Row
from bot.domain.provider.durations import Durations
from tests.domain.provider.polling_model import (
    Draw,
    Every,
    NoticedVideo,
    Schedule,
    around,
    heavy_tail,
    slow_for_a_while,
    two_queues,
    watch,
)

VIDEOS = 3000
LEARNING = 300
CURVES: dict[str, Draw] = {
    "lognormal, median 60 s, sigma 0.2": around(60, 0.2),
    "lognormal, median 120 s, sigma 0.2": around(120, 0.2),
    "lognormal, median 120 s, sigma 0.3": around(120, 0.3),
    "lognormal, median 120 s, sigma 0.5": around(120, 0.5),
    "lognormal, median 300 s, sigma 0.2": around(300, 0.2),
    "two queues, 70 s and 240 s": two_queues,
    "heavy tail from 60 s on": heavy_tail,
    "100 s, then 300 s, in turn": slow_for_a_while,
}
_STEP_SECONDS = 1.0
_SAMPLES = 40_000
_CURVE_ENDS_AT = 0.999
_LONGEST_GAP = 200


@dataclass(frozen=True, slots=True)
class Found:
    """Seconds of delay, and polls per video."""

    mean: float
    p95: float
    looks: float


def main() -> Sequence[Row]:
    """Measure one row for each distribution."""
    return [_row(name, draw) for name, draw in CURVES.items()]


def _row(name: str, draw: Draw) -> Row:
    ours, every_5, every_15 = (
        _found(schedule, draw) for schedule in (Durations(), Every(5.0), Every(15.0))
    )
    best = best_delay(draw, looks=every_5.looks)
    ratio = ours.mean / every_5.mean
    reached = ratio <= 0.5 and ours.looks <= every_5.looks * 1.01
    return Row(
        what=f"finished to noticed: {name}",
        ours=_words(ours),
        beside=f"every 5 s: {_words(every_5)}; every 15 s: {_words(every_15)}; "
        f"best that knows the curve: mean {best:.2f} s",
        ratio=f"{ratio:.2f}x of every 5 s, {ours.mean / best:.2f}x of the best",
        figure=f"half of every 5 s, at no more looks: {_met(reached, best / every_5.mean)}",
    )


def _met(reached: bool, possible: float) -> str:
    if reached:
        return "reached"
    return f"missed (the best reaches {possible:.2f})"


def _words(found: Found) -> str:
    return f"mean {found.mean:.2f} s, p95 {found.p95:.2f} s, {found.looks:.1f} looks"


def _found(schedule: Schedule, draw: Draw) -> Found:
    seen: Sequence[NoticedVideo] = watch(schedule, draw, videos=VIDEOS)[LEARNING:]
    delays = sorted(one.delay for one in seen)
    return Found(mean(delays), delays[int(0.95 * len(delays))], mean(one.looks for one in seen))


def best_delay(draw: Draw, *, looks: float) -> float:
    """Return the least mean delay in seconds that this many polls per video can give.

    Each poll gets a price. The cheapest schedule for that price is computed backwards from the end
    of the distribution, and the price is adjusted until the number of polls is right.
    """
    ends = _curve(draw)
    low, high = 1e-3, 1e2
    for _ in range(14):
        price = math.sqrt(low * high)
        bought, _delay = _cheapest(ends, price)
        low, high = (price, high) if bought > looks else (low, price)
    return _cheapest(ends, high)[1]


def _curve(draw: Draw) -> list[float]:
    """Return the probability to end in each step; the last step includes the last thousandth."""
    rng = random.Random(3)
    drawn = sorted(draw(rng, number % 1000) for number in range(_SAMPLES))
    steps = math.ceil(drawn[int(_CURVE_ENDS_AT * _SAMPLES)] / _STEP_SECONDS)
    ends = [0.0] * steps
    for seconds in drawn:
        ends[min(int(seconds / _STEP_SECONDS), steps - 1)] += 1 / _SAMPLES
    return ends


def _cheapest(ends: Sequence[float], price: float) -> tuple[float, float]:
    """Return polls and delay of the cheapest schedule; a poll costs ``price`` seconds of delay."""
    steps = len(ends)
    cost = [0.0] * (steps + 1)
    bought = [0.0] * (steps + 1)
    delay = [0.0] * (steps + 1)
    alive = 0.0
    for now in range(steps - 1, -1, -1):
        alive += ends[now]
        # Waiting one step longer costs a whole step for each video that has ended, and half a step
        # for those that end in it.
        ended = waited = 0.0
        best = math.inf
        for then in range(now + 1, min(steps, now + _LONGEST_GAP) + 1):
            waited += (ended + ends[then - 1] / 2) * _STEP_SECONDS
            ended += ends[then - 1]
            whole = waited + price * alive + cost[then]
            if whole < best:
                best, chosen, chosen_wait = whole, then, waited
        cost[now] = best
        bought[now] = alive + bought[chosen]
        delay[now] = chosen_wait + delay[chosen]
    return bought[0], delay[0]
