"""A model of videos that a schedule polls, in numbers only: no clock runs."""

import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

Draw = Callable[[random.Random, int], float]


@dataclass(frozen=True)
class NoticedVideo:
    """One video that ended: how late that was noticed, and at how many looks."""

    number: int
    delay: float
    looks: int


class Schedule(Protocol):
    """When to look next, and what it is told of what was seen."""

    def until_next_look(self, age: float) -> float:
        """Seconds."""

    def pending(self, since: float, age: float) -> None:
        """Still not done."""

    def finished(self, since: float, age: float, *, looks: int) -> None:
        """Done, somewhere in between."""


@dataclass(frozen=True)
class Every:
    """It knows nothing and learns nothing."""

    seconds: float

    def until_next_look(self, age: float) -> float:
        return self.seconds

    def pending(self, since: float, age: float) -> None:
        pass

    def finished(self, since: float, age: float, *, looks: int) -> None:
        pass


def watch(schedule: Schedule, draw: Draw, *, videos: int) -> list[NoticedVideo]:
    """Twenty videos at a time, until so many have been noticed."""
    rng = random.Random(20)
    due: list[tuple[float, int, float, float, float, int]] = []
    seen: list[NoticedVideo] = []

    def begin(number: int, now: float) -> None:
        first = schedule.until_next_look(0.0)
        heapq.heappush(due, (now + first, number, now, draw(rng, number), 0.0, 1))

    for number in range(20):
        begin(number, rng.random() * 100)
    begun = 20
    while len(seen) < videos:
        now, number, since, takes, last, looks = heapq.heappop(due)
        age = now - since
        if age >= takes:
            schedule.finished(last, age, looks=looks)
            seen.append(NoticedVideo(number, age - takes, looks))
            begin(begun, now + rng.random() * 3)
            begun += 1
        else:
            schedule.pending(last, age)
            then = now + schedule.until_next_look(age)
            heapq.heappush(due, (then, number, since, takes, age, looks + 1))
    return seen


def around(median: float, sigma: float) -> Draw:
    return lambda rng, _: rng.lognormvariate(math.log(median), sigma)


def two_queues(rng: random.Random, _: int) -> float:
    return rng.lognormvariate(math.log(70 if rng.random() < 0.7 else 240), 0.15)


def heavy_tail(rng: random.Random, _: int) -> float:
    return 60 * rng.paretovariate(2.5)


def slow_for_a_while(rng: random.Random, number: int) -> float:
    """100 s, then 300 s for 500 videos, and so on in turn."""
    slow = (number // 500) % 2 == 1
    return rng.lognormvariate(math.log(300 if slow else 100), 0.2)
