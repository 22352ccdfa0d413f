"""Fixtures for the tests of the provider client."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.clock import SystemClock
from bot.providers.sessions import Timeouts
from bot.providers.vtrix.client import VtrixClient

KEY = "test-key-0123456789"
FAST = Timeouts(connect=2, create=0.3, send=2, status=0.3, download=2)

MakeClient = Callable[..., VtrixClient]


@pytest.fixture
def make_client() -> MakeClient:
    def make(base_url: str, **changes: Any) -> VtrixClient:
        arguments: dict[str, Any] = {
            "base_url": base_url,
            "api_key": SecretStr(KEY),
            "clock": SystemClock(),
            "timeouts": FAST,
        }
        return VtrixClient(**(arguments | changes))

    return make


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture that takes two and a bit of the pieces in which it is sent."""
    path = tmp_path / "frame.png"
    path.write_bytes(os.urandom(400_001))
    return path


@pytest.fixture
def large_picture(tmp_path: Path) -> Path:
    """A picture larger than the buffers between two sockets."""
    path = tmp_path / "large.png"
    path.write_bytes(os.urandom(9_800_000))
    return path
