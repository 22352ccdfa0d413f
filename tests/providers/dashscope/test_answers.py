"""How each answer is read: to a create call, a status call and a cancellation."""

import json
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.provider.failure_reason import FailureReason
from bot.domain.provider.job import JobStatus, MadeVideo
from bot.errors import (
    AccountRefused,
    BalanceEmpty,
    Created,
    JobNotFound,
    KeyRefused,
    ModelRefused,
    ProviderError,
    ProviderUnclear,
    ProviderUnreachable,
    RateLimited,
    RequestRejected,
)
from bot.providers.dashscope.response_mapping import (
    Answered,
    created_job,
    is_canceled,
    looked_at,
    took_cancel,
)
from bot.providers.dashscope.schema import DashScopeAnswer
from tests.factories import make_options, make_request
from tests.providers.conftest import KEY
from tests.providers.dashscope.conftest import MakeClient
from tests.providers.raw import hangs, raw_server, says, writes

REGION = "a key works in one region only"


def refuses(status: int, code: str, message: str = "no", *headers: str) -> Any:
    return says(status, {"code": code, "message": message, "request_id": "r"}, *headers)


def task(word: str, **more: object) -> dict[str, Any]:
    return {"request_id": "r", "output": {"task_id": "t-1", "task_status": word, **more}}


ACCEPTED = says(200, task("PENDING"))


# --- create ---------------------------------------------------------------------------------


async def test_one_post_with_a_known_length_and_the_header_that_it_needs(
    make_client: MakeClient, picture: Path
) -> None:
    request = make_request(
        model="wan2.6-i2v-flash", options=make_options(seconds=7, audio=True, seed=7)
    )
    async with raw_server(ACCEPTED) as server, make_client(server.url + "/api/v1/") as client:
        job = await client.create(request, picture)
        await client.create(request, picture)
    assert (job.id, job.status, job.cost) == ("t-1", JobStatus.PENDING, None)
    first, second = server.heard
    path = "/api/v1/services/aigc/video-generation/video-synthesis"
    assert first.head.startswith(f"POST {path} HTTP/1.1\r\n")
    assert first.header("Authorization") == f"Bearer {KEY}"
    assert first.header("X-DashScope-Async") == "enable"
    assert first.header("Content-Type") == "application/json"
    assert first.header("Transfer-Encoding") is None
    assert first.body == second.body
    assert server.connections == 2
    body = json.loads(first.body)
    assert body["model"] == "wan2.6-i2v-flash"
    assert set(body["input"]) == {"prompt", "img_url"}
    assert body["input"]["img_url"].startswith("data:image/png;base64,")
    assert body["parameters"] == {
        "resolution": "720P",
        "duration": 7,
        "prompt_extend": True,
        "watermark": False,
        "seed": 7,
        "audio": True,
    }


async def test_what_a_model_does_not_take_is_not_sent(
    make_client: MakeClient, picture: Path
) -> None:
    async with raw_server(ACCEPTED) as server, make_client(server.url) as client:
        await client.create(make_request(model="wan2.2-i2v-flash"), picture)
    assert "audio" not in json.loads(server.heard[0].body)["parameters"]


