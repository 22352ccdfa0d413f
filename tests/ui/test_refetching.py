"""First frames that are no longer kept, fetched again from where they are still to be seen."""

from dataclasses import replace

import pytest

from bot.domain.task import Rung, Source, Task
from bot.ui.channels import Channels
from bot.ui.refetching import SourceMessages
from sandbox.discord import Fault, Upload
from tests.factories import make_picture, make_request
from tests.ui.connected import MESSAGE, Bot

FRAME = make_picture("PNG")
OTHER = make_picture("PNG", (400, 400))


@pytest.fixture
def sources(bot: Bot) -> SourceMessages:
    channels = Channels(client=bot.client, tokens=bot.tokens)
    return SourceMessages(channels=channels, desk=bot.client.desk)


async def delivered(bot: Bot, rung: Rung) -> Task:
    message = await bot.local.person("Ada").say("general", "x")
    request = make_request(frame=bot.frame(FRAME))
    task = bot.task_of(message, request=request, video_url="https://example.com/v.mp4")
    posted = await bot.messenger.deliver(task, rung, bot.video(), search=False)
    return replace(task, result_channel_id=posted.channel_id, result_message_id=posted.message_id)


async def test_a_result_that_is_a_link_shows_its_first_frame(
    bot: Bot, sources: SourceMessages
) -> None:
    picture = await sources.picture(await delivered(bot, Rung.LINK))
    assert picture is not None
    assert b"".join([chunk async for chunk in picture.read()]) == FRAME


async def test_a_result_with_its_video_shows_none(bot: Bot, sources: SourceMessages) -> None:
    assert await sources.picture(await delivered(bot, Rung.POST)) is None


async def test_a_result_that_is_gone_or_out_of_reach_shows_none(
    bot: Bot, sources: SourceMessages
) -> None:
    task = await delivered(bot, Rung.LINK)
    fault = bot.local.faults.add(Fault("GET", MESSAGE, status=403, times=1))
    assert await sources.picture(task) is None
    assert fault.hits == 1
    assert await sources.picture(replace(task, result_message_id=None)) is None
    assert await sources.picture(replace(task, result_message_id=1)) is None


async def test_a_picture_in_a_message_is_found_by_its_place_there(
    bot: Bot, sources: SourceMessages
) -> None:
    ada = bot.local.person("Ada")
    uploads = (Upload("notes.txt", b"x"), Upload("a.png", OTHER), Upload("b.png", FRAME))
    message = await ada.say("general", "", *uploads)
    source = Source(channel_id=message.channel_id, message_id=message.id, number=1)
    task = bot.task_of(message, source=source)
    picture = await sources.picture(task)
    assert picture is not None
    assert b"".join([chunk async for chunk in picture.read()]) == FRAME
    await ada.delete(message)
    assert await sources.picture(task) is None
