"""Tasks from their creation to their end, and the limits of the account."""

import io
import math
from decimal import Decimal

import aiohttp
import av
import pytest

from sandbox.dashscope import STYLES, Excess, Fault, LocalDashScope
from tests.sandbox.dashscope.dashscope_caller import Caller, body
from tests.sandbox.provider_data import CLIP, HandClock

WAN22 = "wan2.2-i2v-flash"
WAN25 = "wan2.5-i2v-preview"


# --- one video ----------------------------------------------------------------------------


async def test_a_task_from_creation_to_file(
    provider: LocalDashScope, caller: Caller, clock: HandClock
) -> None:
    status, created = await caller.create(body(duration=10, seed=7))
    assert status == 200
    assert created["output"].pop("task_status") == "PENDING"
    assert created["request_id"]
    task_id = created["output"]["task_id"]

    assert (await caller.output(task_id))["task_status"] == "PENDING"
    clock.passed = 16.5
    running = await caller.output(task_id)
    assert running["task_status"] == "RUNNING"
    assert running["submit_time"] == "2026-11-23 20:00:00.000"
    assert running["scheduled_time"] == "2026-11-23 20:00:03.000"
    assert "video_url" not in running

    clock.passed = 30
    _, done = await caller.status(task_id)
    assert done["output"]["task_status"] == "SUCCEEDED"
    assert done["output"]["orig_prompt"] == "waves"
    assert done["output"]["end_time"] == "2026-11-23 20:00:30.000"
    assert done["usage"] == {
        "duration": 10,
        "input_video_duration": 0,
        "output_video_duration": 10,
        "video_count": 1,
        "SR": 720,
        "audio": True,
    }
    assert await caller.file(done["output"]["video_url"]) == (200, CLIP)
    assert provider.charges == {task_id: Decimal("0.50")}


async def test_the_usage_of_an_older_model_has_three_fields(
    provider: LocalDashScope, caller: Caller
) -> None:
    task_id = await caller.created(body(WAN22, resolution="480P"))
    provider.finish()
    _, done = await caller.status(task_id)
    assert done["usage"] == {"duration": 5, "video_count": 1, "SR": 480}
    assert done["output"]["actual_prompt"].startswith("waves")


async def test_a_video_has_the_length_and_the_sound_that_were_asked_for() -> None:
    async with LocalDashScope(seconds=0) as local, aiohttp.ClientSession() as session:
        caller = Caller(local, session)
        for audio in (True, False):
            task_id = await caller.created(body(duration=2, audio=audio, seed=1))
            url = (await caller.output(task_id))["video_url"]
            _, content = await caller.file(url)
            with av.open(io.BytesIO(content), "r") as container:
                assert container.duration == 2_000_000
                assert bool(container.streams.audio) is audio
                assert container.streams.video[0].height == 832


async def test_a_failed_task_says_why_and_costs_nothing(
    provider: LocalDashScope, caller: Caller
) -> None:
    provider.fail_next("DataInspectionFailed", "Input data may contain inappropriate content.")
    task_id = await caller.created(body())
    provider.finish()
    failed = await caller.output(task_id)
    assert (failed["task_status"], failed["code"]) == ("FAILED", "DataInspectionFailed")
    assert failed["message"] == "Input data may contain inappropriate content."
    assert provider.charges == {}


async def test_after_three_hours_the_service_gives_up(
    provider: LocalDashScope, caller: Caller, clock: HandClock
) -> None:
    provider.slow = math.inf
    task_id = await caller.created(body())
    clock.passed = 3 * 3600 - 1
    assert (await caller.output(task_id))["task_status"] == "RUNNING"
    clock.passed += 1
    failed = await caller.output(task_id)
    assert (failed["task_status"], failed["code"]) == ("FAILED", "InternalError.Timeout")


async def test_after_24_hours_a_task_is_unknown_and_its_link_is_dead(
    provider: LocalDashScope, caller: Caller, clock: HandClock
) -> None:
    task_id = await caller.created(body())
    clock.passed = 24 * 3600 - 1
    url = (await caller.output(task_id))["video_url"]
    clock.passed += 1
    assert await caller.output(task_id) == {"task_id": task_id, "task_status": "UNKNOWN"}
    clock.passed += 30
    assert (await caller.file(url))[0] == 403
    assert (await caller.output("no-such-task"))["task_status"] == "UNKNOWN"


# --- cancellation ---------------------------------------------------------------------------


async def test_only_a_pending_task_can_be_canceled(
    provider: LocalDashScope, caller: Caller, clock: HandClock
) -> None:
    provider.waiting = math.inf
    first, second = [await caller.created(body()) for _ in range(2)]
    status, answer = await caller.cancel(first)
    assert (status, list(answer)) == (200, ["request_id"])
    assert (await caller.output(first))["task_status"] == "CANCELED"
    provider.begin()
    for task_id in (first, second, "no-such-task"):
        status, answer = await caller.cancel(task_id)
        assert (status, answer["code"]) == (400, "UnsupportedOperation")
    clock.passed = 60
    assert (await caller.output(first))["task_status"] == "CANCELED"
    assert list(provider.charges) == [second]


async def test_a_cancellation_whose_answer_is_lost_has_its_effect(
    provider: LocalDashScope, caller: Caller
) -> None:
    provider.waiting = math.inf
    task_id = await caller.created(body())
    provider.faults.add(Fault(operation="cancel", when="after", reset=True))
    with pytest.raises(aiohttp.ClientError):
        await caller.cancel(task_id)
    assert (await caller.output(task_id))["task_status"] == "CANCELED"


