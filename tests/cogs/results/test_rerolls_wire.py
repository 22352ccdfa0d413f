"""Requests of rerolls agree with Discord's description of its API, and there are few of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.delivery import DeliveryMethod
from sandbox.discord import Upload
from tests.cogs.results.delivered_video import LivelyClock, deletes, invited, reacts
from tests.factories import make_picture
from tests.sandbox.discord import discord_spec
from tests.ui.client_fixture import CALLBACK, Bot, connected_bot, until

# Edits that show progress come on top; their number depends on time, not on the video.
MOST_REQUESTS = 6


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with connected_bot(tmp_path, clock=LivelyClock()) as running:
        yield running


@pytest.mark.skipif(
    not discord_spec.path().is_file(),
    reason="Discord's OpenAPI description is not beside the repository (see DISCORD_OPENAPI)",
)
async def test_every_request_is_one_that_discord_describes(bot: Bot) -> None:
    ada, grace = bot.local.person("Ada"), bot.local.person("Grace")
    message = await invited(bot)
    for button in ("🔁", "🎲", "ℹ️"):
        await grace.press(message, button)
    await grace.submit_modal(await grace.press(message, "✏️"), {"prompt": "the tide goes out"})
    await reacts(bot, ada, message, "🔁")
    photos = [Upload(f"{name}.png", make_picture()) for name in "ab"]
    picture = await ada.say("general", "look", *photos)
    await grace.submit_modal(await grace.menu("Animate", picture), {"prompt": "x"})
    await until(lambda: len(bot.intake.submissions) == 5)
    await deletes(ada, message)
    assert message.deleted
    found = [fault for one in bot.local.requests for fault in discord_spec.faults(one)]
    assert sorted(set(found)) == []


async def test_a_reroll_by_reaction_takes_few_requests(bot: Bot) -> None:
    message = await invited(bot)
    # What is asked about the server is asked for everybody, and not again for some minutes.
    await bot.local.person("Mona").press(message, "✏️")
    before = len(bot.local.requests)
    await reacts(bot, bot.local.person("Grace"), message, "🔁")
    [child] = await until(lambda: [one for one in bot.store.tasks.values() if one.parent_id])
    task = await bot.rendered(child.id)
    posted = await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    again = bot.local.world.messages[posted.channel_id][posted.message_id]
    await until(lambda: list(again.reactions) == ["🔁", "🎲"])
    sent = [(one.method, one.route) for one in bot.local.requests[before:]]
    # The announcement of a video that took long is one more request.
    assert len(sent) + 1 <= MOST_REQUESTS, sent
    before = len(bot.local.requests)
    await bot.local.person("Mona").press(message, "🔁")
    await until(lambda: len(bot.intake.submissions) == 2)
    assert [one.route for one in bot.local.requests[before:]] == [CALLBACK]
