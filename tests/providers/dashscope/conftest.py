"""Fixtures for the tests of DashScope's client."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from bot.clock import SystemClock
from bot.providers.dashscope.client import DashScopeClient
from tests.providers.conftest import FAST, KEY

MakeClient = Callable[..., DashScopeClient]


@pytest.fixture
def make_client() -> MakeClient:
    def make(base_url: str, **changes: Any) -> DashScopeClient:
        arguments: dict[str, Any] = {
            "base_url": base_url,
            "api_key": SecretStr(KEY),
            "clock": SystemClock(),
            "timeouts": FAST,
        }
        return DashScopeClient(**(arguments | changes))

    return make
