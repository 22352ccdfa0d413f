"""One provider fails, and the other one's videos are made as if nothing had happened."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.domain.provider.provider_status import UNCLEAR_IN_A_ROW
from bot.worker.submitter import SUBMIT_AT_ONCE
from sandbox.dashscope import LocalDashScope
from sandbox.providers.faults import Fault
from sandbox.vtrix import LocalVtrix
from tests.faults.fault_scenario import VIDEO, FaultScenario, Row, as_json
from tests.faults.outcomes import PRICE, UNCLEAR, Outcome, delivered, failed
from tests.flows.harness import animate, eventually, open_watcher, reads
from tests.flows.second_provider import FIRST, SECOND, offer_both

KEY = failed("failed with the reason; commands of that provider are refused", "accepting my key")


@dataclass(frozen=True, kw_only=True)
class Side:
    """A provider, its model in these tests, and what a video of it costs."""

    local: LocalVtrix | LocalDashScope
    model: str
    name: str
    label: str
    variable: str
    options: dict[str, Any]
    cost: int
    words: str
    at_once: int
    """How many requests are under way at once; DashScope's are sent in turn, for its limits."""


@pytest.fixture
async def dashscope() -> AsyncIterator[LocalDashScope]:
    # The bot's clock is faster than this one, so it may ask more often.
    async with LocalDashScope(key="dashscope-key", speed=60, video=VIDEO, rates=20) as local:
        yield local


@pytest.fixture(params=["vtrix", "dashscope"])
def sides(
    request: pytest.FixtureRequest, scenario: FaultScenario, dashscope: LocalDashScope
) -> tuple[Side, Side]:
    """The provider that fails, and the one that does not."""
    offer_both(scenario.bot, dashscope)
    first = Side(
        local=scenario.provider,
        model=FIRST.id,
        name="vtrix",
        label="Vtrix",
        variable="VTRIX_API_KEY",
        options={"model": FIRST.id},
        cost=PRICE,
        words="$0.20",
        at_once=SUBMIT_AT_ONCE,
    )
    second = Side(
        local=dashscope,
        model=SECOND.id,
        name="dashscope",
        label="Alibaba Cloud Model Studio",
        variable="DASHSCOPE_API_KEY",
        options={"model": SECOND.id, "resolution": "720P"},
        cost=125_000,
        words="$0.125 (by price list)",
        at_once=1,
    )
    return (first, second) if request.param == "vtrix" else (second, first)


def _done(side: Side, outcome: str) -> Outcome:
    end = delivered(outcome, words=side.words)
    return replace(end, settled=side.cost)


async def _comes_beside(scenario: FaultScenario, up: Side, fault: str, *waiting: str) -> Row:
    """Ask the provider that works, and check that its video comes while the others wait."""
    row = Row(fault=f"beside: {fault}", end=_done(up, "delivered meanwhile"))
    await scenario.ask(row.fault, **up.options)
    states = await eventually(lambda: _if_delivered(scenario, row.fault), row.fault)
    assert {states[one] for one in waiting} <= {"queued", "submitting"}, states
    return row


def _states(scenario: FaultScenario) -> dict[str, str]:
    rows = scenario.bot.rows("SELECT prompt, state FROM tasks")
    return {row["prompt"]: row["state"] for row in rows}


def _if_delivered(scenario: FaultScenario, prompt: str) -> dict[str, str] | None:
    """Return the states of all tasks if this one is delivered."""
    states = _states(scenario)
    return states if states.get(prompt) == "delivered" else None


async def _finished(scenario: FaultScenario, prompt: str, *, minutes: float) -> None:
    """Let time pass, and wait for a video."""
    await scenario.let_pass(minutes=minutes)
    await eventually(lambda: _if_delivered(scenario, prompt), prompt)


async def _judged(
    scenario: FaultScenario, rows: Sequence[Row], where: str, record: Callable[[str, object], None]
) -> None:
    found = await scenario.outcomes(rows, where)
    beside = [one for one in found if one["fault"].startswith("beside: ")]
    breaches = {one["fault"].removeprefix("beside: "): one["breaches"] for one in beside}
    named = [one for one in found if one not in beside]
    for one in named:
        one["breaches"] = one["breaches"] + breaches.get(one["fault"], [])
    record("rows", as_json(named))
    await scenario.check(named)