@pytest.mark.parametrize(
    ("answer", "error", "created"),
    [
        (refuses(400, "InvalidParameter"), RequestRejected, Created.NO),
        (refuses(400, "BadRequest.EmptyInput"), RequestRejected, Created.NO),
        (refuses(400, "DataInspectionFailed"), RequestRejected, Created.NO),
        (refuses(400, "IPInfringementSuspect"), RequestRejected, Created.NO),
        (refuses(400, "InvalidParameter.DataInspection"), RequestRejected, Created.NO),
        (refuses(400, "Arrearage"), BalanceEmpty, Created.NO),
        (refuses(401, "InvalidApiKey", "Invalid API-key provided."), KeyRefused, Created.NO),
        (refuses(401, "NOT AUTHORIZED"), KeyRefused, Created.NO),
        (refuses(403, "InvalidApiKey"), KeyRefused, Created.NO),
        (refuses(403, "AccessDenied.Unpurchased"), ModelRefused, Created.NO),
        (refuses(403, "Model.AccessDenied"), ModelRefused, Created.NO),
        (refuses(403, "AllocationQuota.FreeTierOnly"), ModelRefused, Created.NO),
        (refuses(403, "Forbidden"), AccountRefused, Created.NO),
        (refuses(404, "ModelNotFound"), ModelRefused, Created.NO),
        (refuses(404, "NotFound"), RequestRejected, Created.NO),
        (refuses(413, "BadRequest.TooLarge"), RequestRejected, Created.NO),
        (refuses(429, "Throttling.RateQuota"), RateLimited, Created.NO),
        (refuses(429, "Throttling.Concurrency"), RateLimited, Created.NO),
        (refuses(429, "Throttling", "no", "Retry-After: 7"), RateLimited, Created.NO),
        (refuses(429, "PostpaidBillOverdue"), BalanceEmpty, Created.NO),
        (refuses(200, "InvalidParameter"), RequestRejected, Created.NO),
        (refuses(200, "InternalError.Algo"), ProviderUnclear, Created.UNKNOWN),
        (refuses(500, "InternalError"), ProviderUnclear, Created.UNKNOWN),
        (refuses(500, "Arrearage"), ProviderUnclear, Created.UNKNOWN),
        (refuses(503, "ModelUnavailable"), ProviderUnclear, Created.UNKNOWN),
        (says(308, b"", "Location: http://127.0.0.1:1/"), RequestRejected, Created.NO),
        (says(200, {"request_id": "r"}), ProviderUnclear, Created.UNKNOWN),
        (says(200, {"output": {"task_status": "PENDING"}}), ProviderUnclear, Created.UNKNOWN),
        (says(200, {"output": {"task_id": ""}}), ProviderUnclear, Created.UNKNOWN),
        (says(200, {"output": [{"task_id": "t-1"}]}), ProviderUnclear, Created.UNKNOWN),
        (says(200, b"<html>hello</html>"), ProviderUnclear, Created.UNKNOWN),
        (says(200, b'{"output": {"task_id": "t-'), ProviderUnclear, Created.UNKNOWN),
        # Too long to be read, in one field or in many.
        (says(200, task("PENDING", task_id="t" * 300_000)), ProviderUnclear, Created.UNKNOWN),
        (says(200, {"x": "y" * 300_000} | task("PENDING")), ProviderUnclear, Created.UNKNOWN),
        (says(200, b"[" * 100_000), ProviderUnclear, Created.UNKNOWN),
        # Ids that nobody could ask for again.
        (says(200, task("PENDING", task_id="..")), ProviderUnclear, Created.UNKNOWN),
        (says(200, task("PENDING", task_id="t\n1")), ProviderUnclear, Created.UNKNOWN),
        (says(200, task("PENDING", task_id={"id": 1})), ProviderUnclear, Created.UNKNOWN),
        (says(408, b""), ProviderUnclear, Created.UNKNOWN),
        (says(502, b"<html>bad gateway</html>"), ProviderUnclear, Created.UNKNOWN),
        (writes(b"", reset=True), ProviderUnclear, Created.UNKNOWN),
        (writes(b"HTTP/1.1 401 No\r\nContent-Length: 99\r\n\r\n{"), KeyRefused, Created.NO),
        (hangs, ProviderUnclear, Created.UNKNOWN),
    ],
)
async def test_how_each_answer_to_a_create_call_is_read(
    answer: Any,
    error: type[ProviderError],
    created: Created,
    make_client: MakeClient,
    picture: Path,
) -> None:
    async with raw_server(answer) as server, make_client(server.url) as client:
        with pytest.raises(ProviderError) as caught:
            await client.create(make_request(model="wan2.6-i2v-flash"), picture)
    assert type(caught.value) is error
    assert caught.value.created is created
    assert len(server.heard) == 1
    assert KEY not in str(caught.value)


