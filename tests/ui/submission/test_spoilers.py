"""Spoilers stay hidden with every delivery method and in every reroll."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.delivery import DeliveryMethod
from bot.domain.task import Task
from sandbox.discord import Message
from tests.cogs.results.delivered_video import TASK_ID, LivelyClock, reacts, result
from tests.factories import make_options, make_request
from tests.ui.client_fixture import Bot, connected_bot, until


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with connected_bot(tmp_path, clock=LivelyClock()) as running:
        yield running


async def hidden(bot: Bot) -> Task:
    """Return Ada's rendered task, marked as a spoiler, with a message that the bot can edit."""
    seen = await result(bot)
    task = bot.store.tasks[TASK_ID]
    request = make_request(options=make_options(spoiler=True), frame=bot.frame())
    place = replace(task.place, message_id=seen.id)
    # The task has an id of its own, since Discord remembers the nonce of the first.
    return replace(
        task,
        id="t0000002",
        request=request,
        place=place,
        video_url="https://example.com/v.mp4",
    )


def is_hidden(message: Message) -> bool:
    galleries = [part for part in message.every_component() if part["type"] == 12]
    items = [item for gallery in galleries for item in gallery["items"]]
    return bool(items) and all(item["spoiler"] for item in items) and message.files[0].spoiler


@pytest.mark.parametrize("method", DeliveryMethod)
async def test_every_method_hides_the_video_or_its_first_frame(
    method: DeliveryMethod, bot: Bot
) -> None:
    task = await hidden(bot)
    video = None if method is DeliveryMethod.LINK else bot.video()
    posted = await bot.messenger.deliver(task, method, video, search=False)
    message = bot.local.world.messages[posted.channel_id][posted.message_id]
    assert message.files
    assert is_hidden(message)


async def test_a_reroll_of_a_spoiler_is_hidden_at_every_entry_point(bot: Bot) -> None:
    task = await hidden(bot)
    message = await result(bot, request=task.request)
    grace = bot.local.person("Grace")
    await grace.press(message, "🔁")
    await grace.press(message, "🎲")
    await grace.submit_modal(await grace.press(message, "✏️"), {"prompt": "the tide goes out"})
    await reacts(bot, grace, message, "🔁")
    submissions = await until(lambda: bot.intake.submissions[3:] and bot.intake.submissions)
    assert [one.options.spoiler for one in submissions] == [True] * 4
