"""When to look at a task next, and how long to wait before trying again."""

import random

# What the vendor's own client does (PROVIDER.md), and where it stops being worth it.
LOOK_EVERY_SECONDS = 5.0
SLOWEST_LOOK_SECONDS = 60.0
# A task this old is looked at every 5 s still; from there on the distance grows with its age.
PATIENT_AFTER_SECONDS = 900.0


def until_next_look(age_seconds: float) -> float:
    """Seconds to the next look at a task that was submitted ``age_seconds`` ago."""
    stretched = LOOK_EVERY_SECONDS * age_seconds / PATIENT_AFTER_SECONDS
    return min(max(stretched, LOOK_EVERY_SECONDS), SLOWEST_LOOK_SECONDS)


def backoff(attempt: int, *, first: float, longest: float, rng: random.Random) -> float:
    """Seconds before attempt ``attempt + 1``: doubling, with half of it left to chance.

    ``attempt`` counts from 1. The chance keeps many tasks that failed together apart.
    """
    full = min(longest, first * 2.0 ** min(attempt - 1, 32))
    return full * (0.5 + rng.random() / 2)
