"""What tests of several areas share."""

import threading
from collections.abc import Iterator

import pytest
from discord.gateway import KeepAliveHandler

from tests.postgres import Cluster, open_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of this run's own; where its programs are missing, the reason is said."""
    with open_cluster() as opened:
        yield opened


@pytest.fixture(autouse=True)
def _no_heartbeat_outlives_its_test() -> Iterator[None]:
    """A client that is closed while it connects leaves discord.py's thread behind.

    Its next heartbeat, 41 s later, would be the failure of whatever test runs then.
    """
    yield
    for thread in threading.enumerate():
        if isinstance(thread, KeepAliveHandler):
            thread.stop()
