"""DashScope's faults: around the create call, while it is polled, and of the account."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import partial

import pytest

from bot.domain.task import State
from sandbox.dashscope import Fault, LocalDashScope
from tests.faults.fault_scenario import FaultScenario, Row, as_json, is_about_job, wait_for_faults
from tests.faults.outcomes import UNCLEAR, delivered, failed
from tests.flows.harness import eventually

CREATE, STATUS = "DashScope's create call", "DashScope's status call"
MODEL = "wan2.2-i2v-flash"
SHORT = 2.0
"""The bot's timeout in these tests, in seconds."""
BUSY = {"code": "Throttling.RateQuota", "message": "Requests rate limit exceeded"}
CONTENT = {"code": "DataInspectionFailed", "message": "Green net check failed for text (input)"}
WRONG = {"code": "InvalidParameter", "message": "The size is not match"}
BROKEN = {"code": "InternalError.Algo", "message": "Inference internal error."}
DONE = delivered("delivered once, booked by the price list", words="$0.20 (by price list)")


@pytest.fixture
async def dashscope() -> AsyncIterator[LocalDashScope]:
    # The bot's clock is faster than this one, so it may ask more often.
    video = b"\0\0\0\x18ftypmp42" + bytes(100_000)
    async with LocalDashScope(key="dashscope-key", speed=60, video=video, rates=20) as local:
        yield local


@pytest.fixture
def scenario(scenario: FaultScenario, dashscope: LocalDashScope) -> FaultScenario:
    """A bot whose only model is at DashScope, with the same prices as the usual one."""
    tiers = ("480P", "720P", "1080P")
    scenario.bot.settings |= {
        "MODELS": MODEL,
        "PRICES": ",".join(f"{MODEL}:{tier}=0.04/s" for tier in tiers),
        "DASHSCOPE_API_KEY": dashscope.key,
        "DASHSCOPE_BASE_URL": dashscope.base_url,
    }
    return scenario


CREATE_ROWS = (
    Row(fault="none, for comparison", end=DONE),
    Row(
        fault="accepted, then the connection is reset",
        end=UNCLEAR,
        faults=[{"when": "after", "reset": True}],
    ),
    Row(
        fault="429 with a code of its limits",
        end=DONE,
        faults=[{"status": 429, "body": BUSY}],
    ),
    Row(
        fault="accepted, but never answered", end=UNCLEAR, faults=[{"when": "after", "hang": True}]
    ),
    Row(
        fault="the prompt is refused (400)",
        end=failed("failed with the reason, nothing charged", "because of its content"),
        faults=[{"status": 400, "body": CONTENT}],
    ),
    Row(
        fault="accepted, with an answer without a task",
        end=UNCLEAR,
        faults=[{"change": lambda answer: {"request_id": answer["request_id"]}}],
    ),
    Row(
        fault="a parameter is refused (400)",
        end=failed("failed with the reason, nothing charged", "didn't accept this request"),
        faults=[{"status": 400, "body": WRONG}],
    ),
    Row(
        fault="a failure of the service with HTTP 200",
        end=UNCLEAR,
        faults=[{"when": "after", "status": 200, "body": BROKEN}],
    ),
)


def _put(dashscope: LocalDashScope, row: Row, operation: str) -> list[Fault]:
    return [
        dashscope.faults.add(Fault(**({"operation": operation} | given))) for given in row.faults
    ]


def _answered(scenario: FaultScenario, row: Row) -> object:
    """Whether the request of a row is no longer under way."""
    query = "SELECT 1 FROM tasks WHERE prompt = ? AND state NOT IN ('queued', 'submitting')"
    return scenario.bot.rows(query, row.fault) or None


def _paid_once(dashscope: LocalDashScope) -> None:
    """No task was made twice, whatever went wrong."""
    made = Counter(create.prompt for create in dashscope.creates)
    assert {prompt for prompt, times in made.items() if times > 1} == set()


async def _judged(
    scenario: FaultScenario, rows: Sequence[Row], where: str, record: Callable[[str, object], None]
) -> None:
    ends = await scenario.outcomes(rows, where)
    record("rows", as_json(ends))
    wrong = [f"{end['fault']}: {'; '.join(end['breaches'])}" for end in ends if end["breaches"]]
    assert not wrong, "\n".join(wrong)
    assert scenario.bot.settings["DASHSCOPE_API_KEY"] not in scenario.bot.log.read_text()


async def test_what_goes_wrong_with_a_create_call(
    scenario: FaultScenario,
    dashscope: LocalDashScope,
    record_property: Callable[[str, object], None],
) -> None:
    await scenario.start(patience=SHORT)
    for row in CREATE_ROWS:
        faults = _put(dashscope, row, "create")
        await scenario.ask(row.fault)
        await wait_for_faults(faults)
        await eventually(partial(_answered, scenario, row), row.fault)
    await _judged(scenario, CREATE_ROWS, CREATE, record_property)
    _paid_once(dashscope)
    # A task that was made, and one that was refused without being made.
    assert len(dashscope.creates) == len(CREATE_ROWS) - 2


