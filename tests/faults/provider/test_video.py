"""Faults of the video and of its link, many at once, and how each task ends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.faults.fault_scenario import (
    VIDEO,
    FaultScenario,
    Row,
    as_json,
    is_about_file,
    is_about_job,
    wait_for_faults,
)
from tests.faults.outcomes import PRICE, Outcome, delivered, linked

WHERE = "the video's download"
MOST = 2_000_000
"""The largest video that the bot downloads in these tests, in bytes."""
ELSEWHERE = linked("no connection is made; the link is posted, paid once")


def _redirect(to: str) -> list[dict[str, Any]]:
    return [{"status": 302, "headers": {"Location": to}, "times": None}]


FETCHED = (
    Row(fault="none, for comparison", end=delivered()),
    Row(
        fault="a link that works only later (403, 404)",
        end=delivered(),
        faults=[{"status": 403}, {"status": 404}],
    ),
    Row(
        fault="a link that has expired",
        end=Outcome(
            outcome="not delivered after 10 minutes, with the reason; paid once",
            state="undelivered",
            words="its link had stopped working",
            allowance="used",
            money="settled",
            settled=PRICE,
        ),
        faults=[{"status": 410, "times": None}],
    ),
    Row(fault="500, then 503", end=delivered(), faults=[{"status": 500}, {"status": 503}]),
    Row(
        fault="the connection breaks in the middle",
        end=delivered(),
        faults=[{"cut": True, "times": 2}],
    ),
    Row(fault="the download hangs", end=delivered(), faults=[{"hang": True}]),
    Row(
        fault="a page of HTML instead of a video",
        end=linked(),
        faults=[{"status": 200, "body": "<h1>Your video</h1>", "times": None}],
    ),
    Row(
        fault="a decompression bomb",
        end=linked(),
        faults=[
            {
                "status": 200,
                "body": VIDEO,
                "headers": {"Content-Encoding": "gzip", "Content-Type": "video/mp4"},
                "times": None,
            }
        ],
    ),
    Row(
        fault="an endless video",
        end=linked(),
        faults=[{"endless": True, "body": VIDEO, "times": None}],
    ),
    Row(
        fault="a size over the limit",
        end=linked(),
        faults=[{"status": 200, "body": VIDEO.ljust(MOST + 1, b"\0"), "times": None}],
    ),
    Row(fault="a redirect loop", end=linked(), faults=_redirect("?again")),
    Row(
        fault="redirected to a private address",
        end=ELSEWHERE,
        faults=_redirect("https://10.0.0.1/video.mp4"),
    ),
    Row(
        fault="redirected to the machine's own metadata",
        end=ELSEWHERE,
        faults=_redirect("https://169.254.169.254/latest/meta-data/"),
    ),
    Row(fault="redirected to file:", end=ELSEWHERE, faults=_redirect("file:///etc/hostname")),
)


def _aside(port: int) -> list[Row]:
    """Return rows with redirects to another service of this machine."""
    addresses = {
        "to another port of this machine": f"https://127.0.0.1:{port}/video.mp4",
        "to this machine by IPv6": f"https://[::1]:{port}/video.mp4",
        "to a name that leads to this machine": f"https://localhost:{port}/video.mp4",
        "to plain http": f"http://127.0.0.1:{port}/video.mp4",
    }
    return [
        Row(fault=f"redirected {where}", end=ELSEWHERE, faults=_redirect(address))
        for where, address in addresses.items()
    ]


def _linked_to(port: int) -> list[Row]:
    """Return rows whose link, in the answer about the task, leads to another service."""
    addresses = {
        "to a private address": f"https://192.168.0.1:{port}/video.mp4",
        "to a name that leads to this machine": f"https://localhost:{port}/video.mp4",
        "with a password in it": f"https://name:word@localhost:{port}/video.mp4",
    }
    return [
        Row(
            fault=f"a link {where}",
            end=ELSEWHERE,
            faults=[{"operation": "status", "change": _video_at(address), "times": None}],
        )
        for where, address in addresses.items()
    ]


def _video_at(url: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    content = {"output": [{"content": [{"type": "video", "url": url}]}]}
    return lambda answer: answer | content


@pytest.fixture
async def neighbor() -> AsyncIterator[tuple[int, list[object]]]:
    """Another service of this machine: its port, and who connected to it."""
    visits: list[object] = []

    async def note(reader: object, writer: asyncio.StreamWriter) -> None:
        visits.append(reader)
        writer.close()

    server = await asyncio.start_server(note, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], visits
    server.close()


async def test_what_goes_wrong_with_the_video(
    scenario: FaultScenario,
    neighbor: tuple[int, list[object]],
    record_property: Callable[[str, object], None],
) -> None:
    port, visits = neighbor
    await scenario.start(patience=1.0, video_bytes_max=MOST)
    fetched, linked_to = [*FETCHED, *_aside(port)], _linked_to(port)
    jobs = await scenario.ask_all([*fetched, *linked_to])
    provider = scenario.provider
    faults = []
    for row in fetched:
        only = is_about_file(provider.file_of(jobs[row.fault]))
        faults += scenario.put(row, operation="file", only=only)
    for row in linked_to:
        faults += scenario.put(row, only=is_about_job(jobs[row.fault]))
    provider.finish()
    await wait_for_faults(faults)
    await scenario.let_pass(minutes=12, step=2)
    rows = await scenario.outcomes([*fetched, *linked_to], WHERE)
    record_property("rows", as_json(rows))
    await scenario.check(rows)
    assert visits == []