async def test_a_refused_key_may_belong_to_another_region(
    make_client: MakeClient, picture: Path
) -> None:
    refusal = refuses(401, "InvalidApiKey", f"Invalid API-key provided: {KEY}")
    async with raw_server(refusal) as server, make_client(server.url) as client:
        with pytest.raises(KeyRefused, match=REGION) as caught:
            await client.create(make_request(model="wan2.6-i2v-flash"), picture)
        assert not await client.key_works()
        with pytest.raises(KeyRefused, match="DASHSCOPE_BASE_URL"):
            await client.status("t-1")
    assert KEY not in str(caught.value)
    assert "[key]" in str(caught.value)


# --- status ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "status", "expected"),
    [
        (task("PENDING"), JobStatus.PENDING, {}),
        (task("SUSPENDED"), JobStatus.PENDING, {"odd_word": None}),
        (task("running"), JobStatus.PENDING, {"odd_word": None}),
        (task("WARMING_UP"), JobStatus.PENDING, {"odd_word": "warming_up"}),
        (
            task("SUCCEEDED", video_url="https://a.example/v.mp4?Expires=1"),
            JobStatus.COMPLETED,
            {"video_url": "https://a.example/v.mp4?Expires=1", "cost": None},
        ),
        (task("SUCCEEDED"), JobStatus.COMPLETED, {"video_url": None}),
        (task("SUCCEEDED", video_url="file:///v.mp4"), JobStatus.COMPLETED, {"video_url": None}),
        (
            task("FAILED", code="InvalidParameter", message="The size is not match"),
            JobStatus.FAILED,
            {"error_code": "InvalidParameter", "error_message": "The size is not match"},
        ),
        (task("FAILED"), JobStatus.FAILED, {"error_code": None, "error_message": None}),
        (task("CANCELED"), JobStatus.CANCELED, {"error_code": "CANCELED"}),
    ],
)
async def test_how_each_status_is_read(
    answer: Any, status: JobStatus, expected: dict[str, Any], make_client: MakeClient
) -> None:
    answer["output"]["task_id"] = "t/1"
    async with raw_server(says(200, answer)) as server, make_client(server.url) as client:
        job = await client.status("t/1")
    assert (job.id, job.status) == ("t/1", status)
    assert {name: getattr(job, name) for name in expected} == expected
    assert server.heard[0].path == "/tasks/t%2F1"
    assert json.loads(job.answer) == answer


@pytest.mark.parametrize("job_id", ["a?b=c#d", "../x", "t/../..", "%2e%2e", "任务-1", "a b;c", "…"])
async def test_an_id_is_asked_for_as_it_is(job_id: str, make_client: MakeClient) -> None:
    answer = says(200, task("PENDING", task_id=job_id))
    async with raw_server(answer) as server, make_client(server.url) as client:
        assert (await client.status(job_id)).id == job_id
    (heard,) = server.heard
    assert heard.path.startswith("/tasks/")
    assert unquote(heard.path.removeprefix("/tasks/")) == job_id
    assert "/" not in heard.path.removeprefix("/tasks/")


