"""Parsing answers: every known variant, and arbitrary input."""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import Usd
from bot.domain.provider.job import Job, JobStatus
from bot.errors import ProviderError
from bot.providers.json_answer import ANSWER_BYTES_MAX, MESSAGE_CHARS_MAX, clean
from bot.providers.vtrix.response_mapping import created_job, looked_at
from bot.providers.vtrix.schema import ProviderAnswer


def parsed(body: object) -> Job:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ProviderAnswer(raw).job("job-1")


def completed(**changes: Any) -> dict[str, Any]:
    answer = {
        "id": "job-1",
        "status": "completed",
        "created_at": 1_795_000_000,
        "output": [{"content": [{"type": "video", "url": "https://v.example/a.mp4"}]}],
        "usage": {"cost": "0.25", "discount": 0.05},
        "metadata": {},
    }
    return answer | changes


def test_a_completed_answer_as_documented() -> None:
    job = parsed(completed())
    assert (job.id, job.status) == ("job-1", JobStatus.COMPLETED)
    assert job.video_url == "https://v.example/a.mp4"
    assert (job.cost, job.discount) == (Usd.parse("0.25"), Decimal("0.05"))
    assert json.loads(job.answer) == completed()


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("completed", JobStatus.COMPLETED),
        ("Done", JobStatus.COMPLETED),
        (" SUCCEEDED ", JobStatus.COMPLETED),
        ("success", JobStatus.COMPLETED),
        ("failed", JobStatus.FAILED),
        ("FAILED", JobStatus.FAILED),
        ("error", JobStatus.FAILED),
        ("cancelled", JobStatus.FAILED),
        ("CANCELED", JobStatus.FAILED),
        ("expired", JobStatus.FAILED),
        ("timeout", JobStatus.FAILED),
        ("PENDING", JobStatus.PENDING),
        ("RUNNING", JobStatus.PENDING),
        ("SUSPENDED", JobStatus.PENDING),
        ("in_progress", JobStatus.PENDING),
        ("pending", JobStatus.PENDING),
        ("queued", JobStatus.PENDING),
        ("processing", JobStatus.PENDING),
        ("in_queue", JobStatus.PENDING),
        ("a word of next year", JobStatus.PENDING),
        (7, JobStatus.PENDING),
        (None, JobStatus.PENDING),
    ],
)
def test_status_words(word: object, status: JobStatus) -> None:
    assert parsed({"id": "a", "status": word}).status is status


@pytest.mark.parametrize(
    ("word", "odd"),
    [
        ("in_progress", None),
        ("In-Progress", None),
        ("SUSPENDED", None),
        ("expired", None),
        ("Half\x1bway there", "half way there"),
        ("x" * 100, "x" * 64),
        (7, None),
    ],
)
def test_a_word_that_nobody_knows_is_kept_clean_and_short(word: object, odd: str | None) -> None:
    assert parsed({"id": "a", "status": word}).odd_word == odd


@pytest.mark.parametrize(
    ("raw", "progress"),
    [
        (b"0", 0.0),
        (b"0.42", 0.42),
        (b"1", 1.0),
        (b"-3", 0.0),
        (b"55", 1.0),
        (b'"0.5"', 0.5),
        (b"1e-400000000", None),
        (b"1e99999999999999999999", None),
        (b"NaN", None),
        (b"Infinity", None),
        (b"true", None),
        (b'"soon"', None),
        (b"null", None),
    ],
)
def test_progress_stays_within_its_bounds(raw: bytes, progress: float | None) -> None:
    assert parsed(b'{"id":"a","status":"in_progress","progress":' + raw + b"}").progress == progress


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({"error": {"code": "Bad", "message": "no"}}, "Bad", "no"),
        ({"error": {"code": 2014001, "message": "no"}}, "2014001", "no"),
        ({"error": {"code": None, "message": ""}, "error_message": "no"}, None, "no"),
        ({"error": "no", "code": "Bad"}, "Bad", "no"),
        ({"error": "bad_request", "message": "no"}, "bad_request", "no"),
        ({"error": "it is bad", "message": "no"}, None, "it is bad: no"),
        ({"error": "no", "message": "no"}, None, "no"),
        ({"error": "no", "code": "Bad", "message": "why"}, "Bad", "no: why"),
        ({"error": {"code": 1002, "error_message": "no"}}, "1002", "no"),
        ({"code": "Bad", "message": "no"}, "Bad", "no"),
        ({"error_message": "no", "code": 17}, "17", "no"),
        ({"error": {}}, None, None),
        ({"error": None}, None, None),
        ({"error": ["no"]}, None, None),
        ({"error": {"message": ["no"], "code": True}}, None, None),
    ],
)
def test_errors_in_all_their_forms(
    fields: dict[str, Any], code: str | None, message: str | None
) -> None:
    job = parsed({"id": "a", "status": "failed"} | fields)
    assert (job.status, job.error_code, job.error_message) == (JobStatus.FAILED, code, message)


