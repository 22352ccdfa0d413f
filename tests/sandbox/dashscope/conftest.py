from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.dashscope import LocalDashScope
from tests.sandbox.dashscope.dashscope_caller import Caller
from tests.sandbox.provider_data import CLIP, HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def provider(clock: HandClock) -> AsyncIterator[LocalDashScope]:
    async with LocalDashScope(clock=clock, video=CLIP) as local:
        yield local


@pytest.fixture
async def caller(provider: LocalDashScope) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(provider, session)
