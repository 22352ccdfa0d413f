"""A bot that a person can install for themselves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.ui.access.install_context import InstallContext
from tests.ui.client_fixture import Bot, connected_bot


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with connected_bot(tmp_path, places=InstallContext(user_install=True)) as running:
        yield running
