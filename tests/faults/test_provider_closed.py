"""The provider takes nothing from anybody for a while: what people read, and that it goes on."""

import pytest

from sandbox.discord import Interaction
from sandbox.vtrix import Fault
from tests.faults.ends import delivered, differences, failed
from tests.faults.invariants import check_ended, ended
from tests.faults.scene import Scene
from tests.flows.harness import eventually, photo

KEY = failed("failed in words", "does not accept my key")
ACCOUNT = failed("failed in words", "refused to work for my account")
MODEL = failed("failed in words", "is not available at the moment")
BALANCE = failed("failed in words", "account at the video service is empty")


@pytest.mark.fault(
    "429 with a Retry-After of an hour",
    where="the create call",
    outcome="it is said that it waits, nobody is sent within the hour, then each once",
)
async def test_an_hour_that_was_asked_for_is_waited_for_by_everybody(scene: Scene) -> None:
    provider = scene.provider
    await scene.start()
    provider.faults.add(
        Fault(operation="create", status=429, headers={"Retry-After": "3600"}, body={})
    )
    await scene.ask("the first one")
    await scene.reads("the first one", "has no room at the moment")
    await scene.ask("the second one")
    await scene.passes(minutes=58)
    assert provider.counts["create"] == 1
    assert scene.bot.states() == ["queued", "queued"]
    await scene.passes(minutes=4)
    await _each(scene, "the first one", "the second one")


@pytest.mark.fault(
    "the key is refused (401) for a while",
    where="the create call",
    outcome="failed in words, nothing charged; refused at once until the key is accepted again",
)
async def test_a_key_that_is_refused_for_a_while(scene: Scene) -> None:
    provider = scene.provider
    key, provider.key = provider.key, "another-key"
    scene.bot.settings["VTRIX_API_KEY"] = key
    await scene.start()
    await scene.ask("too early")
    await scene.reads("too early", KEY.words)
    await _is_refused_at_once(scene)
    provider.key = key
    await scene.passes(minutes=2, step=1)
    await scene.ask("in time")
    await _each(scene, "in time")
    assert differences(KEY, scene.seen("too early")) == []


@pytest.mark.fault(
    "the balance is used up (403) for a while",
    where="the create call",
    outcome="failed in words, nothing charged; refused at once, and tried again after 5 minutes",
)
async def test_a_balance_that_is_empty_for_a_while(scene: Scene) -> None:
    provider = scene.provider
    provider.balance = "0"
    await scene.start()
    await scene.ask("too early")
    await scene.reads("too early", BALANCE.words)
    provider.balance = "10"
    await _is_refused_at_once(scene)
    await scene.passes(minutes=6)
    await scene.ask("in time")
    await _each(scene, "in time")
    assert differences(BALANCE, scene.seen("too early")) == []


@pytest.mark.fault(
    "403 for one request's content, with a code that nobody listed",
    where="the create call",
    outcome="failed in words, nothing charged; everybody else's videos are made",
)
async def test_one_odd_403_stops_nobody_else(scene: Scene) -> None:
    await scene.start()
    body = {"error": {"code": "OddRule17", "message": "not this one"}}
    scene.provider.faults.add(Fault(operation="create", status=403, body=body))
    await scene.ask("an odd one")
    await scene.reads("an odd one", ACCOUNT.words)
    await scene.ask("an ordinary one")
    await _each(scene, "an ordinary one")
    assert differences(ACCOUNT, scene.seen("an odd one")) == []


@pytest.mark.fault(
    "403 without a reason, for two different requests",
    where="the create call",
    outcome="failed in words, nothing charged; refused at once, and tried again after a minute",
)
async def test_two_odd_403s_close_for_a_minute(scene: Scene) -> None:
    await scene.start()
    scene.provider.faults.add(Fault(operation="create", status=403, body={}, times=2))
    for prompt in ("an odd one", "another odd one"):
        await scene.ask(prompt)
        await scene.reads(prompt, ACCOUNT.words)
    await _is_refused_at_once(scene)
    await scene.passes(minutes=1.5, step=1.5)
    await scene.ask("in time")
    await _each(scene, "in time")


@pytest.mark.fault(
    "the key may not use the model (403) for a while",
    where="the create call",
    outcome="failed in words, nothing charged; refused at once, and tried again after 5 minutes",
)
async def test_a_model_that_is_refused_for_a_while(scene: Scene) -> None:
    await scene.start()
    body = {"code": "Model.AccessDenied", "message": "Model access denied."}
    scene.provider.faults.add(Fault(operation="create", status=403, body=body))
    await scene.ask("too early")
    await scene.reads("too early", MODEL.words)
    await _is_refused_at_once(scene)
    await scene.passes(minutes=6)
    await scene.ask("in time")
    await _each(scene, "in time")
    assert differences(MODEL, scene.seen("too early")) == []


@pytest.mark.fault(
    "a task fails, as the balance is used up",
    where="a look at the task",
    outcome="failed in words, nothing charged; refused at once, and tried again after 5 minutes",
)
async def test_a_task_that_fails_for_want_of_balance_closes(scene: Scene) -> None:
    await scene.start()
    scene.provider.fail_next("Arrearage", "your account is not in good standing")
    await scene.ask("too early")
    await scene.passes(minutes=3)
    await scene.reads("too early", BALANCE.words)
    await _is_refused_at_once(scene)
    await scene.passes(minutes=6)
    await scene.ask("in time")
    await _each(scene, "in time")
    assert differences(BALANCE, scene.seen("too early")) == []


async def _is_refused_at_once(scene: Scene) -> None:
    """A command now is not even taken, and says so."""
    before = scene.bot.states()
    shown = await scene.person.command("animate", image=photo(), prompt="at once")
    await eventually(lambda: "Please try again" in shown_to(shown) or None, "a refusal")
    assert scene.bot.states() == before
    assert scene.provider.counts["create"] == len(before)


def shown_to(shown: Interaction) -> str:
    """Every word of an answer."""
    return "\n".join(one.text for one in (shown.message, *shown.followups) if one is not None)


async def _each(scene: Scene, *prompts: str) -> None:
    """Those are delivered, and all is well."""
    await ended(scene.bot)
    for prompt in prompts:
        assert differences(delivered(), scene.seen(prompt)) == []
    await check_ended(scene.bot)
