"""How long to wait before trying again. When to look is in `bot.domain.durations`."""

import random


def backoff(attempt: int, *, first: float, longest: float, rng: random.Random) -> float:
    """Seconds before attempt ``attempt + 1``: doubling, with half of it left to chance.

    ``attempt`` counts from 1. The chance keeps many tasks that failed together apart.
    """
    full = min(longest, first * 2.0 ** min(attempt - 1, 32))
    return full * (0.5 + rng.random() / 2)