@pytest.mark.parametrize(
    ("usage", "made"),
    [
        ({"video_count": 1, "duration": 10, "SR": 1080}, MadeVideo(seconds=10, resolution="1080P")),
        # As in the reference's sample of the Java SDK.
        ({"duration": 5.0, "SR": "720"}, MadeVideo(seconds=5, resolution="720P")),
        (
            {"duration": 15, "output_video_duration": 14, "audio": True},
            MadeVideo(seconds=15, audio=True),
        ),
        ({"output_video_duration": 4, "audio": False}, MadeVideo(seconds=4, audio=False)),
        ({"video_duration": 3, "video_ratio": "standard"}, MadeVideo(seconds=3)),
        # A video has some frames more or less.
        ({"duration": 5.04}, MadeVideo(seconds=5)),
        ({"video_count": 1, "SR": 720}, MadeVideo(resolution="720P")),
        ({"duration": 0, "SR": -1, "audio": "yes"}, MadeVideo()),
        ({"duration": 0.2}, MadeVideo()),
        ({"duration": "1e9", "SR": 1e300}, MadeVideo()),
        ({"duration": True, "SR": [720]}, MadeVideo()),
        ({}, MadeVideo()),
        ("5 seconds", MadeVideo()),
        (None, MadeVideo()),
    ],
)
def test_what_a_video_is_billed_as(usage: object, made: MadeVideo) -> None:
    for word in ("SUCCEEDED", "RUNNING", "FAILED"):
        body = json.dumps(task(word) | {"usage": usage}).encode()
        job = looked_at(Answered(200, DashScopeAnswer(body), None), "t-1")
        assert job.made == (made if word == "SUCCEEDED" else MadeVideo())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (says(200, task("UNKNOWN")), JobNotFound),
        (refuses(404, "NotFound"), JobNotFound),
        (refuses(401, "InvalidApiKey"), KeyRefused),
        (refuses(400, "Arrearage"), BalanceEmpty),
        (refuses(403, "AccessDenied"), ModelRefused),
        (refuses(429, "Throttling.RateQuota"), RateLimited),
        (refuses(400, "InvalidParameter"), ProviderUnclear),
        (refuses(500, "InternalError"), ProviderUnclear),
        (says(200, {"request_id": "r"}), ProviderUnclear),
        (says(200, task("SUCCEEDED", task_id="t-2")), ProviderUnclear),
        (says(200, b"<html>"), ProviderUnclear),
        (writes(b"", reset=True), ProviderUnclear),
        (hangs, ProviderUnclear),
    ],
)
async def test_what_says_nothing_about_a_task(
    answer: Any, error: type[ProviderError], make_client: MakeClient
) -> None:
    async with raw_server(answer) as server, make_client(server.url) as client:
        with pytest.raises(ProviderError) as caught:
            await client.status("t-1")
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("answer", "works"),
    [
        (says(200, task("UNKNOWN")), True),
        (refuses(401, "InvalidApiKey"), False),
        (refuses(403, "Forbidden"), False),
        (refuses(400, "Arrearage"), True),
    ],
)
async def test_a_key_is_checked_for_free(answer: Any, works: bool, make_client: MakeClient) -> None:
    async with raw_server(answer) as server, make_client(server.url) as client:
        assert await client.key_works() is works
    assert all(one.head.startswith("GET /tasks/") for one in server.heard)


# --- cancellation ---------------------------------------------------------------------------


TOOK = says(200, {"request_id": "r"})


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ([TOOK, says(200, task("CANCELED"))], True),
        ([says(200, task("CANCELED")), says(200, task("CANCELED"))], True),
        # It had begun all the same, so it goes on.
        ([TOOK, says(200, task("RUNNING"))], False),
        ([TOOK, says(200, task("SUCCEEDED"))], False),
        ([TOOK, says(200, task("FAILED"))], False),
        # Polling finds out.
        ([TOOK, says(200, task("PENDING"))], ProviderUnclear),
        ([TOOK, says(200, task("WARMING_UP"))], ProviderUnclear),
        ([TOOK, says(200, task("CANCELED", task_id="t-2"))], ProviderUnclear),
        ([TOOK, says(200, task("UNKNOWN"))], JobNotFound),
        ([TOOK, TOOK], ProviderUnclear),
        ([TOOK, refuses(429, "Throttling.RateQuota")], RateLimited),
        ([TOOK, writes(b"", reset=True)], ProviderUnclear),
    ],
)
async def test_a_cancellation_counts_only_once_the_status_confirms_it(
    answers: list[Any], outcome: bool | type[ProviderError], make_client: MakeClient
) -> None:
    async with raw_server(*answers) as server, make_client(server.url) as client:
        if isinstance(outcome, bool):
            assert await client.cancel("t-1") is outcome
        else:
            with pytest.raises(outcome):
                await client.cancel("t-1")
    asked, looked = server.heard
    assert asked.head.startswith("POST /tasks/t-1/cancel HTTP/1.1\r\n")
    assert looked.head.startswith("GET /tasks/t-1 HTTP/1.1\r\n")
    assert {one.header("Authorization") for one in server.heard} == {f"Bearer {KEY}"}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (refuses(400, "UnsupportedOperation", "Failed to cancel the task"), False),
        (refuses(401, "InvalidApiKey"), KeyRefused),
        (refuses(429, "Throttling.RateQuota"), RateLimited),
        (refuses(400, "InvalidParameter"), ProviderUnclear),
        (refuses(200, "UnsupportedOperation"), ProviderUnclear),
        (refuses(500, "InternalError"), ProviderUnclear),
        (says(200, b"<html>"), ProviderUnclear),
        (says(200, {}), ProviderUnclear),
        (says(200, task("RUNNING")), ProviderUnclear),
        (writes(b"", reset=True), ProviderUnclear),
    ],
)
async def test_a_cancellation_that_was_not_taken(
    answer: Any, outcome: bool | type[ProviderError], make_client: MakeClient
) -> None:
    async with raw_server(answer) as server, make_client(server.url) as client:
        if isinstance(outcome, bool):
            assert await client.cancel("t-1") is outcome
        else:
            with pytest.raises(outcome):
                await client.cancel("t-1")
    assert [one.path for one in server.heard] == ["/tasks/t-1/cancel"]


