"""What tests of several areas share."""

from collections.abc import Iterator

import pytest

from tests.postgres import Cluster, open_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of this run's own; where its programs are missing, the reason is said."""
    with open_cluster() as opened:
        yield opened