async def test_one_provider_takes_no_work_and_the_other_does_not_wait(
    scenario: FaultScenario,
    sides: tuple[Side, Side],
    record_property: Callable[[str, object], None],
) -> None:
    down, up = sides
    later = _done(down, "sent and delivered later; the other provider's videos come meanwhile")
    away, asked, full = (
        Row(fault=fault, end=later)
        for fault in (
            "it cannot be reached",
            "429 with a Retry-After of an hour",
            "its account is full (429)",
        )
    )
    rows = [away, asked, full]
    await scenario.start()
    await down.local.stop()
    await scenario.ask(away.fault, **down.options)
    rows.append(await _comes_beside(scenario, up, away.fault, away.fault))
    await down.local.start()
    await _finished(scenario, away.fault, minutes=6)

    down.local.full = True
    await scenario.ask(full.fault, **down.options)
    rows.append(await _comes_beside(scenario, up, full.fault, full.fault))
    down.local.full = False
    await _finished(scenario, full.fault, minutes=6)

    hour = {"Retry-After": "3600"}
    down.local.faults.add(Fault(operation="create", status=429, headers=hour, body={}))
    await scenario.ask(asked.fault, **down.options)
    await scenario.wait_for_words(asked.fault, "service is busy")
    rows.append(await _comes_beside(scenario, up, asked.fault, asked.fault))
    await scenario.let_pass(minutes=58)
    assert _states(scenario)[asked.fault] == "queued"
    await _finished(scenario, asked.fault, minutes=4)
    await _judged(scenario, rows, f"{down.label}, beside {up.label}", record_property)


async def test_one_provider_is_closed_and_the_other_is_not(
    scenario: FaultScenario,
    sides: tuple[Side, Side],
    record_property: Callable[[str, object], None],
) -> None:
    down, up = sides
    lost = replace(
        UNCLEAR, outcome=f"{UNCLEAR.outcome}; the other provider's videos come meanwhile"
    )
    silent = [
        Row(fault=f"no answer, number {number}", end=lost) for number in range(SUBMIT_AT_ONCE)
    ]
    wrong = Row(fault="its key is refused (401)", end=KEY)
    after = Row(fault="after its failures", end=_done(down, "works again"))
    rows = [silent[0], wrong]
    log = scenario.bot.log
    async with open_watcher(scenario.bot) as watcher:
        await scenario.start()
        # At least as many as are sent at once to one provider.
        over = asyncio.Event()
        fault = Fault(
            operation="create", when="after", until=over, status=503, times=SUBMIT_AT_ONCE
        )
        down.local.faults.add(fault)
        for one in silent:
            await scenario.ask(one.fault, **down.options)
        await eventually(lambda: fault.met >= down.at_once or None, "the requests")
        fine = await _comes_beside(scenario, up, silent[0].fault, *(one.fault for one in silent))
        over.set()
        names = {"vtrix": True, "dashscope": True} | {down.name: False}
        await watcher.until(200, providers=names)
        await _is_refused(scenario, down, "Please try again")
        words = f"{down.label}: {UNCLEAR_IN_A_ROW} requests in a row got no clear answer"
        await eventually(lambda: words in log.read_text() or None, words)
        down.local.faults.clear()
        rows += [fine, await _recovered(scenario, down, after)]

        key, down.local.key = down.local.key, "another-key"
        await scenario.ask(wrong.fault, **down.options)
        await scenario.wait_for_words(wrong.fault, KEY.words)
        rows.append(await _comes_beside(scenario, up, wrong.fault))
        await watcher.until(200, providers=names)
        words = f"{down.label}: the provider refuses the key ({down.variable})"
        await eventually(lambda: words in log.read_text() or None, words)
        errors = await _errors(scenario)
        down.local.key = key
    assert (down.name, "KeyRefused") in errors
    assert {name for name, _ in errors} == {down.name}
    assert f"{up.label}: " not in log.read_text()
    where = f"{down.label}, beside {up.label}"
    await _judged(scenario, rows, where, record_property)


async def _is_refused(scenario: FaultScenario, side: Side, words: str) -> None:
    shown = await animate(scenario.person, "refused at once", **side.options)
    await reads(scenario.person, shown, words)
    assert "refused at once" not in _states(scenario)


async def _recovered(scenario: FaultScenario, side: Side, row: Row) -> Row:
    """Wait until a task is let through, and delivered."""
    await scenario.let_pass(minutes=16)
    await scenario.ask(row.fault, **side.options)
    await _finished(scenario, row.fault, minutes=1)
    words = f"{side.label}: the provider works again"
    await eventually(lambda: words in scenario.bot.log.read_text() or None, words)
    return row


async def _errors(scenario: FaultScenario) -> set[tuple[str, str]]:
    """Return provider and kind of the errors that `/metrics` counts."""
    url = f"http://127.0.0.1:{scenario.bot.settings['HEALTH_PORT']}/metrics"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        families = text_string_to_metric_families(await answer.text())
    return {
        (sample.labels["provider"], sample.labels["kind"])
        for family in families
        for sample in family.samples
        if sample.name == "flipbook_provider_errors_total"
    }
