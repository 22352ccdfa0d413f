"""The create call: what it sends, and whether a job may exist after each way it can end."""

import asyncio
import json
import re
import socket
import traceback
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.domain.provider.job import JobStatus
from bot.errors import (
    AccountRefused,
    BalanceEmpty,
    Created,
    KeyRefused,
    ModelRefused,
    ProviderError,
    ProviderUnclear,
    ProviderUnreachable,
    RateLimited,
    RequestRejected,
)
from bot.providers.sessions import Timeouts
from tests.factories import make_request
from tests.providers.conftest import FAST, KEY, MakeClient
from tests.providers.raw import Heard, Reader, Writer, hangs, raw_server, says, writes

ACCEPTED = says(200, {"id": "job-1", "status": "in_progress"})
MALFORMED = says(400, {"error": {"code": "InvalidParameter", "message": "what is this?"}})

# The gateway's format for the vendor's newer client.
ENVELOPE = {
    "status": {"code": 402, "message": "Insufficient credits", "error_code": 40201},
    "data": None,
}


def is_wrapped(heard: Heard) -> bool:
    return isinstance(json.loads(heard.body)["input"], list)


async def test_one_post_with_a_known_length_on_a_connection_of_its_own(
    make_client: MakeClient, picture: Path
) -> None:
    accepted = says(200, {"id": "job-1", "status": "in_progress", "progress": 0.1}, keep=True)
    async with raw_server(accepted) as server, make_client(server.url + "/") as client:
        job = await client.create(make_request(), picture)
        await client.create(make_request(), picture)
    assert (job.id, job.status, job.progress) == ("job-1", JobStatus.PENDING, 0.1)
    first, second = server.heard
    assert first.head.startswith("POST /model/v1/generation HTTP/1.1\r\n")
    assert first.header("Authorization") == f"Bearer {KEY}"
    assert first.header("Content-Type") == "application/json"
    assert first.header("Transfer-Encoding") is None
    assert first.body == second.body
    assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "error", "created"),
    [
        (says(400, {"error": {"code": "Bad", "message": "no"}}), RequestRejected, Created.NO),
        (says(422, {"message": "no"}), RequestRejected, Created.NO),
        (says(404, b"not here"), RequestRejected, Created.NO),
        (says(413, b"<html>too large</html>"), RequestRejected, Created.NO),
        (says(308, b"", "Location: http://127.0.0.1:1/"), RequestRejected, Created.NO),
        (says(401, {"error": "who are you?"}), KeyRefused, Created.NO),
        (says(402, {"error": "pay first"}), BalanceEmpty, Created.NO),
        (says(402, {"error": {"code": "InvalidParameter"}}), BalanceEmpty, Created.NO),
        (says(403, {"error": {"code": 17, "message": "no money"}}), AccountRefused, Created.NO),
        (says(403, b"<html>forbidden</html>"), AccountRefused, Created.NO),
        (says(403, {"error": {"code": "InvalidApiKey"}}), KeyRefused, Created.NO),
        (says(403, {"message": "this API key is not valid"}), KeyRefused, Created.NO),
        (says(403, {"error": "insufficient_balance"}), BalanceEmpty, Created.NO),
        (says(400, {"code": "Arrearage", "message": "Access denied"}), BalanceEmpty, Created.NO),
        (says(429, {"code": "PrepaidBillOverdue"}), BalanceEmpty, Created.NO),
        (says(403, {"code": "AccessDenied.Unpurchased"}), ModelRefused, Created.NO),
        (says(403, {"code": "Model.AccessDenied"}), ModelRefused, Created.NO),
        (says(403, {"code": "AllocationQuota.FreeTierOnly"}), ModelRefused, Created.NO),
        (says(404, {"error": {"code": "ModelNotFound"}}), ModelRefused, Created.NO),
        (says(403, {"error": "Access to model denied."}), ModelRefused, Created.NO),
        (says(404, {"error": "Model can not be found."}), ModelRefused, Created.NO),
        (says(400, {"code": "Throttling.RateQuota"}), RateLimited, Created.NO),
        (says(400, {"error": "Requests rate limit exceeded."}), RateLimited, Created.NO),
        (says(429, {"error": "slow down with this API key"}), RateLimited, Created.NO),
        (says(429, {"status": {"code": 429, "error_code": 40201}}), BalanceEmpty, Created.NO),
        (says(400, {"error": "not in good standing"}), RequestRejected, Created.NO),
        (
            says(400, {"error": "make sure your account is in good standing."}),
            BalanceEmpty,
            Created.NO,
        ),
        (says(403, {"error": {"code": "DataInspectionFailed"}}), RequestRejected, Created.NO),
        (says(403, {"error": "this is inappropriate"}), RequestRejected, Created.NO),
        (says(403, {"error": {"code": "InvalidParameter"}}), RequestRejected, Created.NO),
        (says(402, ENVELOPE), BalanceEmpty, Created.NO),
        (says(200, ENVELOPE), BalanceEmpty, Created.NO),
        (says(200, {"status": {"code": 200, "message": "ok"}}), ProviderUnclear, Created.UNKNOWN),
        (
            says(200, {"status": {"code": 403, "message": "no"}, "data": None}),
            AccountRefused,
            Created.NO,
        ),
        (
            says(200, {"id": "req-1", "status": {"code": 500}, "data": None}),
            ProviderUnclear,
            Created.UNKNOWN,
        ),
        (says(500, {"code": "Arrearage"}), ProviderUnclear, Created.UNKNOWN),
        (says(429, {"error": "slow down"}), RateLimited, Created.NO),
        (says(200, {"error": {"code": "Bad", "message": "no"}}), RequestRejected, Created.NO),
        (says(200, {"status": "failed", "error": "no"}), RequestRejected, Created.NO),
        (says(200, {"error": {"code": 401, "message": "who?"}}), KeyRefused, Created.NO),
        (says(200, {"error": {"code": 503, "message": "?"}}), ProviderUnclear, Created.UNKNOWN),
        (says(200, {"status": "in_progress"}), ProviderUnclear, Created.UNKNOWN),
        (says(200, {"id": "", "status": "in_progress"}), ProviderUnclear, Created.UNKNOWN),
        (says(200, b"<html>hello</html>"), ProviderUnclear, Created.UNKNOWN),
        (says(200, b'{"id": "job-'), ProviderUnclear, Created.UNKNOWN),
        (says(204, b""), ProviderUnclear, Created.UNKNOWN),
        (says(303, b"", "Location: /elsewhere"), ProviderUnclear, Created.UNKNOWN),
        (says(408, b""), ProviderUnclear, Created.UNKNOWN),
        (says(409, {"error": "again?"}), ProviderUnclear, Created.UNKNOWN),
        (says(500, {"error": "oh"}), ProviderUnclear, Created.UNKNOWN),
        (says(502, b"<html>bad gateway</html>"), ProviderUnclear, Created.UNKNOWN),
        (says(503, b"", "Retry-After: 5"), ProviderUnclear, Created.UNKNOWN),
        (says(504, b""), ProviderUnclear, Created.UNKNOWN),
        (writes(b""), ProviderUnclear, Created.UNKNOWN),
        (writes(b"", reset=True), ProviderUnclear, Created.UNKNOWN),
        (writes(b"\x15\x03\x01 this is no HTTP\r\n\r\n"), ProviderUnclear, Created.UNKNOWN),
        (writes(b"HTTP/1.1 200 OK\r\nContent-Len"), ProviderUnclear, Created.UNKNOWN),
        (
            writes(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"id":'),
            ProviderUnclear,
            Created.UNKNOWN,
        ),
        (writes(b"HTTP/1.1 401 No\r\nContent-Length: 99\r\n\r\n{"), KeyRefused, Created.NO),
        (hangs, ProviderUnclear, Created.UNKNOWN),
    ],
)
async def test_how_each_answer_is_read(
    answer: Any,
    error: type[ProviderError],
    created: Created,
    make_client: MakeClient,
    picture: Path,
) -> None:
    async with raw_server(answer) as server, make_client(server.url, style="wrapped") as client:
        with pytest.raises(ProviderError) as caught:
            await client.create(make_request(), picture)
    assert type(caught.value) is error
    assert caught.value.created is created
    assert len(server.heard) == 1


