from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest

from sandbox.discord import LocalDiscord
from sandbox.discord.rules.rates import Rates
from tests.sandbox.discord import discord_events, discord_spec
from tests.sandbox.discord.raw_requests import Wire


@pytest.fixture(autouse=True)
def everything_is_as_described(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold every answer and every event of these tests against Discord's description."""
    started: list[LocalDiscord] = []
    events: list[tuple[str, Any]] = []
    enter = LocalDiscord.__aenter__

    async def entered(local: LocalDiscord) -> LocalDiscord:
        started.append(local)
        local.gateway.on_dispatch = lambda name, data: events.append((name, data))
        return await enter(local)

    if not discord_spec.path().is_file():
        yield
        return
    monkeypatch.setattr(LocalDiscord, "__aenter__", entered)
    yield
    requests = [one for local in started for one in local.requests if not one.injected]
    wrong = {fault for one in requests for fault in discord_spec.faults(one)}
    wrong |= {fault for name, data in events for fault in discord_events.faults(name, data)}
    assert sorted(wrong) == []


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    """Raw requests to a local Discord that has no rate limits."""
    local_ = LocalDiscord(rates=Rates(enforced=False))
    async with local_ as local, aiohttp.ClientSession() as session:
        yield Wire(local, session)
