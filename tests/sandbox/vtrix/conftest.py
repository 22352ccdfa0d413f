from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.vtrix import LocalVtrix
from tests.sandbox.provider_data import CLIP, HandClock
from tests.sandbox.vtrix.vtrix_caller import Caller


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def provider(clock: HandClock) -> AsyncIterator[LocalVtrix]:
    async with LocalVtrix(clock=clock, video=CLIP) as local:
        yield local


@pytest.fixture
async def caller(provider: LocalVtrix) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(provider, session)
