"""Polling a job, and checking the key."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.domain.provider.job import JobStatus
from bot.errors import (
    AccountRefused,
    BalanceEmpty,
    JobNotFound,
    KeyRefused,
    ModelRefused,
    ProviderError,
    ProviderUnclear,
    ProviderUnreachable,
    RateLimited,
)
from bot.providers.refusals import RETRY_AFTER_MAX, parse_retry_after
from bot.providers.vtrix.client import VtrixClient
from tests.factories import NOON
from tests.providers.conftest import KEY, MakeClient
from tests.providers.raw import hangs, raw_server, says, writes

RUNNING = says(200, {"id": "job-1", "status": "in_progress", "progress": 0.5}, keep=True)


class QuickClock(SystemClock):
    """A clock that does not wait, and records the delays that were asked for."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


async def test_polls_share_a_connection_and_carry_the_key(make_client: MakeClient) -> None:
    async with raw_server(RUNNING) as server, make_client(server.url) as client:
        job = await client.status("job-1")
        await client.status("job-1")
    assert (job.status, job.progress) == (JobStatus.PENDING, 0.5)
    assert server.heard[0].path == "/model/v1/generation/task/job-1"
    assert server.heard[0].header("Authorization") == f"Bearer {KEY}"
    assert server.connections == 1


async def test_an_id_stays_in_its_place_in_the_path(make_client: MakeClient) -> None:
    async with raw_server(RUNNING) as server, make_client(server.url) as client:
        job = await client.status("../a?b=c#d/é\r\n")
    assert server.heard[0].path == "/model/v1/generation/task/..%2Fa%3Fb%3Dc%23d%2F%C3%A9%0D%0A"
    assert job.id == "../a?b=c#d/é\r\n"


@pytest.mark.parametrize(
    ("answer", "error", "looks"),
    [
        (says(404, {"error": {"code": "NotFound", "message": "?"}}), JobNotFound, 1),
        (says(401, {"error": "who?"}), KeyRefused, 1),
        (says(403, {"error": "no"}), AccountRefused, 1),
        (says(403, {"error": "insufficient balance"}), BalanceEmpty, 1),
        (says(402, {"status": {"code": 402, "error_code": 40201}}), BalanceEmpty, 1),
        (says(200, {"status": {"code": 402, "error_code": 40201}}), BalanceEmpty, 1),
        (says(200, {"status": {"code": 404, "message": "missing"}}), JobNotFound, 1),
        (says(403, {"code": "Model.AccessDenied"}), ModelRefused, 1),
        (says(200, {"id": "job-1", "status": "UNKNOWN"}), JobNotFound, 1),
        (says(429, {"error": "slow"}), RateLimited, 1),
        (says(400, {"error": "what?"}), ProviderUnclear, 2),
        (says(302, b"", "Location: http://127.0.0.1:1/"), ProviderUnclear, 2),
        (says(200, b"<html>"), ProviderUnclear, 2),
        (says(200, {}), ProviderUnclear, 2),
        (says(200, {"error": {"code": "x"}}), ProviderUnclear, 2),
        (says(503, b""), ProviderUnclear, 2),
        # aiohttp retries once by itself, since a kept connection may be stale.
        (writes(b"", reset=True), ProviderUnclear, 4),
        (hangs, ProviderUnclear, 2),
    ],
)
async def test_a_failed_poll_raises_its_error_without_the_key(
    answer: Any, error: type[ProviderError], looks: int, make_client: MakeClient
) -> None:
    clock = QuickClock()
    async with raw_server(answer) as server, make_client(server.url, clock=clock) as client:
        with pytest.raises(ProviderError) as caught:
            await client.status("job-1")
    assert type(caught.value) is error
    assert len(server.heard) == looks
    assert KEY not in repr(caught.value)
    assert all(0 < pause < 1 for pause in clock.slept)


async def test_a_single_failure_is_repeated_unnoticed(make_client: MakeClient) -> None:
    async with raw_server(says(502, b""), RUNNING) as server:
        client = make_client(server.url, clock=QuickClock())
        async with client:
            job = await client.status("job-1")
    assert job.progress == 0.5


async def test_a_provider_that_is_away_is_unreachable(make_client: MakeClient) -> None:
    async with raw_server(RUNNING) as server:
        url = server.url
    async with make_client(url, clock=QuickClock()) as client:
        with pytest.raises(ProviderUnreachable):
            await client.status("job-1")


@pytest.mark.parametrize(
    ("answer", "works"),
    [
        (says(404, {"error": "no such task"}), True),
        (says(400, {"error": "that is no id"}), True),
        (says(200, {"id": "x", "status": "pending"}), True),
        (says(401, {"error": "who?"}), False),
        (says(403, {"error": "no"}), False),
        (says(402, {"error": "pay first"}), True),
    ],
)
async def test_whether_the_key_works(answer: Any, works: bool, make_client: MakeClient) -> None:
    async with (
        raw_server(answer) as server,
        make_client(server.url, clock=QuickClock()) as client,
    ):
        assert await client.key_works() is works
    assert all(heard.head.startswith("GET ") for heard in server.heard)


@pytest.mark.parametrize(
    ("answer", "error"), [(says(503, b""), ProviderUnclear), (says(429, b""), RateLimited)]
)
async def test_whether_the_key_works_is_not_guessed(
    answer: Any, error: type[ProviderError], make_client: MakeClient
) -> None:
    client: VtrixClient
    async with (
        raw_server(answer) as server,
        make_client(server.url, clock=QuickClock()) as client,
    ):
        with pytest.raises(error):
            await client.key_works()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("999999999", RETRY_AFTER_MAX),
        ("inf", RETRY_AFTER_MAX),
        ("nan", None),
        ("soon", None),
        ("", None),
        (None, None),
        (format_datetime(NOON + timedelta(seconds=30), usegmt=True), 30.0),
        (format_datetime(NOON - timedelta(days=1), usegmt=True), 0.0),
        ("Mon, 23 Nov 2026 12:00:09 -0000", 9.0),
        ("Mon, 99 Nov 99999 12:00:09 GMT", None),
    ],
)
def test_retry_after_in_both_forms(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOON) == seconds


async def test_retry_after_reaches_the_caller(make_client: MakeClient) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    answers = (says(429, b"", "Retry-After: 12"), says(429, b"", f"Retry-After: {later}"))
    async with raw_server(*answers) as server, make_client(server.url) as client:
        with pytest.raises(RateLimited) as seconds:
            await client.status("job-1")
        with pytest.raises(RateLimited) as date:
            await client.status("job-1")
    assert seconds.value.retry_after == 12
    assert date.value.retry_after is not None
    assert 80 < date.value.retry_after <= 90