STATUS_ROWS = (
    Row(fault="two 503 in a row", end=DONE, faults=[{"status": 503, "body": {}, "times": 2}]),
    Row(
        fault="an answer that is not JSON",
        end=DONE,
        faults=[{"status": 200, "body": "<h1>Sorry</h1>", "times": 2}],
    ),
    Row(
        fault="a status that only the SDK knows",
        end=DONE,
        faults=[{"change": lambda answer: _with(answer, task_status="SUSPENDED")}],
    ),
    Row(
        fault="the task is no longer known (UNKNOWN)",
        end=failed(
            "failed after 5 minutes in words; the money stays counted",
            "lost track of it",
            settled=200_000,
        ),
        faults=[{"change": lambda answer: _with(answer, task_status="UNKNOWN"), "times": None}],
    ),
    Row(
        fault="failed without a reason",
        end=failed("failed, nothing charged", "couldn't make this video"),
        faults=[{"change": lambda answer: _with(answer, task_status="FAILED")}],
    ),
    Row(
        fault="canceled at the provider",
        end=replace(
            failed("canceled, nothing charged", "was canceled"), state=State.CANCELLED.value
        ),
        faults=[{"change": lambda answer: _with(answer, task_status="CANCELED")}],
    ),
)


def _with(answer: dict[str, object], **output: object) -> dict[str, object]:
    before = answer["output"]
    assert isinstance(before, dict)
    return {**answer, "output": {**before, **output}}


async def test_what_goes_wrong_while_a_task_is_polled(
    scenario: FaultScenario,
    dashscope: LocalDashScope,
    record_property: Callable[[str, object], None],
) -> None:
    await scenario.start(patience=SHORT)
    for row in STATUS_ROWS:
        dashscope.slow = float("inf")
        await scenario.ask(row.fault)
        # The account has room for two tasks, so each ends before the next but one begins.
        task = (await dashscope.created(STATUS_ROWS.index(row) + 1, within=60))[-1]
        faults = [
            dashscope.faults.add(
                Fault(
                    operation="status",
                    only=is_about_job(task.id),
                    **given,
                )
            )
            for given in row.faults
        ]
        await wait_for_faults(faults)
        dashscope.finish(task.id)
        await scenario.let_pass(minutes=8, step=2)
    await _judged(scenario, STATUS_ROWS, STATUS, record_property)
    _paid_once(dashscope)


@pytest.mark.fault(
    "killed after the task was made, before its answer came",
    where=CREATE,
    outcome="unclear, money held, never sent again",
)
async def test_killed_in_the_middle_of_the_create_call(
    scenario: FaultScenario, dashscope: LocalDashScope
) -> None:
    await scenario.start()
    fault = dashscope.faults.add(Fault(operation="create", when="after", hang=True))
    await scenario.ask("the first one")
    await wait_for_faults([fault])
    await scenario.bot.reaches("submitting")
    await scenario.bot.kill()
    await scenario.bot.start()
    await scenario.bot.reaches("unknown")
    assert len(dashscope.creates) == 1


@pytest.mark.fault(
    "the key belongs to another region (401)",
    where=CREATE,
    outcome="failed with the reason, nothing charged; the log names region and setting",
)
async def test_a_key_of_another_region(scenario: FaultScenario, dashscope: LocalDashScope) -> None:
    key, dashscope.key = dashscope.key, "key-of-this-region"
    await scenario.start()
    await scenario.ask("too early")
    await scenario.wait_for_words("too early", "isn't accepting my key")
    log = scenario.bot.log.read_text()
    assert "a key works in one region only" in log
    assert "DASHSCOPE_BASE_URL" in log
    assert key not in log
    assert dashscope.creates == []
    dashscope.key = key
    await scenario.let_pass(minutes=2, step=1)
    await scenario.ask("in time")
    await eventually(
        lambda: scenario.bot.states() == ["failed", "delivered"] or None, "the second one"
    )


async def test_the_bot_keeps_to_what_the_account_takes(
    scenario: FaultScenario, dashscope: LocalDashScope
) -> None:
    dashscope.slow = float("inf")
    await scenario.start()
    prompts = [f"number {number}" for number in range(6)]
    for prompt in prompts:
        await scenario.ask(prompt)
    await dashscope.created(2)
    await scenario.let_pass(minutes=5)
    assert scenario.bot.states().count("running") == 2
    await scenario.wait_for_words(prompts[-1], "**Queued.**")
    for made in (4, 6):
        dashscope.finish()
        await scenario.let_pass(minutes=1, step=0.5)
        await dashscope.created(made)
    dashscope.finish()
    await eventually(lambda: scenario.bot.states() == ["delivered"] * 6 or None, "all of them", 120)
    assert sorted(create.prompt for create in dashscope.creates) == prompts
    assert {one.status for one in dashscope.requests} == {200}
