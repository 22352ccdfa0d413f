"""Threads, private ones and those of restricted channels; text chat in voice channels."""

from dataclasses import replace

import discord
import pytest

from bot.domain.delivery import DeliveryMethod
from bot.domain.task import State, Task
from bot.errors import DeliveryRefused
from bot.ui.access.members import is_age_restricted
from sandbox.discord import Channel, Message, Permission, Person, Upload
from sandbox.discord.state.model import ChannelKind
from tests.cogs.places.user_install_places import PNG, animate, server
from tests.cogs.results.delivered_video import deletes
from tests.ui.client_fixture import Bot, until


def private_thread(bot: Bot, owner: Person) -> Channel:
    world = bot.local.world
    thread = world.add_thread(world.channel("general"), "secret", owner=owner.user, private=True)
    bot.local.tell_channel(thread, new=True)
    return thread


async def asked(bot: Bot, person: Person, channel: Channel) -> tuple[Task, Message]:
    message = (await animate(person, channel)).message
    assert message is not None
    await until(lambda: "Queued" in message.text, "queued")
    return await bot.rendered(), message


def refused(bot: Bot) -> list[str]:
    """Return the requests that Discord refused; it blocks bots that send too many of them."""
    return [f"{one.method} {one.route}" for one in bot.local.requests if one.status >= 400]


# --- private threads --------------------------------------------------------------------------


async def test_in_a_private_thread_out_of_sight_the_token_serves_without_refusals(
    bot: Bot, ada: Person
) -> None:
    thread = private_thread(bot, ada)
    task, message = await asked(bot, ada, thread)
    assert not task.place.reachable
    assert task.place.guild_id == bot.local.world.guild.id
    assert "14 minutes" in message.text
    bot.clock.skip(seconds=10)
    running = replace(task, state=State.RUNNING, progress=0.5)
    bot.store.tasks[task.id] = running
    await bot.messenger.show(running)
    await until(lambda: "50%" in message.text, "progress")
    await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    assert message.files
    assert refused(bot) == []


async def test_after_the_token_expires_the_video_comes_directly_without_refusals(
    bot: Bot, ada: Person
) -> None:
    task, _ = await asked(bot, ada, private_thread(bot, ada))
    await bot.answered()
    bot.clock.skip(minutes=16)
    for method in (DeliveryMethod.EDIT, DeliveryMethod.POST, DeliveryMethod.LINK):
        with pytest.raises(DeliveryRefused):
            await bot.messenger.deliver(task, method, bot.video(), search=False)
    await bot.messenger.deliver(task, DeliveryMethod.DIRECT, bot.video(), search=False)
    assert ada.direct_messages()[-1].files
    assert refused(bot) == []


async def test_a_result_in_a_private_thread_can_be_deleted_there(bot: Bot, ada: Person) -> None:
    task, message = await asked(bot, ada, private_thread(bot, ada))
    posted = await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    bot.store.tasks[task.id] = replace(
        task, result_channel_id=posted.channel_id, result_message_id=posted.message_id
    )
    await deletes(ada, message)
    await until(lambda: message.deleted, "it is gone")
    assert refused(bot) == []


@pytest.mark.parametrize("how", ["invited", "manages"])
async def test_a_private_thread_in_sight_is_like_any_other(how: str, bot: Bot, ada: Person) -> None:
    world = bot.local.world
    thread = world.add_thread(world.channel("general"), "secret", owner=ada.user, private=True)
    if how == "invited":
        thread.people.add(world.bot.id)
    else:
        me = world.guild.members[world.bot.id]
        world.set_overwrite(world.channel("general"), me, allow=Permission.MANAGE_THREADS)
    bot.local.tell_channel(thread, new=True)
    task, _ = await asked(bot, ada, thread)
    assert task.place.reachable


# --- age-restricted channels ------------------------------------------------------------------


async def test_a_thread_whose_channel_is_not_known_is_taken_for_restricted(
    bot: Bot, ada: Person
) -> None:
    ada.user.has_installed = True
    channel = server(bot, ada)
    thread = bot.local.world.add_thread(channel, "side talk", owner=ada.user)
    task, message = await asked(bot, ada, thread)
    assert task.place.age_restricted
    # So nothing of it may leave that place.
    assert "get it with `/tasks` here" in message.text


async def test_a_thread_is_age_restricted_like_its_channel(bot: Bot, ada: Person) -> None:
    channel = bot.local.world.channel("general")
    thread = bot.local.world.add_thread(channel, "side talk", owner=ada.user)
    bot.local.tell_channel(thread, new=True)
    task, _ = await asked(bot, ada, thread)
    assert not task.place.age_restricted


def test_direct_messages_are_not_restricted() -> None:
    assert not is_age_restricted(discord.Object(1))


# --- voice ------------------------------------------------------------------------------------


async def test_text_in_voice_channels_needs_connect_which_is_named(bot: Bot, ada: Person) -> None:
    world = bot.local.world
    lounge = world.add_channel(world.guild, "lounge", ChannelKind.VOICE)
    me = world.guild.members[world.bot.id]
    world.set_overwrite(lounge, me, deny=Permission.CONNECT)
    bot.local.tell_channel(lounge, new=True)
    shown = await ada.command("animate", channel=lounge, image=Upload("a.png", PNG), prompt="x")
    assert shown.message is not None
    assert "**Connect**" in shown.message.text
    assert bot.intake.submissions == []
    helped = await ada.command("help", channel=lounge)
    assert helped.message is not None
    assert "Connect" in helped.message.text


async def test_with_connect_text_in_voice_channels_works(bot: Bot, ada: Person) -> None:
    world = bot.local.world
    lounge = world.add_channel(world.guild, "lounge", ChannelKind.VOICE)
    bot.local.tell_channel(lounge, new=True)
    task, message = await asked(bot, ada, lounge)
    await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    assert message.files
    assert refused(bot) == []
