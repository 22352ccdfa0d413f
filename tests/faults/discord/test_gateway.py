"""The gateway disconnects and comes back while videos are made: nothing is missed or done twice."""

from collections.abc import Callable

import pytest

from sandbox.discord import LocalDiscord
from tests.faults.fault_scenario import FaultScenario
from tests.faults.invariants import check_ended, ended
from tests.flows.harness import PATIENCE, animate, eventually


def _breaks(discord_: LocalDiscord) -> None:
    for session in discord_.gateway.sessions:
        assert session.connection is not None
        session.connection.abort()


def _breaks_twice(discord_: LocalDiscord) -> None:
    discord_.gateway.breaks_resumes = 1
    _breaks(discord_)


def _forgets(discord_: LocalDiscord) -> None:
    discord_.gateway.forget()
    _breaks(discord_)


ENDS: dict[str, Callable[[LocalDiscord], None]] = {
    "RECONNECT": lambda discord_: discord_.gateway.ask_to_reconnect(),
    "INVALID_SESSION, resumable": lambda discord_: discord_.gateway.invalidate(resumable=True),
    "INVALID_SESSION, not resumable": lambda discord_: discord_.gateway.invalidate(resumable=False),
    "the connection breaks": _breaks,
    "the connection breaks, and again in the middle of RESUME": _breaks_twice,
    "the connection breaks, and the session is forgotten": _forgets,
}
_OUTCOME = "the running video arrives, the next command is accepted once; each paid once"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.fault(name, where="the gateway", outcome=_OUTCOME))
        for name in ENDS
    ],
)
async def test_a_lost_gateway_connection_loses_nothing(name: str, scenario: FaultScenario) -> None:
    discord_ = scenario.bot.discord
    await scenario.start()
    scenario.provider.slow = float("inf")
    await scenario.ask("before")
    await scenario.bot.reaches("running")
    session = discord_.gateway.sessions[0].connection
    ENDS[name](discord_)
    await eventually(lambda: _is_back(discord_, session), "the bot to be back")
    await scenario.ask("afterwards")
    await scenario.provider.created(2, within=PATIENCE)
    scenario.provider.finish()
    await ended(scenario.bot)
    assert scenario.bot.states() == ["delivered", "delivered"]
    assert len(scenario.provider.creates) == 2
    await check_ended(scenario.bot)


def _is_back(discord_: LocalDiscord, before: object) -> bool | None:
    ready = [one for one in discord_.gateway.sessions if one.intents is not None]
    return any(one.connection is not before for one in ready) or None


@pytest.mark.fault(
    "the channel is deleted while its video is made",
    where="delivery",
    outcome="delivered once, as a direct message; paid once",
)
async def test_a_channel_that_is_gone(scenario: FaultScenario) -> None:
    discord_ = scenario.bot.discord
    await scenario.start()
    scenario.provider.slow = float("inf")
    await animate(scenario.person, "waves")
    await scenario.bot.reaches("running")
    await scenario.let_pass(minutes=16)  # the interaction's token has expired
    discord_.tell_channel_gone(discord_.world.channel("general"))
    scenario.provider.finish()
    await ended(scenario.bot)
    assert scenario.bot.states() == ["delivered"]
    assert len(scenario.person.direct_messages()) == 1
    await check_ended(scenario.bot)