async def test_without_a_connection_nothing_is_canceled(make_client: MakeClient) -> None:
    async with make_client("http://127.0.0.1:1") as client:
        with pytest.raises(ProviderUnreachable):
            await client.cancel("t-1")


# --- anything ---------------------------------------------------------------------------------

_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["output", "task_id", "task_status", "code", "message", "video_url", "usage"]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
_USAGES = st.dictionaries(st.sampled_from(["duration", "SR", "audio", "video_duration"]), _JSON)
_DONE = _USAGES.map(lambda usage: task("SUCCEEDED") | {"usage": usage})
_BODIES = st.binary(max_size=200) | (_JSON | _DONE).map(lambda value: json.dumps(value).encode())


@given(body=_BODIES, status=st.sampled_from([200, 400, 401, 403, 404, 429, 500]))
def test_any_answer_gives_a_job_or_an_error_of_the_bots(body: bytes, status: int) -> None:
    answered = Answered(status, DashScopeAnswer(body, secret=KEY), None)
    about = (looked_at, is_canceled)
    for read in (created_job, took_cancel, *(partial(one, job_id="t-1") for one in about)):
        with suppress(ProviderError):
            read(answered)


@pytest.mark.parametrize(
    ("code", "message", "reason"),
    [
        ("DataInspectionFailed", "Green net check failed for text (input)", "CONTENT_WORDS"),
        ("DataInspectionFailed", "Green net check failed for image (input)", "CONTENT_PICTURE"),
        ("DataInspectionFailed", "Output data may contain inappropriate content", "CONTENT_VIDEO"),
        ("IPInfringementSuspect", None, "CONTENT"),
        ("CustomRoleBlocked", None, "CONTENT"),
        ("FaqRuleBlocked", None, "CONTENT"),
        ("InvalidParameter.DataInspection", "Unable to download the media resource", "PARAMETER"),
        ("InternalError.Timeout", "An internal timeout error has occurred", "SERVICE"),
        ("InternalError.Algo", None, "SERVICE"),
        ("ModelServiceFailed", None, "SERVICE"),
        ("RewriteFailed", None, "SERVICE"),
        ("Throttling.AllocationQuota", None, "BUSY"),
        ("Arrearage", None, "BALANCE"),
        (None, None, None),
    ],
)
def test_why_a_task_failed(
    code: str | None, message: str | None, reason: str | None, make_client: MakeClient
) -> None:
    body = task("FAILED", code=code, message=message)
    job = looked_at(Answered(200, DashScopeAnswer(json.dumps(body).encode()), None), "t-1")
    expected = None if reason is None else FailureReason[reason]
    assert make_client("http://127.0.0.1:1").failure_reason(job, make_request()) is expected