VIDEO = {"type": "video", "url": "https://v.example/a.mp4"}


@pytest.mark.parametrize(
    ("output", "found"),
    [
        ([{"content": [VIDEO]}], True),
        ({"content": [VIDEO]}, True),
        ({"content": VIDEO}, True),
        ([{"content": [{"type": "image", "url": "https://v.example/a.png"}, VIDEO]}], True),
        ([{"content": []}, {"content": [VIDEO | {"type": "video_url", "duration": "5"}]}], True),
        ([{"content": [{"type": "image", "url": "https://v.example/a.png"}]}], False),
        ([{"content": [{"type": "video"}]}], False),
        ([{"content": [{"type": "video", "url": ""}]}], False),
        ([{"content": [{"type": "video", "url": "javascript:alert(1)"}]}], False),
        ([{"content": [{"type": "video", "url": "https://v.example/\n"}]}], False),
        ([{"content": [{"type": ["video"], "url": 5}]}], False),
        # The gateway's newer clients read this format, which is flat and has no type.
        ([VIDEO], True),
        (VIDEO, True),
        ([{"url": "https://v.example/a.mp4"}], True),
        ([{"content": [{"url": "https://v.example/a.mp4", "type": None}]}], True),
        ([{"url": "https://v.example/a.PNG?x=1"}, VIDEO], True),
        ([{"url": "https://v.example/b.mp4"}, {"content": [VIDEO]}], True),
        ([{"url": "https://v.example/a.jpg?x=1"}], False),
        ([{"url": "https://v.example/a.mp4", "type": "audio"}], False),
        ([], False),
        (None, False),
        ("https://v.example/a.mp4", False),
    ],
)
def test_where_the_video_is(output: object, found: bool) -> None:
    expected = "https://v.example/a.mp4" if found else None
    assert parsed(completed(output=output)).video_url == expected


def test_an_answer_with_outputs_instead_of_output() -> None:
    answer = completed(outputs=[VIDEO])
    del answer["output"]
    assert parsed(answer).video_url == "https://v.example/a.mp4"


@pytest.mark.parametrize(
    "status", [{"code": 200, "message": "ok"}, {"message": "", "error_code": 0}, "success", None]
)
def test_an_envelope_is_taken_off(status: object) -> None:
    job = parsed({"data": completed(), "status": status, "request_id": "r"})
    assert (job.status, job.video_url) == (JobStatus.COMPLETED, "https://v.example/a.mp4")
    assert (job.cost, job.error_message) == (Usd.parse("0.25"), None)


def test_the_id_is_the_tasks_not_the_requests() -> None:
    answer: dict[str, Any] = {"id": "req-1", "data": {"id": "job-1"}, "status": {"code": 200}}
    assert ProviderAnswer(json.dumps(answer).encode()).id == "job-1"
    answer["data"] = None
    assert ProviderAnswer(json.dumps(answer).encode()).id is None


def test_a_failure_in_an_envelope_has_its_words() -> None:
    wrong = {"message": "queue is full", "error_code": 1002}
    job = parsed({"data": {"id": "job-1", "status": "failed"}, "status": wrong})
    assert (job.status, job.error_code) == (JobStatus.FAILED, "1002")
    assert job.error_message == "queue is full"


def test_completed_with_an_error_instead_of_a_video_has_failed_for_that() -> None:
    wrong = {"code": "DataInspectionFailed", "message": "Output data may be inappropriate"}
    job = parsed(completed(output=[], error=wrong))
    assert (job.status, job.error_code) == (JobStatus.FAILED, "DataInspectionFailed")
    # A charge is booked although the job failed.
    assert job.cost == Usd.parse("0.25")
    # With a video, the job has not failed.
    assert parsed(completed(error=wrong)).status is JobStatus.COMPLETED


def test_an_end_without_a_reason_gives_its_status_word() -> None:
    assert parsed({"id": "a", "status": "EXPIRED"}).error_message == "expired"


