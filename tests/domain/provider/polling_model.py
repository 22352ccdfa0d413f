"""A numerical model of polling: videos that end at random times, and a schedule that polls them."""

import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

Draw = Callable[[random.Random, int], float]


@dataclass(frozen=True)
class NoticedVideo:
    """A video that ended: how late the schedule noticed that, and after how many polls."""

    number: int
    delay: float
    looks: int


class Schedule(Protocol):
    """A polling schedule, and the observations that it may learn from."""

    def until_next_look(self, age: float) -> float:
        """Return the seconds until the next poll."""

    def pending(self, since: float, age: float) -> None:
        """Learn that a poll at this age found the video unfinished."""

    def finished(self, since: float, age: float, *, looks: int) -> None:
        """Learn that the video finished between the last two polls."""


@dataclass(frozen=True)
class Every:
    """A schedule that polls at a fixed interval and learns nothing."""

    seconds: float

    def until_next_look(self, age: float) -> float:
        return self.seconds

    def pending(self, since: float, age: float) -> None:
        pass

    def finished(self, since: float, age: float, *, looks: int) -> None:
        pass


def watch(schedule: Schedule, draw: Draw, *, videos: int) -> list[NoticedVideo]:
    """Keep twenty videos running, and return the first ones that were noticed."""
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
    """Draw durations around a median."""
    return lambda rng, _: rng.lognormvariate(math.log(median), sigma)


def two_queues(rng: random.Random, _: int) -> float:
    """Draw durations of a provider with a fast and a slow queue."""
    return rng.lognormvariate(math.log(70 if rng.random() < 0.7 else 240), 0.15)


def heavy_tail(rng: random.Random, _: int) -> float:
    """Draw durations that are mostly short, and now and then very long."""
    return 60 * rng.paretovariate(2.5)


def slow_for_a_while(rng: random.Random, number: int) -> float:
    """Draw durations around 100 s, then around 300 s for 500 videos, in turn."""
    slow = (number // 500) % 2 == 1
    return rng.lognormvariate(math.log(300 if slow else 100), 0.2)
