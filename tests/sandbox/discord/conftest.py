from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.discord import LocalDiscord
from sandbox.discord.rules.rates import Rates
from tests.sandbox.discord.raw_requests import Wire


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    """Raw requests to a local Discord that has no rate limits."""
    local_ = LocalDiscord(rates=Rates(enforced=False))
    async with local_ as local, aiohttp.ClientSession() as session:
        yield Wire(local, session)
