"""What is of another server stays there, whatever a client writes into a `custom_id`."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.task import Task
from sandbox.discord import Message, Person
from tests.cogs.results import TASK_ID, refused, result
from tests.ui.connected import Bot, connected

SECRET = "what only they should read"
ELSEWHERE = 4711


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with connected(tmp_path) as running:
        yield running


async def _of_another_server(bot: Bot) -> Message:
    """A message here, whose buttons name a task of a server elsewhere."""
    message = await result(bot)
    task: Task = bot.store.tasks[TASK_ID]
    options = replace(task.options, prompt=SECRET)
    bot.store.tasks[TASK_ID] = replace(
        task,
        place=replace(task.place, guild_id=ELSEWHERE),
        request=replace(task.request, options=options),
    )
    return message


@pytest.mark.parametrize("button", ["🔁", "🎲", "✏️", "ℹ️", "🗑️"])
async def test_its_buttons_do_nothing_here_and_tell_nothing(button: str, bot: Bot) -> None:
    message = await _of_another_server(bot)
    for name in ("Ada", "Mona"):
        shown = await bot.local.person(name).press(message, button)
        assert shown.modal is None
        assert "no longer know anything about this video" in refused(shown)
        assert SECRET not in refused(shown)
    assert bot.intake.submissions == []
    assert not message.deleted


async def test_a_form_about_it_is_refused(bot: Bot) -> None:
    grace: Person = bot.local.person("Grace")
    opened = await grace.press(await result(bot), "✏️")
    await _of_another_server(bot)
    sent = await grace.submit_modal(opened, {"prompt": "mine now"})
    assert "no longer know anything about this video" in refused(sent)
    assert bot.intake.submissions == []
