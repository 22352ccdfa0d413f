"""What tests of several areas share."""

import os
import random
import threading
from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path

import pytest
from discord.gateway import KeepAliveHandler

from hatch_build import LOCALES, compile_catalogues
from sandbox.video import render
from tests.factories import make_picture
from tests.fork_server import ForkServer
from tests.postgres import Cluster, open_cluster

# Tests of whole processes and browsers, which take seconds each and not milliseconds.
_LONG = frozenset({"flows", "faults", "demo"})


def pytest_configure(config: pytest.Config) -> None:
    """Compile the catalogues as they are now, once before all workers."""
    if not hasattr(config, "workerinput"):
        compile_catalogues(config.rootpath / LOCALES)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let every worker begin with its share of the long tests.

    Each is given as many tests as the others, and takes from them when it has no more: with long
    ones at the end, the last would run for minutes while the other workers have nothing to do.
    With ``FLIPBOOK_ORDER`` it is any order at all, the same for the same number.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if order := os.environ.get("FLIPBOOK_ORDER"):
        random.Random(order).shuffle(items)
        return
    here = Path(__file__).parent
    long = [one for one in items if one.path.relative_to(here).parts[0] in _LONG]
    short = [one for one in items if one.path.relative_to(here).parts[0] not in _LONG]
    shares: list[list[pytest.Item]] = [[] for _ in range(workers)]
    for number, (_, module) in enumerate(groupby(long, key=lambda one: one.path)):
        shares[number % workers].extend(module)
    rest = iter(short)
    ordered: list[pytest.Item] = []
    for share in shares:
        ordered += share
        ordered += islice(rest, max(len(items) // workers - len(share), 0))
    items[:] = [*ordered, *rest]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of this run's own; where its programs are missing, the reason is said."""
    with open_cluster() as opened:
        yield opened


@pytest.fixture(scope="session")
def fork_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    """Where most bots that are processes of their own come from."""
    with ForkServer(tmp_path_factory.mktemp("fork-server")) as opened:
        yield opened


@pytest.fixture(scope="session")
def some_video() -> bytes:
    """A real video, rendered once: few tests look at what is in it."""
    return render(make_picture("JPEG", (64, 48)), seed=1, resolution="480P")


@pytest.fixture(autouse=True)
def _no_heartbeat_outlives_its_test() -> Iterator[None]:
    """A client that is closed while it connects leaves discord.py's thread behind.

    Its next heartbeat, 41 s later, would be the failure of whatever test runs then.
    """
    yield
    for thread in threading.enumerate():
        if isinstance(thread, KeepAliveHandler):
            thread.stop()
