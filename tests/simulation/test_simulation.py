"""Randomized simulation: nothing is lost or done twice, over many short runs given by their seeds.

A run that fails prints its seed; ``FLIPBOOK_SEEDS=17:18 make test PYTEST_ARGS=tests/simulation``
repeats it. ``FLIPBOOK_SEEDS=0:2000 make test PYTEST_ARGS="-n 2 tests/simulation"`` makes 2,000
runs. Each takes about 60 ms of a processor.
"""

import logging
import os
from collections.abc import Iterator

import pytest

from tests.simulation.disk import ReusedDatabase, reused_database
from tests.simulation.run import one_run

_FIRST, _LAST = map(int, os.environ.get("FLIPBOOK_SEEDS", "0:200").split(":"))
_AT_ONCE = 25


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Turn logging off: thousands of faults would log thousands of lines, and only the seed
    matters.
    """
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def reused() -> Iterator[ReusedDatabase]:
    with reused_database() as opened:
        yield opened


@pytest.mark.parametrize("first", range(_FIRST, _LAST, _AT_ONCE))
def test_the_invariants_hold_whatever_fails(first: int, reused: ReusedDatabase) -> None:
    for seed in range(first, min(first + _AT_ONCE, _LAST)):
        try:
            one_run(seed, reused)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error}") from error


@pytest.mark.parametrize("seed", [3, 14])
def test_the_same_seed_is_the_same_run(seed: int, reused: ReusedDatabase) -> None:
    runs = [one_run(seed, reused) for _ in range(2)]
    assert runs[0]
    assert runs[0] == runs[1]