@pytest.mark.parametrize(
    ("raw", "cost"),
    [
        (b'"0.0075"', Usd(7_500)),
        (b"0.1", Usd(100_000)),
        (b"0", Usd(0)),
        (b'"1e-3"', Usd(1_000)),
        (b'""', None),
        (b'"free"', None),
        (b"-1", None),
        (b"1e999990", None),
        (b'"1e999990"', None),
        (b'"1e99999999999"', None),
        (b"NaN", None),
        (b"true", None),
        (b"{}", None),
    ],
)
def test_a_cost_is_exact_or_unknown(raw: bytes, cost: Usd | None) -> None:
    assert parsed(b'{"id":"a","status":"completed","usage":{"cost":' + raw + b"}}").cost == cost


def test_a_usage_of_another_kind_is_no_usage() -> None:
    job = parsed(completed(usage=["0.25"]))
    assert (job.cost, job.discount) == (None, None)


@pytest.mark.parametrize("usable", ["a", "id-1", "e1/..?x=y", 17, "日本"])
def test_ids_that_can_be_used(usable: object) -> None:
    assert ProviderAnswer(json.dumps({"id": usable}).encode()).id == str(usable)


@pytest.mark.parametrize(
    "wrong", ["", " ", "a\n", ".", "..", "x" * 257, "\ud800", True, None, [], 1.5]
)
def test_ids_that_cannot_be_used(wrong: object) -> None:
    assert ProviderAnswer(json.dumps({"id": wrong}).encode()).id is None


def test_words_of_the_provider_are_one_clean_short_line() -> None:
    wild = "a\x00b\x1b[31m\r\nc\u202ed\ud800" + "x" * 9_000
    job = parsed({"id": "a", "status": "failed", "error": wild})
    assert job.error_message is not None
    assert job.error_message.startswith("a b [31m c d x")
    assert len(job.error_message) == MESSAGE_CHARS_MAX
    assert job.error_message.isprintable()


def test_the_answer_is_kept_within_its_limit_and_can_be_stored() -> None:
    answer = parsed(json.dumps({"id": "a", "x": "é" * 90_000}, ensure_ascii=False).encode()).answer
    assert ANSWER_BYTES_MAX - 4 <= len(answer.encode()) <= ANSWER_BYTES_MAX
    assert "\x00" not in parsed(b"\x00\xff{").answer


def test_a_key_that_the_provider_repeats_is_blotted_out() -> None:
    body = json.dumps({"id": "a", "error": {"code": "test-key", "message": "not test-key!"}})
    job = ProviderAnswer(body.encode(), secret="test-key").job("a")
    assert "test-key" not in repr(job)
    assert job.error_message == "not [key]!"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
names = ("id", "status", "progress", "error", "error_message", "code", "message", "output", "usage")
inner_names = ("content", "type", "url", "cost", "discount", "code", "message")
likely = st.one_of(
    json_values,
    st.sampled_from(["completed", "failed", "video", "1e999999", "-0", "nan", "https://a/"]),
    st.dictionaries(st.sampled_from(inner_names), json_values, max_size=4),
    st.lists(st.dictionaries(st.sampled_from(inner_names), json_values, max_size=4), max_size=2),
)
answers = st.dictionaries(st.sampled_from(names), likely, max_size=9)
bodies = st.one_of(
    st.binary(max_size=300),
    json_values.map(lambda value: json.dumps(value).encode()),
    answers.map(lambda value: json.dumps(value).encode()),
)


@given(body=bodies, status=st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 429, 500]))
def test_no_answer_is_a_crash(body: bytes, status: int) -> None:
    answer = ProviderAnswer(body)
    calls = (
        partial(created_job, status, answer, None),
        partial(looked_at, status, answer, "asked", None),
    )
    for outcome in map(outcome_of, calls):
        if isinstance(outcome, ProviderError):
            assert len(str(outcome)) < 700
            continue
        assert outcome.id
        assert outcome.progress is None or 0 <= outcome.progress <= 1
        assert outcome.cost is None or outcome.cost >= Usd(0)
        assert len(outcome.answer.encode()) <= ANSWER_BYTES_MAX


def outcome_of(call: Callable[[], Job]) -> Job | ProviderError:
    try:
        return call()
    except ProviderError as error:
        return error


@pytest.mark.parametrize("body", [b"[" * 60_000, b'{"id":' * 20_000, b"9" * 9_000, b"\xff\xfe"])
def test_json_that_only_means_harm_is_no_answer(body: bytes) -> None:
    assert not ProviderAnswer(body).is_object


@given(st.text())
def test_clean_text_can_be_shown_and_stored(text: str) -> None:
    cleaned = clean(text)
    assert cleaned.isprintable()
    assert cleaned.encode().decode() == cleaned
    assert clean(cleaned) == cleaned
