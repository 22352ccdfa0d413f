"""Arbitrary options: the answer is a task or a readable refusal, and nothing else."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.models.model import WAN22_I2V_FLASH, Options
from bot.domain.models.option_limits import check_options
from bot.errors import Refusal
from bot.storage.engine.database import open_database
from bot.storage.tasks.tasks import TaskStore
from sandbox.discord import Upload
from tests.clock import VirtualClock
from tests.factories import make_limits, make_new_task, make_options, make_picture, make_request
from tests.ui.client_fixture import Bot, connected_bot, until

NASTY = [
    "'; DROP TABLE tasks; --",
    '" OR 1=1',
    "../../../etc/passwd",
    "%s %d {0} {prompt} ${HOME}",
    "\x00",
    "\ud83d",
    "a\u0000b",
]
ANY_TEXT = st.one_of(st.text(max_size=1000), st.sampled_from(NASTY))
ANY_NUMBER = st.one_of(st.integers(), st.integers(min_value=-5, max_value=5))


@given(
    prompt=ANY_TEXT,
    negative=st.none() | ANY_TEXT,
    resolution=st.sampled_from(["480P", "720P", "4K", "", "720p\n"]),
    seed=ANY_NUMBER,
)
def test_options_are_within_the_model_s_bounds_or_refused(
    prompt: str, negative: str | None, resolution: str, seed: int
) -> None:
    asked = Options(
        prompt=prompt, negative_prompt=negative, resolution=resolution, seconds=5, seed=seed
    )
    try:
        checked = check_options(asked, WAN22_I2V_FLASH)
    except Refusal:
        return
    assert 1 <= len(checked.prompt) <= WAN22_I2V_FLASH.prompt_chars
    assert len(checked.negative_prompt or "") <= WAN22_I2V_FLASH.negative_prompt_chars
    assert checked.resolution in ("480P", "720P")
    assert 0 <= checked.seed <= 2_147_483_647
    assert "\x00" not in checked.prompt
    assert checked.prompt.encode()  # this also holds for half a character
    # Checking a value again does not change it.
    assert check_options(checked, WAN22_I2V_FLASH) == checked


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with connected_bot(tmp_path) as running:
        yield running


@pytest.mark.parametrize(
    "options",
    [
        *({"prompt": words} for words in NASTY),
        {"prompt": "x", "seed": -1},
        {"prompt": "x", "seed": 2**53},
        {"prompt": "x", "resolution": "8K"},
        {"prompt": "x" * 6000},
        {"prompt": "x", "negative_prompt": "y" * 6000},
        {"prompt": "", "negative_prompt": ""},
    ],
)
async def test_a_client_that_checks_nothing_gets_an_answer(
    options: dict[str, Any], bot: Bot
) -> None:
    ada = bot.local.person("Ada")
    picture = Upload("../../evil.png", make_picture("PNG"))
    shown = await ada.command("animate", raw=True, image=picture, options=options)
    assert shown.message is not None or shown.followups
    await until(lambda: bool(bot.intake.submissions) or _is_refused(shown), "an answer")
    for submission in bot.intake.submissions:
        checked = submission.options
        assert check_options(checked, WAN22_I2V_FLASH) == checked
        assert "\x00" not in checked.prompt


def _is_refused(shown: Any) -> bool:
    return any(one is not None and one.ephemeral for one in (shown.message, *shown.followups))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=st.one_of(st.sampled_from(NASTY[:4]), st.text(min_size=1, max_size=200)))
def test_hostile_words_are_stored_as_written_and_nothing_else_happens(
    words: str, tmp_path: Path
) -> None:
    options = make_options(prompt=words)
    try:
        check_options(options, WAN22_I2V_FLASH)
    except Refusal:
        return
    path = tmp_path / "flipbook.db"
    path.unlink(missing_ok=True)

    async def store() -> str:
        async with open_database(f"sqlite:///{path}") as database:
            tasks = TaskStore(database, clock=VirtualClock())
            new = make_new_task(request=make_request(options=options))
            kept = await tasks.reserve(new, make_limits())
            found = await tasks.get(kept.id)
            assert found is not None
            return found.options.prompt

    assert asyncio.run(store()) == words
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM tasks").fetchone() == (1,)
