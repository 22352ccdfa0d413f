"""Discord fails while a result is delivered: it arrives once, or people learn that it did not.

There is one fault at a time, since Discord's routes do not show which task a request is for.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.delivery import DeliveryMethod
from sandbox.discord import BLOCK_PAGE, NETWORK_ERROR, Fault, Interaction
from tests.faults.fault_scenario import FaultScenario
from tests.faults.invariants import INVALID, check_ended, ended, results, tasks
from tests.flows.harness import eventually, is_video, photo

EDIT = ("PATCH", "/channels/{channel_id}/messages/{message_id}")
POST = ("POST", "/channels/{channel_id}/messages")
CALLBACK = ("POST", "/interactions/{interaction_id}/{interaction_token}/callback")
ALWAYS = 1_000_000
TOO_LARGE = {"status": 413, "body": {"code": 40005, "message": "Request entity too large"}}
MISSING_ACCESS = {"status": 403, "body": {"code": 50001, "message": "Missing Access"}}
NO_DIRECT_MESSAGES = {"status": 403, "body": {"code": 50007, "message": "Cannot send messages"}}


@dataclass(frozen=True, kw_only=True)
class Case:
    """How Discord fails, and where the result is in the end."""

    faults: tuple[tuple[tuple[str, str], dict[str, Any]], ...]
    outcome: str
    method: DeliveryMethod
    message_is_gone: bool = False
    """Whether the command's own message is deleted first, so that a new one is needed."""
    has_video: bool = True


CASES = {
    "500 after the effect, on the edit": Case(
        faults=((EDIT, {"times": 2, "status_after": 500}),),
        method=DeliveryMethod.EDIT,
        outcome="delivered once, in the command's message",
    ),
    "the connection breaks after the effect, on the edit": Case(
        faults=((EDIT, {"times": 2, "reset": "after"}),),
        method=DeliveryMethod.EDIT,
        outcome="delivered once, in the command's message",
    ),
    "HTML with 502, four times in a row": Case(
        faults=((EDIT, {"times": 4, "status": 502, "body": "<html>Bad gateway</html>"}),),
        method=DeliveryMethod.EDIT,
        outcome="delivered once, in the command's message",
    ),
    "500 after the effect, on a new message": Case(
        faults=((POST, {"status_after": 500}),),
        message_is_gone=True,
        method=DeliveryMethod.POST,
        outcome="delivered once, as a new message",
    ),
    "the connection breaks after the effect, on a new message": Case(
        faults=((POST, {"reset": "after"}),),
        message_is_gone=True,
        method=DeliveryMethod.POST,
        outcome="delivered once, as a new message",
    ),
    "413 (40005) for the file, wherever it is sent": Case(
        faults=((EDIT, {"times": 2, **TOO_LARGE}), (POST, {"times": 1, **TOO_LARGE})),
        method=DeliveryMethod.LINK,
        has_video=False,
        outcome="the first frame and the link, once",
    ),
    "403 in the channel for a while": Case(
        faults=(
            (EDIT, {"times": ALWAYS, **MISSING_ACCESS}),
            (POST, {"times": 2, **MISSING_ACCESS}),
        ),
        method=DeliveryMethod.EDIT,
        outcome="delivered once, with the interaction's token while it is valid",
    ),
}


async def _runs(scenario: FaultScenario, prompt: str) -> Interaction:
    """Send a command, and wait until the provider works on it."""
    scenario.provider.slow = float("inf")
    await scenario.ask(prompt)
    await scenario.provider.created(within=60)
    await scenario.bot.reaches("running")
    return scenario.shown[prompt]


def _goes_wrong(
    scenario: FaultScenario, *faults: tuple[tuple[str, str], dict[str, Any]]
) -> list[Fault]:
    return [scenario.bot.discord.faults.add(Fault(*route, **what)) for route, what in faults]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.fault(name, where="delivery", outcome=case.outcome))
        for name, case in CASES.items()
    ],
)
async def test_the_result_arrives_once(name: str, scenario: FaultScenario) -> None:
    case = CASES[name]
    await scenario.start()
    shown = await _runs(scenario, "waves")
    assert shown.message is not None
    if case.message_is_gone:
        await scenario.bot.discord.person("Olive").delete(shown.message)
    _goes_wrong(scenario, *case.faults)
    scenario.provider.finish()
    await ended(scenario.bot)
    (task,) = tasks(scenario.bot)
    assert (task["state"], DeliveryMethod(task["delivery_rung"])) == ("delivered", case.method)
    assert list(results(scenario.bot).values()) == [1]
    posted = _message(scenario, task)
    assert any(is_video(file.data) for file in posted.files) is case.has_video
    await check_ended(scenario.bot)


