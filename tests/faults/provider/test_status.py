"""The provider's faults while a task is polled, many at once, and how each task ends."""

from collections.abc import Callable
from typing import Any

from sandbox.vtrix import LocalVtrix
from tests.faults.fault_scenario import (
    FaultScenario,
    Row,
    as_json,
    bomb,
    is_about_job,
    wait_for_faults,
)
from tests.faults.outcomes import PRICE, Outcome, delivered, failed

WHERE = "a poll of the task"

Answer = dict[str, Any]
Change = Callable[[Answer], Answer]


def _pending(*answers: Answer) -> list[dict[str, Any]]:
    """Return faults that report the task as unfinished, each answer twice."""

    def change(more: Answer) -> Change:
        return lambda answer: {"id": answer["id"]} | more

    return [{"change": change(more), "times": 2} for more in answers]


def _cost(value: object) -> list[dict[str, Any]]:
    """Return a fault that always reports another cost than is charged."""
    return [{"change": lambda answer: answer | {"usage": {"cost": value}}, "times": None}]


def _no_video(answer: Answer) -> Answer:
    return answer | {"output": []}


def _unpriced(words: str = "cost not reported") -> Outcome:
    return delivered("delivered once, cost shown as unknown, the estimate counted", words)


HOUR = Row(
    fault="429 with a Retry-After of an hour",
    end=delivered("delivered once, polled again after that hour"),
    faults=[{"status": 429, "headers": {"Retry-After": "3600"}}],
)
ROWS = (
    Row(fault="none, for comparison", end=delivered()),
    Row(fault="401 once", end=delivered(), faults=[{"status": 401}]),
    Row(fault="403 once", end=delivered(), faults=[{"status": 403}]),
    Row(fault="404 once", end=delivered(), faults=[{"status": 404}]),
    Row(
        fault="404 always",
        end=failed(
            "failed with the reason after 5 minutes, the estimate counted",
            "no longer has any record of this video",
            settled=PRICE,
        ),
        faults=[{"status": 404, "times": None}],
    ),
    HOUR,
    Row(fault="500 and 503", end=delivered(), faults=[{"status": 500}, {"status": 503}]),
    Row(
        fault="a page of HTML instead of JSON",
        end=delivered(),
        faults=[{"status": 200, "body": "<h1>Welcome</h1>", "times": 3}],
    ),
    Row(fault="half an answer", end=delivered(), faults=[{"cut": True, "times": 2}]),
    Row(fault="no answer at all", end=delivered(), faults=[{"hang": True, "times": 2}]),
    Row(fault="an endless answer", end=delivered(), faults=[{"endless": True, "times": 2}]),
    Row(
        fault="a decompression bomb as the answer",
        end=delivered(),
        faults=[bomb() | {"times": 2}],
    ),
    Row(fault="repeated resets", end=delivered(), faults=[{"reset": True, "times": 6}]),
    Row(
        fault="progress that goes back, is negative or is not a number",
        end=delivered(),
        faults=_pending(
            {"status": "in_progress", "progress": 0.9},
            {"status": "in_progress", "progress": 0.2},
            {"status": "in_progress", "progress": -7},
            {"status": "in_progress", "progress": "a lot"},
        ),
    ),
    Row(
        fault="unknown states",
        end=delivered(),
        faults=_pending({"status": "thinking"}, {"status": ""}, {"status": 7}, {"status": None}),
    ),
    Row(
        fault="completed, at first without a video",
        end=delivered(),
        faults=[{"change": _no_video, "times": 3}],
    ),
    Row(
        fault="completed, always without a video",
        end=failed(
            "failed with the reason after a minute, the charge counted",
            "didn't provide a video",
            settled=PRICE,
            charged=True,
        ),
        faults=[{"change": _no_video, "times": None}],
    ),
    Row(
        fault="a video at an address of this machine (file:)",
        end=failed(
            "failed with the reason after a minute, the charge counted",
            "didn't provide a video",
            settled=PRICE,
            charged=True,
        ),
        faults=[
            {
                "change": lambda answer: answer | _video_at("file:///etc/hostname"),
                "times": None,
            }
        ],
    ),
    Row(fault="no cost", end=_unpriced(), faults=_cost(None)),
    Row(fault="a cost that is not a number", end=_unpriced(), faults=_cost("free!")),
    Row(fault="an absurd cost (1e999990)", end=_unpriced(), faults=_cost("1e999990")),
    Row(fault="a negative cost", end=_unpriced(), faults=_cost("-0.20")),
)
LONG = Row(
    fault="a job of 47 hours",
    end=delivered("delivered once, paid once; people were told that it takes long"),
)
NEVER = Row(
    fault="a job that is not done after 48 hours",
    end=failed(
        "failed with the reason, the estimate counted",
        "didn't finish this video in time",
        settled=PRICE,
    ),
)


def _video_at(url: str) -> Answer:
    return {"output": [{"content": [{"type": "video", "url": url}]}]}


async def test_what_goes_wrong_while_a_task_is_watched(
    scenario: FaultScenario, record_property: Callable[[str, object], None]
) -> None:
    await scenario.start(patience=1.0)
    jobs = await scenario.ask_all([*ROWS, LONG, NEVER])
    faults = [
        fault
        for row in ROWS
        for fault in scenario.put(row, operation="status", only=is_about_job(jobs[row.fault]))
    ]
    _finish(scenario.provider, [jobs[row.fault] for row in ROWS])
    await wait_for_faults(faults)
    await scenario.let_pass(minutes=50)
    assert scenario.observed(HOUR.fault)["state"] == "running"
    await scenario.let_pass(minutes=12)
    await scenario.wait_for_words(HOUR.fault, HOUR.end.words)
    await scenario.let_pass(minutes=46 * 60, step=240)
    assert scenario.observed(LONG.fault)["state"] == "running"
    assert "much longer than usual" in scenario.observed(LONG.fault)["words"]
    _finish(scenario.provider, [jobs[LONG.fault]])
    await scenario.let_pass(minutes=2)
    await scenario.let_pass(minutes=70, step=35)
    rows = await scenario.outcomes([*ROWS, LONG, NEVER], WHERE)
    record_property("rows", as_json(rows))
    await scenario.check(rows)


def _finish(provider: LocalVtrix, jobs: list[str]) -> None:
    for job in jobs:
        provider.finish(job)
