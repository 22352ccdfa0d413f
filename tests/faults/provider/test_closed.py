"""The provider accepts nothing for a while: what people read, and that the bot resumes."""

import pytest

from sandbox.discord import Interaction
from sandbox.vtrix import Fault
from tests.faults.fault_scenario import FaultScenario
from tests.faults.invariants import check_ended, ended
from tests.faults.outcomes import delivered, differences, failed
from tests.flows.harness import eventually, photo

KEY = failed("failed in words", "isn't accepting my key")
ACCOUNT = failed("failed in words", "refused my account")
MODEL = failed("failed in words", "isn't available right now")
BALANCE = failed("failed in words", "account with the video service is out of credit")


@pytest.mark.fault(
    "429 with a Retry-After of an hour",
    where="the create call",
    outcome="people are told; nothing is sent within the hour, then each task once",
)
async def test_an_hour_that_was_asked_for_is_waited_for_by_everybody(
    scenario: FaultScenario,
) -> None:
    provider = scenario.provider
    await scenario.start()
    provider.faults.add(
        Fault(operation="create", status=429, headers={"Retry-After": "3600"}, body={})
    )
    await scenario.ask("the first one")
    await scenario.wait_for_words("the first one", "service is busy")
    await scenario.ask("the second one")
    await scenario.let_pass(minutes=58)
    assert provider.counts["create"] == 1
    assert scenario.bot.states() == ["queued", "queued"]
    await scenario.let_pass(minutes=4)
    await _each(scenario, "the first one", "the second one")


@pytest.mark.fault(
    "the key is refused (401) for a while",
    where="the create call",
    outcome="failed with the reason, nothing charged; commands refused until the key works",
)
async def test_a_key_that_is_refused_for_a_while(scenario: FaultScenario) -> None:
    provider = scenario.provider
    key, provider.key = provider.key, "another-key"
    scenario.bot.settings["VTRIX_API_KEY"] = key
    await scenario.start()
    await scenario.ask("too early")
    await scenario.wait_for_words("too early", KEY.words)
    await _is_refused_at_once(scenario)
    provider.key = key
    await scenario.let_pass(minutes=2, step=1)
    await scenario.ask("in time")
    await _each(scenario, "in time")
    assert differences(KEY, scenario.observed("too early")) == []


@pytest.mark.fault(
    "the balance is empty (403) for a while",
    where="the create call",
    outcome="failed with the reason, nothing charged; commands refused, one tried after 5 minutes",
)
async def test_a_balance_that_is_empty_for_a_while(scenario: FaultScenario) -> None:
    provider = scenario.provider
    provider.balance = "0"
    await scenario.start()
    await scenario.ask("too early")
    await scenario.wait_for_words("too early", BALANCE.words)
    provider.balance = "10"
    await _is_refused_at_once(scenario)
    await scenario.let_pass(minutes=6)
    await scenario.ask("in time")
    await _each(scenario, "in time")
    assert differences(BALANCE, scenario.observed("too early")) == []


@pytest.mark.fault(
    "403 for the content of one request, with an unknown code",
    where="the create call",
    outcome="failed with the reason, nothing charged; other people's videos are made",
)
async def test_one_odd_403_stops_nobody_else(scenario: FaultScenario) -> None:
    await scenario.start()
    body = {"error": {"code": "OddRule17", "message": "not this one"}}
    scenario.provider.faults.add(Fault(operation="create", status=403, body=body))
    await scenario.ask("an odd one")
    await scenario.wait_for_words("an odd one", ACCOUNT.words)
    await scenario.ask("an ordinary one")
    await _each(scenario, "an ordinary one")
    assert differences(ACCOUNT, scenario.observed("an odd one")) == []


@pytest.mark.fault(
    "403 without a reason, for two different requests",
    where="the create call",
    outcome="failed with the reason, nothing charged; commands refused, one tried after a minute",
)
async def test_two_odd_403s_close_for_a_minute(scenario: FaultScenario) -> None:
    await scenario.start()
    scenario.provider.faults.add(Fault(operation="create", status=403, body={}, times=2))
    for prompt in ("an odd one", "another odd one"):
        await scenario.ask(prompt)
        await scenario.wait_for_words(prompt, ACCOUNT.words)
    await _is_refused_at_once(scenario)
    await scenario.let_pass(minutes=1.5, step=1.5)
    await scenario.ask("in time")
    await _each(scenario, "in time")


@pytest.mark.fault(
    "the key may not use the model (403) for a while",
    where="the create call",
    outcome="failed with the reason, nothing charged; commands refused, one tried after 5 minutes",
)
async def test_a_model_that_is_refused_for_a_while(scenario: FaultScenario) -> None:
    await scenario.start()
    body = {"code": "Model.AccessDenied", "message": "Model access denied."}
    scenario.provider.faults.add(Fault(operation="create", status=403, body=body))
    await scenario.ask("too early")
    await scenario.wait_for_words("too early", MODEL.words)
    await _is_refused_at_once(scenario)
    await scenario.let_pass(minutes=6)
    await scenario.ask("in time")
    await _each(scenario, "in time")
    assert differences(MODEL, scenario.observed("too early")) == []


@pytest.mark.fault(
    "a task fails because the balance is empty",
    where="a poll of the task",
    outcome="failed with the reason, nothing charged; commands refused, one tried after 5 minutes",
)
async def test_a_task_that_fails_for_want_of_balance_closes(scenario: FaultScenario) -> None:
    await scenario.start()
    scenario.provider.fail_next("Arrearage", "your account is not in good standing")
    await scenario.ask("too early")
    await scenario.let_pass(minutes=3)
    await scenario.wait_for_words("too early", BALANCE.words)
    await _is_refused_at_once(scenario)
    await scenario.let_pass(minutes=6)
    await scenario.ask("in time")
    await _each(scenario, "in time")
    assert differences(BALANCE, scenario.observed("too early")) == []


async def _is_refused_at_once(scenario: FaultScenario) -> None:
    """Check that a new command is refused at once."""
    before = scenario.bot.states()
    shown = await scenario.person.command("animate", image=photo(), prompt="at once")
    await eventually(lambda: "Please try again" in shown_to(shown) or None, "a refusal")
    assert scenario.bot.states() == before
    assert scenario.provider.counts["create"] == len(before)


def shown_to(shown: Interaction) -> str:
    """Return every word of an answer."""
    return "\n".join(one.text for one in (shown.message, *shown.followups) if one is not None)


async def _each(scenario: FaultScenario, *prompts: str) -> None:
    """Check that these videos are delivered, and that the invariants hold."""
    await ended(scenario.bot)
    for prompt in prompts:
        assert differences(delivered(), scenario.observed(prompt)) == []
    await check_ended(scenario.bot)
