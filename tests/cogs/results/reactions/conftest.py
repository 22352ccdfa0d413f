from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cogs.results.delivered_video import LivelyClock
from tests.ui.client_fixture import Bot, connected_bot


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    """A bot whose clock a test skips, so that nobody waits for a reaction to be carried out."""
    async with connected_bot(tmp_path, clock=LivelyClock()) as running:
        yield running
