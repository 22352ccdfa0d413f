"""Fixtures and hooks that tests of several folders share."""

import os
import random
import threading
from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path

import pytest
from discord.gateway import KeepAliveHandler
from hypothesis import settings

from hatch_build import LOCALES, compile_catalogues
from sandbox.video import render
from tests.factories import make_picture
from tests.fork_server import ForkServer
from tests.postgres import Cluster, open_cluster

# Folders with tests of whole processes and browsers, which take seconds rather than milliseconds.
# Time is measured by benchmarks: on a busy machine an example takes longer than hypothesis expects.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


_LONG = frozenset({"flows", "faults", "demo"})


def pytest_configure(config: pytest.Config) -> None:
    """Compile the message catalogs once, before the workers of pytest-xdist start."""
    if not hasattr(config, "workerinput"):
        compile_catalogues(config.rootpath / LOCALES)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the long tests to the front, so that each worker begins with its share of them.

    pytest-xdist gives each worker the same number of tests, and idle workers take over tests from
    the others. If the long tests came last, one worker would run for minutes while the others had
    nothing to do. ``FLIPBOOK_ORDER`` shuffles the tests instead; the same number gives the same
    order.
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
    """A PostgreSQL cluster for this run; skips the test if PostgreSQL is missing."""
    with open_cluster() as opened:
        yield opened


@pytest.fixture(scope="session")
def fork_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    """The server that forks most of the bots that run as processes of their own."""
    with ForkServer(tmp_path_factory.mktemp("fork-server")) as opened:
        yield opened


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The address of a local object store that speaks S3."""
    # Imported here, because it takes a second, and each process of pytest-xdist imports every test.
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def some_video() -> bytes:
    """A real video, rendered once, for the many tests that do not look at its content."""
    return render(make_picture("JPEG", (64, 48)), seed=1, resolution="480P")


@pytest.fixture(autouse=True)
def _no_heartbeat_outlives_its_test() -> Iterator[None]:
    """Stop discord.py's heartbeat threads before the next test begins.

    A client that is closed while it is connecting leaves its heartbeat thread running. The next
    heartbeat, 41 s later, would fail whichever test is running then.
    """
    yield
    for thread in threading.enumerate():
        if isinstance(thread, KeepAliveHandler):
            thread.stop()