# --- limits ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "allowed"), [(WAN22, 2), (WAN25, 5)])
async def test_submissions_a_second(
    model: str, allowed: int, provider: LocalDashScope, caller: Caller, clock: HandClock
) -> None:
    for _ in range(allowed):
        await caller.created(body(model))
        provider.finish()
    status, answer = await caller.create(body(model))
    assert (status, answer["code"]) == (429, "Throttling.RateQuota")
    await caller.created(body("wan2.6-i2v-flash"))
    clock.passed += 1
    await caller.created(body(model))


@pytest.mark.parametrize(("model", "allowed"), [(WAN22, 2), (WAN25, 5)])
async def test_tasks_at_a_time(
    model: str, allowed: int, provider: LocalDashScope, caller: Caller, clock: HandClock
) -> None:
    ids = [await caller.created(body(model)) for _ in range(allowed)]
    clock.passed += 1
    status, answer = await caller.create(body(model))
    assert (status, answer["code"]) == (429, "Throttling.Concurrency")
    clock.passed += 1
    provider.finish(ids[0])
    await caller.created(body(model))


async def test_tasks_above_the_limit_can_wait_instead(
    provider: LocalDashScope, caller: Caller, clock: HandClock
) -> None:
    provider.excess, provider.rates = Excess.QUEUED, 10
    ids = [await caller.created(body(WAN22)) for _ in range(5)]

    async def words() -> list[str]:
        return [(await caller.output(task_id))["task_status"][0] for task_id in ids]

    clock.passed = 29
    assert await words() == ["R", "R", "P", "P", "P"]
    clock.passed = 31
    assert await words() == ["S", "S", "R", "R", "P"]
    clock.passed = 60
    assert (await words())[4] == "R"


async def test_status_calls_a_second(caller: Caller, clock: HandClock) -> None:
    for _ in range(20):
        assert (await caller.status("any"))[0] == 200
    status, answer = await caller.status("any")
    assert (status, answer["code"]) == (429, "Throttling.RateQuota")
    clock.passed += 1
    assert (await caller.status("any"))[0] == 200


# --- the account ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "message"),
    [("Bearer sk-another", "Invalid API-key provided."), (None, "No API-key provided.")],
)
async def test_a_key_that_is_wrong_or_of_another_region(
    key: str | None, message: str, provider: LocalDashScope, caller: Caller
) -> None:
    caller.headers.pop("Authorization")
    caller.headers |= {} if key is None else {"Authorization": key}
    for status, answer in (
        await caller.create(body()),
        await caller.status("any"),
        await caller.cancel("any"),
    ):
        assert (status, answer["code"], answer["message"]) == (401, "InvalidApiKey", message)
    assert provider.creates == []


async def test_what_else_an_account_is_refused(provider: LocalDashScope, caller: Caller) -> None:
    provider.in_arrears = True
    status, answer = await caller.create(body())
    assert (status, answer["code"]) == (400, "Arrearage")
    provider.in_arrears = False
    provider.denied.add(WAN22)
    status, answer = await caller.create(body(WAN22))
    assert (status, answer["code"]) == (403, "Model.AccessDenied")
    provider.full = True
    status, answer = await caller.create(body())
    assert (status, answer["code"]) == (429, "Throttling")
    assert provider.creates == []


# --- answers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("style", "word", "usage"),
    [
        ("suspended", "SUSPENDED", {"duration": 5, "video_count": 1, "SR": 720}),
        ("a word that nobody knows", "WARMING_UP", {"duration": 5, "video_count": 1, "SR": 720}),
        ("usage without duration", "RUNNING", {"video_count": 1, "SR": 720}),
        ("usage as text", "RUNNING", {"duration": 5.0, "video_count": 1, "SR": "720"}),
        ("no usage", "RUNNING", None),
    ],
)
async def test_styles(
    style: str,
    word: str,
    usage: object,
    provider: LocalDashScope,
    caller: Caller,
    clock: HandClock,
) -> None:
    provider.style = STYLES[style]
    task_id = await caller.created(body(WAN25))
    clock.passed = 16
    assert (await caller.output(task_id))["task_status"] == word
    clock.passed = 30
    assert (await caller.status(task_id))[1].get("usage") == usage


async def test_an_end_without_what_should_come_with_it(
    provider: LocalDashScope, caller: Caller
) -> None:
    provider.style = STYLES["succeeded without a video"]
    provider.seconds = 0
    assert "video_url" not in await caller.output(await caller.created(body()))
    provider.style = STYLES["failed without a reason"]
    provider.failing = ("InternalError.Algo", "Inference internal error.")
    failed = await caller.output(await caller.created(body()))
    assert failed["task_status"] == "FAILED"
    assert not {"code", "message"} & set(failed)


async def test_the_log_knows_neither_keys_nor_pictures(
    provider: LocalDashScope, caller: Caller
) -> None:
    await caller.created(body(seed=7))
    await caller.create(body(seed=-7))
    log = [repr(exchange) for exchange in provider.requests]
    assert [exchange.status for exchange in provider.requests] == [200, 400]
    assert all(provider.key not in line and "iVBORw0KGgo" not in line[300:] for line in log)
    assert "sha256:" in log[0]
