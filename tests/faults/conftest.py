"""Collects the marks of fault tests, of which `python -m tests.faults.report` makes a table."""

from collections.abc import Callable

import pytest

from tests.faults.fault_scenario import scenario

# Share the Discord, the provider and the bot of the flow tests.
from tests.flows.conftest import ada, bot, discord_, provider

__all__ = ["ada", "bot", "discord_", "provider", "scenario"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "fault(what, *, where, outcome): a row of docs/reliability.md, in an operator's words; "
        "the outcome is what the test asserts",
    )


@pytest.fixture(autouse=True)
def _told(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
    """Attach the mark to the test's report, which also reaches other processes."""
    marker = request.node.get_closest_marker("fault")
    if marker is not None:
        (what,) = marker.args
        for name, value in (("fault", what), *sorted(marker.kwargs.items())):
            record_property(name, value)