async def test_a_failure_at_once_with_an_id_is_a_job(
    make_client: MakeClient, picture: Path
) -> None:
    failed = {"id": 7, "status": "failed", "error": {"code": "DataInspectionFailed"}}
    async with raw_server(says(200, failed)) as server, make_client(server.url) as client:
        job = await client.create(make_request(), picture)
    assert (job.id, job.status, job.error_code) == ("7", JobStatus.FAILED, "DataInspectionFailed")


async def test_no_connection_means_nothing_was_sent(make_client: MakeClient, picture: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # The socket is bound, but does not listen.
        url = f"127.0.0.1:{taken.getsockname()[1]}"
        for base in (f"http://{url}", f"https://{url}", "http://name.invalid"):
            async with make_client(base) as client:
                with pytest.raises(ProviderUnreachable) as caught:
                    await client.create(make_request(), picture)
            assert caught.value.created is Created.NO


async def test_a_failed_tls_handshake_means_nothing_was_sent(
    make_client: MakeClient, picture: Path
) -> None:
    async with (
        raw_server(ACCEPTED) as server,
        make_client(
            server.url.replace("http://", "https://"), timeouts=Timeouts(connect=0.3)
        ) as client,
    ):
        with pytest.raises(ProviderUnreachable):
            await client.create(make_request(), picture)
    assert server.heard == []


async def test_a_picture_that_is_gone_means_nothing_was_sent(
    make_client: MakeClient, tmp_path: Path
) -> None:
    async with raw_server(ACCEPTED) as server, make_client(server.url) as client:
        with pytest.raises(ProviderUnreachable, match="FileNotFoundError"):
            await client.create(make_request(), tmp_path / "gone.png")
    assert server.heard == []


@pytest.mark.parametrize("read_first", [0, 70_000, 3_000_000])
@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refusal_in_the_middle_of_the_body_is_read(
    status: int, read_first: int, make_client: MakeClient, large_picture: Path
) -> None:
    async def refuse(heard: Heard, reader: Reader, writer: Writer) -> None:
        await reader.readexactly(read_first)
        await says(status, {"error": {"code": "Early", "message": "no"}})(heard, reader, writer)

    async with (
        raw_server(refuse, read_body=False) as server,
        make_client(server.url, style="documented") as client,
    ):
        with pytest.raises(ProviderError) as caught:
            await client.create(make_request(), large_picture)
    assert (caught.value.status, caught.value.code) == (status, "Early")
    assert caught.value.created is Created.NO


@pytest.mark.parametrize("stop", [writes(b"", reset=True), writes(b"")])
async def test_a_connection_lost_in_the_middle_of_the_body_is_unclear(
    stop: Any, make_client: MakeClient, large_picture: Path
) -> None:
    async with raw_server(stop, read_body=False) as server, make_client(server.url) as client:
        with pytest.raises(ProviderUnclear):
            await client.create(make_request(), large_picture)
    assert len(server.heard) == 1


async def test_a_provider_that_stops_reading_is_given_up_on(
    make_client: MakeClient, large_picture: Path
) -> None:
    async def stalls(heard: Heard, reader: Reader, writer: Writer) -> None:
        await asyncio.Event().wait()

    timeouts = Timeouts(send=0.5)
    async with (
        raw_server(stalls, read_body=False) as server,
        make_client(server.url, timeouts=timeouts) as client,
    ):
        with pytest.raises(ProviderUnclear, match="Timeout"):
            await client.create(make_request(), large_picture)


async def test_a_canceled_create_leaves_nothing_behind(
    make_client: MakeClient, large_picture: Path
) -> None:
    async with (
        raw_server(hangs) as server,
        make_client(server.url, timeouts=Timeouts()) as client,
    ):
        task = asyncio.create_task(client.create(make_request(), large_picture))
        await server.begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert len(server.heard) == 1


# --- the two forms of a request -------------------------------------------------------------


@pytest.mark.parametrize(
    "refusal", [MALFORMED, says(422, b"no"), says(200, {"error": "unknown field input"})]
)
async def test_auto_sends_the_other_form_once_and_remembers(
    refusal: Any, make_client: MakeClient, picture: Path
) -> None:
    scripts = (refusal, ACCEPTED, ACCEPTED, MALFORMED)
    async with raw_server(*scripts) as server, make_client(server.url) as client:
        await client.create(make_request(), picture)
        await client.create(make_request(), picture)
        with pytest.raises(RequestRejected):
            await client.create(make_request(), picture)
    assert [is_wrapped(heard) for heard in server.heard] == [True, False, False, False]


async def test_auto_starts_with_the_wrapped_form_and_remembers_that_it_is_taken(
    make_client: MakeClient, picture: Path
) -> None:
    async with raw_server(ACCEPTED, MALFORMED) as server, make_client(server.url) as client:
        await client.create(make_request(), picture)
        with pytest.raises(RequestRejected):
            await client.create(make_request(), picture)
    assert [is_wrapped(heard) for heard in server.heard] == [True, True]


async def test_a_rejection_of_both_forms_tells_both(make_client: MakeClient, picture: Path) -> None:
    other = says(400, {"error": {"code": "Other", "message": "nor this"}})
    async with raw_server(MALFORMED, other) as server, make_client(server.url) as client:
        with pytest.raises(RequestRejected, match=r"what is this\?.*nor this"):
            await client.create(make_request(), picture)
        with pytest.raises(RequestRejected):
            await client.create(make_request(), picture)
    # No form was accepted, so the client has learned nothing.
    assert [is_wrapped(heard) for heard in server.heard] == [True, False, True, False]


@pytest.mark.parametrize(
    "answer",
    [
        says(status, {"error": "no"})
        for status in (401, 402, 403, 404, 405, 408, 413, 429, 500, 503)
    ],
)
async def test_other_errors_never_bring_out_the_second_form(
    answer: Any, make_client: MakeClient, picture: Path
) -> None:
    async with raw_server(answer) as server, make_client(server.url) as client:
        with pytest.raises(ProviderError):
            await client.create(make_request(), picture)
    assert len(server.heard) == 1


async def test_refused_content_is_not_sent_twice(make_client: MakeClient, picture: Path) -> None:
    refused = says(400, {"error": {"code": "DataInspectionFailed", "message": "not that"}})
    async with raw_server(refused) as server, make_client(server.url) as client:
        with pytest.raises(RequestRejected) as caught:
            await client.create(make_request(), picture)
    assert caught.value.moderated
    assert len(server.heard) == 1


@pytest.mark.parametrize("style", ["documented", "wrapped"])
async def test_a_fixed_form_is_the_only_one(
    style: str, make_client: MakeClient, picture: Path
) -> None:
    async with raw_server(MALFORMED) as server, make_client(server.url, style=style) as client:
        with pytest.raises(RequestRejected):
            await client.create(make_request(), picture)
    assert [is_wrapped(heard) for heard in server.heard] == [style == "wrapped"]


# --- the key ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        says(401, {"error": {"code": KEY, "message": f"Invalid key {KEY}"}}),
        says(400, f"bad key {KEY}".encode()),
        says(200, f"<html>{KEY}</html>".encode()),
        writes(f"HTTP/1.1 {KEY} {KEY}\r\n\r\n".encode()),
        writes(f"{KEY}\r\n\r\n".encode()),
        hangs,
    ],
)
async def test_the_key_is_in_no_error_and_no_log(
    answer: Any, make_client: MakeClient, picture: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with raw_server(answer) as server, make_client(server.url) as client:
        with pytest.raises(ProviderError) as caught:
            await client.create(make_request(), picture)
        told = [repr(client), repr(vars(client)), caplog.text]
    error: BaseException | None = caught.value
    told += traceback.format_exception(caught.value)
    while error is not None:
        told += [repr(error), str(error), repr(vars(error))]
        error = error.__cause__ or error.__context__
    assert re.search(KEY, "\n".join(told)) is None


async def test_a_key_that_cannot_be_sent_is_not_sent(
    make_client: MakeClient, picture: Path
) -> None:
    key = "two\r\nlines"
    async with (
        raw_server(ACCEPTED) as server,
        make_client(server.url, api_key=SecretStr(key), timeouts=FAST) as client,
    ):
        with pytest.raises(ProviderUnreachable) as caught:
            await client.create(make_request(), picture)
    assert "lines" not in str(caught.value)
    assert server.heard == []
