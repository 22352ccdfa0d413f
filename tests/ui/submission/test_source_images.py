"""First frames that are no longer kept are fetched again from where people can still see them."""

from dataclasses import dataclass, replace

import pytest

from bot.domain.delivery import DeliveryMethod
from bot.domain.task import FoundPicture, Source, Task
from bot.errors import PictureExpired
from bot.ui.delivery.channels import Channels
from bot.ui.submission.source_messages import SourceMessages
from sandbox.discord import Fault, Message, Upload
from tests.factories import make_picture, make_request
from tests.ui.client_fixture import MESSAGE, Bot

FRAME = make_picture("PNG")
OTHER = make_picture("PNG", (400, 400))


@pytest.fixture
def sources(bot: Bot) -> SourceMessages:
    channels = Channels(client=bot.client, tokens=bot.tokens)
    return SourceMessages(channels=channels, context=bot.client.context)


async def delivered(bot: Bot, method: DeliveryMethod) -> Task:
    message = await bot.local.person("Ada").say("general", "x")
    request = make_request(frame=bot.frame(FRAME))
    task = bot.task_of(message, request=request, video_url="https://example.com/v.mp4")
    posted = await bot.messenger.deliver(task, method, bot.video(), search=False)
    return replace(task, result_channel_id=posted.channel_id, result_message_id=posted.message_id)


async def test_a_result_that_is_a_link_shows_its_first_frame(
    bot: Bot, sources: SourceMessages
) -> None:
    picture = await sources.picture(await delivered(bot, DeliveryMethod.LINK))
    assert picture is not None
    assert b"".join([chunk async for chunk in picture.read()]) == FRAME


async def test_a_result_with_its_video_shows_none(bot: Bot, sources: SourceMessages) -> None:
    assert await sources.picture(await delivered(bot, DeliveryMethod.POST)) is None


async def test_a_result_that_is_gone_or_out_of_reach_shows_none(
    bot: Bot, sources: SourceMessages
) -> None:
    task = await delivered(bot, DeliveryMethod.LINK)
    fault = bot.local.faults.add(Fault("GET", MESSAGE, status=403, times=1))
    assert await sources.picture(task) is None
    assert fault.hits == 1
    assert await sources.picture(replace(task, result_message_id=None)) is None
    assert await sources.picture(replace(task, result_message_id=1)) is None


@dataclass(frozen=True)
class Menu:
    """A video that Apps › Animate made of the second picture in a message."""

    message: Message
    task: Task


async def menu_video(bot: Bot, text: str = "", channel: str = "general") -> Menu:
    ada = bot.local.person("Ada")
    uploads = (Upload("notes.txt", b"x"), Upload("a.png", OTHER), Upload("b.png", FRAME))
    message = await ada.say(channel, text, *uploads)
    file = message.files[2]
    found = FoundPicture(url=bot.local.files.url(file), name="b.png", bytes=len(FRAME))
    source = Source(channel_id=message.channel_id, message_id=message.id, number=1, picture=found)
    return Menu(message, bot.task_of(message, source=source))


async def read(sources: SourceMessages, task: Task) -> bytes | None:
    picture = await sources.picture(task)
    return None if picture is None else b"".join([chunk async for chunk in picture.read()])


async def test_a_picture_in_a_message_is_read_where_it_was_found(
    bot: Bot, sources: SourceMessages
) -> None:
    menu = await menu_video(bot)
    asked = bot.local.count("GET", MESSAGE)
    assert await read(sources, menu.task) == FRAME
    assert bot.local.count("GET", MESSAGE) == asked


async def test_after_its_link_has_expired_that_is_told(bot: Bot, sources: SourceMessages) -> None:
    menu = await menu_video(bot)
    bot.clock.skip(hours=25)
    with pytest.raises(PictureExpired):
        await sources.picture(menu.task)


async def test_a_link_without_a_time_is_good(bot: Bot, sources: SourceMessages) -> None:
    """Discord's copies of pictures from other sites have links that are not signed."""
    menu = await menu_video(bot)
    source = menu.task.source
    assert source is not None
    found = FoundPicture(url=f"{bot.local.cdn_url}/external/cat.png", name="cat.png")
    bot.clock.skip(days=30)
    task = replace(menu.task, source=replace(source, picture=found))
    assert await sources.picture(task) is not None


@pytest.mark.parametrize("where", ["mentioned", "in private"])
async def test_a_picture_that_discord_shows_again_is_found_by_its_place(
    where: str, bot: Bot, sources: SourceMessages
) -> None:
    me, channel = bot.local.world.bot.id, "@me" if where == "in private" else "general"
    menu = await menu_video(bot, f"<@{me}>" if where == "mentioned" else "", channel)
    bot.clock.skip(hours=25)
    assert await read(sources, menu.task) == FRAME
    await bot.local.person("Ada").delete(menu.message)
    with pytest.raises(PictureExpired):
        await sources.picture(menu.task)


async def test_a_video_of_an_earlier_version_knows_only_its_message(
    bot: Bot, sources: SourceMessages
) -> None:
    menu = await menu_video(bot)
    source = menu.task.source
    assert source is not None
    task = replace(menu.task, source=replace(source, picture=None))
    assert await sources.picture(task) is None
