from dataclasses import replace
from typing import Any

import pytest

from sandbox.vtrix import LocalVtrix, Style
from tests.sandbox.vtrix_caller import (
    URI,
    Caller,
    HandClock,
    documented,
)

VARIANTS: dict[str, tuple[Style, Any]] = {
    "done": (Style(completed="done"), lambda answer: answer["status"] == "done"),
    "object": (Style(output="object"), lambda answer: answer["output"]["content"][0]["url"]),
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
    "error_message": (Style(error="error_message"), {"error_message": "no"}),
    "string": (Style(error="string"), {"error": "no"}),
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
    assert {key: answer[key] for key in answer if key.startswith("error")} == error


async def test_status_words_before_the_end(
    provider: LocalVtrix, caller: Caller, clock: HandClock
) -> None:
    provider.style = Style(pending="in_queue", running="processing")
    _, created = await caller.create(documented(URI))
    clock.passed = 10
    _, running = await caller.status(created["id"])
    assert (created["status"], running["status"]) == ("in_queue", "processing")


@pytest.mark.parametrize("refusal", [200, 422])
async def test_a_malformed_request_can_be_refused_otherwise(
    refusal: int, provider: LocalVtrix, caller: Caller
) -> None:
    provider.style = Style(refusal_status=refusal, error="numeric")
    status, answer = await caller.create({})
    assert status == refusal
    assert answer["error"]["code"] == refusal
    assert "id" not in answer
