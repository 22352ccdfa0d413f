"""What a fault test says of itself: `python -m tests.faults.report` makes a table of it."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from sandbox.discord import LocalDiscord
from sandbox.vtrix import LocalVtrix
from tests.faults.nursery import Nursery, NurseryBot
from tests.faults.scene import scene

# The same provider and bot as the flows have.
from tests.flows.conftest import ada, bot, provider

__all__ = ["ada", "bot", "provider", "scene"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "fault(what, *, where, outcome): a row of docs/reliability.md, in an operator's words; "
        "the outcome is what the test asserts",
    )


@pytest.fixture
async def discord_() -> AsyncIterator[LocalDiscord]:
    """With patience: here it is what becomes of a command that counts, not how fast."""
    async with LocalDiscord(acknowledge=10) as local:
        yield local


@pytest.fixture(autouse=True)
def _told(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
    """Hands the marker on with the test's report, also from another process."""
    marker = request.node.get_closest_marker("fault")
    if marker is not None:
        (what,) = marker.args
        for name, value in (("fault", what), *sorted(marker.kwargs.items())):
            record_property(name, value)


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with Nursery(tmp_path_factory.mktemp("nursery")) as opened:
        yield opened


@pytest.fixture
async def quick_bot(
    tmp_path: Path, discord_: LocalDiscord, provider: LocalVtrix, nursery: Nursery
) -> AsyncIterator[NurseryBot]:
    """Not started yet; it starts in a fraction of the time that ``bot`` takes."""
    process = NurseryBot(tmp_path, discord_, provider)
    process.nursery = nursery
    yield process
    await process.close()
