"""Attacks on reports: a video of another server, and the picture of a hidden video."""

from dataclasses import replace

from bot.domain.delivery import DeliveryMethod
from bot.domain.task import State
from sandbox.discord import Channel, Message, Person
from tests.cogs.moderation.moderation_helpers import answer
from tests.cogs.moderation.test_reports import delivered, reported, sent
from tests.cogs.results.delivered_video import parent, refused, result
from tests.factories import make_request
from tests.ui.client_fixture import Bot, until


def _another_server(bot: Bot, owner: Person, member: Person) -> Channel:
    world = bot.local.world
    guild = world.add_guild("Elsewhere", owner=owner.user)
    world.add_member(guild, member.user)
    channel = world.add_channel(guild, "elsewhere")
    bot.local.tell_guild(guild)
    return channel


async def test_another_servers_video_cannot_be_reported_with_a_copy_of_its_buttons(
    bot: Bot, ada: Person, grace: Person
) -> None:
    message = await delivered(bot)
    elsewhere = _another_server(bot, ada, grace)
    own = await result(bot, elsewhere, state=State.DELIVERED, id="t0000002")
    # Discord shows the bot the components of messages that mention it.
    me = bot.client.user
    assert me is not None
    copy = await grace.say(elsewhere, f"<@{me.id}> has the same buttons")
    copy.components = message.components
    opened = await grace.menu("Report video", own)
    assert opened.modal is not None
    forged = opened.modal["custom_id"].replace("t0000002", "t0000001")
    opened.modal["custom_id"] = forged.replace(str(own.id), str(copy.id))
    words = await sent(grace, opened)
    assert "arrived" not in words, words
    assert not await bot.client.context.reports.undecided(limit=5)


async def test_the_picture_of_a_hidden_video_cannot_be_animated_from_its_message(
    bot: Bot, grace: Person, mona: Person
) -> None:
    await answer(mona, "settings set", hide_reported=True)
    await result(bot, state=State.DELIVERED, request=make_request(frame=bot.frame()))
    task = replace(parent(bot), video_url="https://example.com/video.mp4")
    posted = await bot.messenger.deliver(task, DeliveryMethod.LINK, None, search=False)
    bot.store.tasks[task.id] = replace(task, result_message_id=posted.message_id)
    message: Message = bot.local.world.messages[posted.channel_id][posted.message_id]
    assert "arrived" in await reported(grace, message)
    await until(lambda: "is hidden until moderators" in message.text, "the video is hidden")
    shown = await mona.menu("Animate", message)
    assert shown.modal is None
    assert "reported and is hidden" in refused(shown)
