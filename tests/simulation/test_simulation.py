"""Nothing lost, nothing twice: many short runs with faults by chance, each given by its seed.

A run that fails says its seed; ``FLIPBOOK_SEEDS=17:18 make test PYTEST_ARGS=tests/simulation``
runs that one again.
"""

import asyncio
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.storage.database import open_database
from tests.simulation.disk import Aside
from tests.simulation.run import simulate

_FIRST, _LAST = map(int, os.environ.get("FLIPBOOK_SEEDS", "0:100").split(":"))
_AT_ONCE = 25


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Faults by the thousand are logged by the thousand; what matters is the seed."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def aside() -> Iterator[Aside]:
    aside = Aside()
    yield aside
    aside.close()


@pytest.fixture(scope="module")
def template(aside: Aside, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at this program's version."""
    path = tmp_path_factory.mktemp("template") / "flipbook.db"

    async def make() -> None:
        async with open_database(f"sqlite:///{path}"):
            pass

    aside.run(make())
    return path


def one_run(seed: int, aside: Aside, template: Path, folder: Path) -> list[Any]:
    """A run in a folder of its own that is gone afterwards."""
    (folder / "videos").mkdir(parents=True)
    path = Path(shutil.copy(template, folder / "flipbook.db"))
    opened = open_database(f"sqlite:///{path}")
    database = aside.run(opened.__aenter__())
    try:
        return asyncio.run(simulate(seed, database, aside, folder))
    finally:
        aside.run(opened.__aexit__(None, None, None))
        shutil.rmtree(folder)


@pytest.mark.parametrize("first", range(_FIRST, _LAST, _AT_ONCE))
def test_the_invariants_hold_whatever_fails(
    first: int, aside: Aside, template: Path, tmp_path: Path
) -> None:
    for seed in range(first, min(first + _AT_ONCE, _LAST)):
        try:
            one_run(seed, aside, template, tmp_path / str(seed))
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error}") from error


@pytest.mark.parametrize("seed", [3, 14])
def test_the_same_seed_is_the_same_run(
    seed: int, aside: Aside, template: Path, tmp_path: Path
) -> None:
    runs = [one_run(seed, aside, template, tmp_path / str(number)) for number in range(2)]
    assert runs[0]
    assert runs[0] == runs[1]
