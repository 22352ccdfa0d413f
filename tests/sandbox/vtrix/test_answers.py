from dataclasses import replace
from typing import Any

import pytest

from sandbox.vtrix import LocalVtrix, Style
from tests.sandbox.provider_data import URI, HandClock
from tests.sandbox.vtrix.vtrix_caller import Caller, documented

VARIANTS: dict[str, tuple[Style, Any]] = {
    "done": (Style(completed="done"), lambda answer: answer["status"] == "done"),
    "object": (Style(output="object"), lambda answer: answer["output"]["content"][0]["url"]),
    "flat": (Style(output="flat"), lambda answer: answer["output"][0]["url"]),
    "outputs": (
        Style(output="outputs"),
        lambda answer: answer["outputs"][0]["url"] and "output" not in answer,
    ),
    "no type": (
        Style(video_type=None),
        lambda answer: "type" not in answer["output"][0]["content"][0],
    ),
    "model": (Style(), lambda answer: answer["model"] == "wan22_i2v_flash"),
    "no model": (Style(model=False), lambda answer: "model" not in answer),
    "envelope": (
        Style(envelope=True),
        lambda answer: answer["data"]["output"] and answer["status"]["code"] == 200,
    ),
    "video_url": (
        Style(video_type="video_url"),
        lambda answer: answer["output"][0]["content"][0]["type"] == "video_url",
    ),
    "extras": (
        Style(extras=True),
        lambda answer: (
            answer["output"][0]["content"][0]["duration"] == "5"
            and answer["usage"]["unit_price"] == "0.04"
        ),
    ),
    "no video": (Style(video=False), lambda answer: answer["output"] == [{"content": []}]),
    "cost as a number": (Style(cost="number"), lambda answer: answer["usage"]["cost"] == 0.2),
    "no cost": (Style(cost="missing"), lambda answer: "cost" not in answer["usage"]),
    "odd cost": (Style(cost="unreadable"), lambda answer: answer["usage"]["cost"] == "n/a"),
    "no usage": (Style(usage=False), lambda answer: "usage" not in answer),
    "no progress": (Style(progress=False), lambda answer: "progress" not in answer),
}


@pytest.mark.parametrize("case", VARIANTS)
async def test_a_completed_job_at_once_in_every_form(
    case: str, provider: LocalVtrix, caller: Caller
) -> None:
    style, holds = VARIANTS[case]
    provider.style = replace(style, at_once=True)
    status, answer = await caller.create(documented(URI))
    assert status == 200
    assert holds(answer)


ERRORS: dict[str, tuple[Style, object]] = {
    "object": (Style(), {"error": {"code": "002014001", "message": "no"}}),
    "numeric": (Style(error="numeric"), {"error": {"code": 2014001, "message": "no"}}),
    "error_message": (
        Style(error="error_message"),
        {"error": {"code": 2014001, "error_message": "no"}},
    ),
    "string": (Style(error="string"), {"error": "no"}),
    "beside": (Style(error="beside"), {"error": "002014001", "message": "no"}),
    "message": (Style(error="message"), {"code": "002014001", "message": "no"}),
}


@pytest.mark.parametrize("case", ERRORS)
async def test_a_failed_job_at_once_in_every_form(
    case: str, provider: LocalVtrix, caller: Caller
) -> None:
    style, error = ERRORS[case]
    provider.style = replace(style, at_once=True)
    provider.fail_next("002014001", "no")
    status, answer = await caller.create(documented(URI))
    assert (status, answer["status"]) == (200, "failed")
    assert {key: answer[key] for key in ("error", "code", "message") if key in answer} == error


async def test_status_words_before_the_end(
    provider: LocalVtrix, caller: Caller, clock: HandClock
) -> None:
    provider.style = Style(pending="in_queue", running="processing")
    _, created = await caller.create(documented(URI))
    clock.passed = 10
    _, running = await caller.status(created["id"])
    assert (created["status"], running["status"]) == ("in_queue", "processing")


async def test_a_malformed_request_can_be_refused_with_422(
    provider: LocalVtrix, caller: Caller
) -> None:
    provider.style = Style(malformed_status=422, error="numeric")
    status, answer = await caller.create({"model": "wan22_i2v_flash"})
    assert (status, answer["error"]["code"]) == (422, 422)
    assert "id" not in answer


async def test_an_empty_balance_as_the_newer_client_is_told_of_it(
    provider: LocalVtrix, caller: Caller
) -> None:
    provider.balance = "0"
    for http_200, expected in ((False, 402), (True, 200)):
        provider.style = Style(envelope=True, http_200=http_200)
        status, answer = await caller.create(documented(URI))
        assert status == expected
        assert answer["data"] is None
        assert (answer["status"]["code"], answer["status"]["error_code"]) == (402, 40201)


def vendor_reads(answer: dict[str, Any]) -> str | None:
    """Read an HTTP error as `vtrix-cli` does: it takes two texts, or nothing at all."""
    texts = [answer.get("message", ""), answer.get("error", "")]
    return next(filter(None, texts), None) if all(isinstance(one, str) for one in texts) else None


@pytest.mark.parametrize(
    ("style", "words"),
    [
        (Style(), None),
        (Style(error="string"), "the key is missing or invalid"),
        (Style(error="beside"), "the key is missing or invalid"),
        (Style(error="message"), "the key is missing or invalid"),
    ],
)
async def test_http_errors_that_the_vendors_client_can_read(
    style: Style, words: str | None, provider: LocalVtrix, caller: Caller
) -> None:
    provider.style, caller.key = style, "another-key"
    status, answer = await caller.status("any")
    assert (status, vendor_reads(answer)) == (401, words)


async def test_a_task_that_is_not_known_can_have_a_status(
    provider: LocalVtrix, caller: Caller
) -> None:
    provider.style = Style(forgotten="UNKNOWN")
    assert await caller.status("none") == (200, {"id": "none", "status": "UNKNOWN"})


async def test_files_are_served_the_same_in_every_style(
    provider: LocalVtrix, caller: Caller
) -> None:
    provider.style = Style(envelope=True, http_200=True)
    assert (await caller.file(f"{provider.base_url}/files/none.mp4"))[0] == 403
