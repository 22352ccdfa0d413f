"""The provider's faults around the create call, many at once, and how each task ends."""

from collections.abc import Callable, Sequence
from typing import Any

from tests.faults.fault_scenario import (
    FaultScenario,
    Row,
    as_json,
    bomb,
    most_memory,
    wait_for_faults,
)
from tests.faults.outcomes import UNCLEAR, delivered, failed
from tests.flows.harness import eventually

WHERE = "the create call"
SHORT = 2.0
"""The bot's timeout in these tests, in seconds."""
SPARE = 60_000_000
"""The memory in bytes that the bot may use for all this, far less than it is sent."""

REFUSED = {"error": {"code": "InvalidParameter", "message": "no such thing"}}


def _without(*names: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda answer: {name: answer[name] for name in answer if name not in names}


ROWS = (
    Row(fault="none, for comparison", end=delivered()),
    Row(
        fault="accepted, then the connection is reset",
        end=UNCLEAR,
        faults=[{"when": "after", "reset": True}],
    ),
    Row(
        fault="a reset while the picture is sent",
        end=UNCLEAR,
        faults=[{"when": "early", "reset": True}],
    ),
    Row(
        fault="accepted, but never answered", end=UNCLEAR, faults=[{"when": "after", "hang": True}]
    ),
    Row(fault="accepted, with half an answer", end=UNCLEAR, faults=[{"cut": True}]),
    Row(
        fault="accepted, with an answer that is not JSON",
        end=UNCLEAR,
        faults=[{"when": "after", "status": 200, "body": b'{"id": "task-'}],
    ),
    Row(
        fault="accepted, with an answer without an id",
        end=UNCLEAR,
        faults=[{"change": _without("id")}],
    ),
    Row(
        fault="accepted, with an endless answer",
        end=UNCLEAR,
        faults=[{"when": "after", "endless": True}],
    ),
    Row(
        fault="accepted, with a decompression bomb as the answer",
        end=UNCLEAR,
        faults=[{"when": "after"} | bomb()],
    ),
    Row(
        fault="500 before anything was created",
        end=UNCLEAR,
        faults=[{"when": "before", "status": 500, "body": "<h1>Sorry</h1>"}],
    ),
    Row(
        fault="503 after the job was created",
        end=UNCLEAR,
        faults=[{"when": "after", "status": 503, "body": {"error": "later"}}],
    ),
    Row(
        fault="a redirect to another address",
        end=failed("failed with the reason, nothing charged", "didn't accept this request"),
        faults=[{"status": 307, "headers": {"Location": "https://10.0.0.1/elsewhere"}}],
    ),
    Row(
        fault="the request is refused (400)",
        end=failed("failed with the reason, nothing charged", "didn't accept this request"),
        faults=[{"status": 400, "body": REFUSED}],
    ),
    Row(
        fault="429 without a Retry-After",
        end=delivered("sent again later, paid once"),
        faults=[{"status": 429, "body": {"error": "slowly"}}],
    ),
)


def _given_twice(job_id: str) -> Row:
    return Row(
        fault="accepted, with an id that another task has",
        end=UNCLEAR,
        faults=[{"change": lambda answer: answer | {"id": job_id}}],
    )


async def _taken(scenario: FaultScenario, row: Row) -> None:
    """Send a command, and wait until the bot has stored the provider's answer."""
    await scenario.ask(row.fault)
    query = "SELECT 1 FROM tasks WHERE prompt = ? AND provider_id IS NOT NULL"
    await eventually(lambda: scenario.bot.rows(query, row.fault) or None, "a task that is taken")


async def _answered(scenario: FaultScenario, rows: Sequence[Row]) -> None:
    """Wait until none of these requests is under way: later ones must not meet their faults."""
    query = "SELECT prompt FROM tasks WHERE state IN ('queued', 'submitting')"
    mine = {row.fault for row in rows}

    def none_left() -> bool | None:
        return mine.isdisjoint(row["prompt"] for row in scenario.bot.rows(query)) or None

    await eventually(none_left, "every answer")


async def test_what_goes_wrong_with_a_create_call(
    scenario: FaultScenario, record_property: Callable[[str, object], None]
) -> None:
    await scenario.start(patience=SHORT)
    before = most_memory(scenario.bot)
    rows, taken = [*ROWS], list[Row]()
    for number, row in enumerate(rows):
        faults = scenario.put(row, operation="create")
        await scenario.ask(row.fault)
        await wait_for_faults(faults)
        if row is ROWS[0]:
            (first,) = await scenario.provider.created()
            rows.append(_given_twice(first.id))
        if number % 2:
            # Three unclear requests in a row would stop the next one.
            await _answered(scenario, rows[: number + 1])
            taken.append(Row(fault=f"none, after {number}", end=delivered()))
            await _taken(scenario, taken[-1])
    assert most_memory(scenario.bot) - before < SPARE
    ends = await scenario.outcomes([*rows, *taken], WHERE)
    record_property("rows", as_json(await scenario.outcomes(rows, WHERE)))
    await scenario.check(ends)