def _message(scenario: FaultScenario, task: dict[str, Any]) -> Any:
    return scenario.bot.discord.world.messages[task["result_channel_id"]][task["result_message_id"]]


@pytest.mark.fault(
    "403 in the channel, and direct messages refused",
    where="delivery",
    outcome="not delivered; the person is told at the next command, and can have it sent again",
)
async def test_where_nothing_is_taken_it_is_kept_and_told_and_sent_again(
    scenario: FaultScenario,
) -> None:
    await scenario.start()
    await _runs(scenario, "waves")
    await scenario.let_pass(minutes=16)  # the interaction's token has expired
    faults = _goes_wrong(
        scenario,
        (EDIT, {"times": ALWAYS, **MISSING_ACCESS}),
        (POST, {"times": ALWAYS, **NO_DIRECT_MESSAGES}),
    )
    scenario.provider.finish()
    await scenario.bot.reaches("undelivered")
    await ended(scenario.bot)
    assert list((scenario.bot.folder / "data" / "videos").glob("*.mp4"))
    for fault in faults:
        scenario.bot.discord.faults.remove(fault)
    told = await scenario.person.command("tasks")
    await eventually(lambda: "sends it again" in _words(told) or None, "it is said")
    (task,) = tasks(scenario.bot)
    assert told.message is not None
    chosen = await scenario.person.select(told.message, _menu(told), [task["id"]])
    assert chosen.message is not None
    await scenario.person.press(chosen.message, "Send again")
    await scenario.bot.reaches("delivered")
    await check_ended(scenario.bot)


def _words(shown: Interaction) -> str:
    return "\n".join(one.text for one in (shown.message, *shown.followups) if one is not None)


def _menu(shown: Interaction) -> str:
    assert shown.message is not None
    return next(
        str(one["custom_id"]) for one in shown.message.every_component() if one.get("type") == 3
    )


@pytest.mark.fault(
    "the answer to a new message is lost, and Discord fails for ten minutes",
    where="delivery, after Discord has forgotten the nonce",
    outcome="a search finds the message; there is only one",
)
async def test_a_message_whose_answer_was_lost_long_ago_is_found(scenario: FaultScenario) -> None:
    await scenario.start()
    shown = await _runs(scenario, "waves")
    assert shown.message is not None
    await scenario.bot.discord.person("Olive").delete(shown.message)
    lost, away = _goes_wrong(
        scenario, (POST, {"reset": "after"}), (POST, {"times": ALWAYS, "status": 503})
    )
    scenario.provider.finish()
    await eventually(lambda: (lost.hits and away.hits) or None, "an answer is lost")
    scenario.bot.discord.messages.nonce_life = timedelta(0)
    await scenario.let_pass(minutes=10)
    scenario.bot.discord.faults.remove(away)
    await ended(scenario.bot)
    assert list(results(scenario.bot).values()) == [1]
    await check_ended(scenario.bot)


@pytest.mark.fault(
    "429 for 20 minutes",
    where="delivery",
    outcome="delivered once, after the wait that Discord asks for; few requests meanwhile",
)
async def test_a_long_rate_limit_is_waited_for(scenario: FaultScenario) -> None:
    await scenario.start()
    await _runs(scenario, "waves")
    limit = {"message": "You are being rate limited.", "retry_after": 1200.0, "global": False}
    (limited,) = _goes_wrong(
        scenario,
        (EDIT, {"times": ALWAYS, "status": 429, "body": limit, "headers": {"Retry-After": "1200"}}),
    )
    scenario.provider.finish()
    await scenario.bot.reaches("rendered")
    await eventually(lambda: limited.hits or None, "the limit is met")
    await scenario.let_pass(minutes=18)
    assert scenario.bot.states() == ["rendered"]
    asked = limited.hits
    assert asked < 10
    scenario.bot.discord.faults.remove(limited)
    await scenario.let_pass(minutes=5)
    await ended(scenario.bot)
    assert scenario.bot.states() == ["delivered"]
    await check_ended(scenario.bot)


