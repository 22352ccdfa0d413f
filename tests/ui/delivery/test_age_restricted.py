"""Results from an age-restricted channel never leave it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.delivery import DeliveryMethod
from bot.errors import DeliveryRefused
from bot.ui.access.install_context import InstallContext
from sandbox.discord import Channel, Upload
from tests.cogs.results.delivered_video import LivelyClock, parent, reacts, result
from tests.factories import make_picture
from tests.ui.client_fixture import Bot, connected_bot, until

PNG = make_picture("PNG")


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with connected_bot(tmp_path, clock=LivelyClock()) as running:
        yield running


async def restricted(bot: Bot) -> Channel:
    """Make #general age-restricted, and wait until the bot knows."""
    channel = bot.local.world.channel("general")
    channel.nsfw = True
    bot.local.tell_channel(channel)
    known = bot.client.get_guild(bot.local.world.guild.id)
    assert known is not None
    await until(lambda: any(one.nsfw for one in known.text_channels))
    return channel


async def test_the_restriction_is_kept_with_the_task_at_every_entry_point(bot: Bot) -> None:
    channel = await restricted(bot)
    ada = bot.local.person("Ada")
    await ada.command("animate", image=Upload("photo.png", PNG), prompt="x")
    thread = bot.local.world.add_thread(channel, "side talk", owner=ada.user)
    bot.local.tell_channel(thread, new=True)
    await ada.command("animate", channel=thread, image=Upload("photo.png", PNG), prompt="x")
    message = await result(bot)
    await ada.press(message, "🔁")
    await reacts(bot, ada, message, "🎲")
    submissions = await until(lambda: bot.intake.submissions[3:] and bot.intake.submissions)
    assert [one.place.age_restricted for one in submissions] == [True] * 4


async def test_an_ordinary_channel_is_not_restricted(bot: Bot) -> None:
    await bot.local.person("Ada").command("animate", image=Upload("a.png", PNG), prompt="x")
    [submission] = await until(lambda: bot.intake.submissions)
    assert not submission.place.age_restricted


async def test_a_reroll_stays_restricted_where_the_channel_no_longer_is(bot: Bot) -> None:
    message = await result(bot)
    place = replace(parent(bot).place, age_restricted=True)
    bot.store.tasks[parent(bot).id] = replace(parent(bot), place=place)
    await bot.local.person("Grace").press(message, "🔁")
    [submission] = await until(lambda: bot.intake.submissions)
    assert submission.place.age_restricted


async def test_in_a_user_install_a_late_result_waits_for_its_person(tmp_path: Path) -> None:
    clock, places = LivelyClock(), InstallContext(user_install=True)
    async with connected_bot(tmp_path, clock=clock, places=places) as bot:
        ada = bot.local.person("Ada")
        ada.user.has_installed = True
        guild = bot.local.world.add_guild("Elsewhere", owner=ada.user, with_bot=False)
        channel = bot.local.world.add_channel(guild, "elsewhere")
        channel.nsfw = True
        picture = Upload("a.png", PNG)
        shown = await ada.command("animate", channel=channel, image=picture, prompt="x")
        message = shown.message
        assert message is not None
        await until(lambda: "get it with `/tasks` here" in message.text)
        assert "direct message" not in message.text
        clock.skip(minutes=15)
        for method in DeliveryMethod:
            with pytest.raises(DeliveryRefused):
                await bot.messenger.deliver(await bot.rendered(), method, bot.video(), search=False)
        assert ada.direct_messages() == []


async def test_no_method_takes_a_restricted_result_to_a_direct_message(bot: Bot) -> None:
    ada = bot.local.person("Ada")
    task = bot.task_of(await ada.say("general", "x"))
    task = replace(
        task,
        person=replace(task.person, id=ada.id),
        place=replace(task.place, age_restricted=True),
    )
    with pytest.raises(DeliveryRefused, match="age-restricted"):
        await bot.messenger.deliver(task, DeliveryMethod.DIRECT, bot.video(), search=False)
    assert ada.direct_messages() == []