@pytest.mark.fault(
    "an hour without Discord", where="delivery", outcome="kept, then delivered once; paid once"
)
async def test_an_hour_without_discord(scenario: FaultScenario) -> None:
    await scenario.start()
    await _runs(scenario, "waves")
    await scenario.bot.discord.go_away()
    scenario.provider.finish()
    await scenario.bot.reaches("rendered")
    await scenario.let_pass(minutes=60)
    assert scenario.bot.states() == ["rendered"]
    scenario.bot.discord.come_back()
    await scenario.let_pass(minutes=2, step=1)
    await ended(scenario.bot)
    assert scenario.bot.states() == ["delivered"]
    await check_ended(scenario.bot)


BLOCKS = {
    "403 with code 40333 for every request": NETWORK_ERROR,
    "403 with an HTML page for every request": BLOCK_PAGE,
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=pytest.mark.fault(
                f"{name}, for an hour",
                where="in front of Discord",
                outcome="kept, then delivered once; fewer than 100 requests meanwhile",
            ),
        )
        for name in BLOCKS
    ],
)
async def test_an_hour_in_which_something_before_discord_refuses_everything(
    name: str, scenario: FaultScenario
) -> None:
    await scenario.start()
    prompts = [f"waves {number}" for number in range(10)]
    scenario.provider.slow = float("inf")
    for prompt in prompts:
        await scenario.ask(prompt)
    await scenario.provider.created(len(prompts), within=60)
    (blocked,) = _goes_wrong(scenario, (("*", "*"), {"times": ALWAYS, **BLOCKS[name]}))
    scenario.provider.finish()
    await eventually(lambda: _all_are(scenario, "rendered"), "all are rendered", 60)
    await scenario.let_pass(minutes=60)
    assert scenario.bot.states() == ["rendered"] * len(prompts)
    asked = sum(one.status in INVALID for one in scenario.bot.discord.requests)
    assert 1 < asked < 100
    scenario.bot.discord.faults.remove(blocked)
    await scenario.let_pass(minutes=3, step=1)
    await ended(scenario.bot)
    assert scenario.bot.states() == ["delivered"] * len(prompts)
    for prompt in prompts:
        found = scenario.observed(prompt)
        assert found["has_video"]
        assert "0%" not in found["words"]
    await check_ended(scenario.bot)


def _all_are(scenario: FaultScenario, state: str) -> bool | None:
    return True if set(scenario.bot.states()) == {state} else None


@pytest.mark.fault(
    "unknown interaction (10062)",
    where="the acknowledgment",
    outcome="nothing stored, nothing spent",
)
async def test_an_interaction_that_discord_no_longer_knows_costs_nothing(
    scenario: FaultScenario,
) -> None:
    await scenario.start()
    [fault] = _goes_wrong(
        scenario,
        (CALLBACK, {"status": 404, "body": {"code": 10062, "message": "Unknown interaction"}}),
    )
    shown = await scenario.person.command("animate", image=photo(), prompt="waves", wait=False)
    # The second command must not overtake the first, and meet its fault.
    await eventually(lambda: fault.hits or None, "the first one to be refused")
    await scenario.ask("a second one")
    scenario.provider.finish()
    await ended(scenario.bot)
    assert shown.answer is None
    assert [task["prompt"] for task in tasks(scenario.bot)] == ["a second one"]
    assert len(scenario.provider.creates) == 1
    await check_ended(scenario.bot)


@pytest.mark.fault(
    "the same interaction twice",
    where="the gateway",
    outcome="one task, one video, paid once",
)
async def test_an_interaction_that_comes_twice_is_one_task(scenario: FaultScenario) -> None:
    await scenario.start()
    shown = await _runs(scenario, "waves")
    scenario.bot.discord.interactions.send_again(shown)
    await scenario.ask("a second one")
    await scenario.provider.created(2, within=60)
    scenario.provider.finish()
    await ended(scenario.bot)
    assert sorted(task["prompt"] for task in tasks(scenario.bot)) == ["a second one", "waves"]
    assert len(scenario.provider.creates) == 2
    await check_ended(scenario.bot)
