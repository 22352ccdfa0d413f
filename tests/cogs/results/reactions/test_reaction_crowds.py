"""Hundreds of reactions, and channels where the bot may not react."""

import asyncio
from dataclasses import replace

from bot.domain.delivery import DeliveryMethod
from bot.ui.delivery.channel_notices import MOST_SHOWN
from cogs.rerolls import MOST_WAITING, SECOND_THOUGHTS
from sandbox.discord import Fault, Permission, Person, User
from tests.cogs.results.delivered_video import (
    OVER,
    PERMISSIONS,
    REACTION,
    TYPING,
    clock_of,
    invited,
    parent,
    replies,
    result,
)
from tests.ui.client_fixture import Bot, is_at_work, until


def new_members(bot: Bot, number: int) -> list[User]:
    world = bot.local.world
    return [world.add_member(world.guild, f"Guest{one}").user for one in range(number)]


async def test_a_hundred_refusals_at_once_get_a_few_answers(bot: Bot) -> None:
    message = await invited(bot)
    bot.intake.early = OVER
    for guest in new_members(bot, 100):
        bot.local.reactions.react(message, guest, "🎲")
    await until(lambda: clock_of(bot).sleeping[SECOND_THOUGHTS] == 100, "all of them are seen")
    bot.clock.skip(seconds=SECOND_THOUGHTS)
    await until(lambda: len(replies(bot, message)) == MOST_SHOWN)
    await until(lambda: not is_at_work("Rerolls"))
    assert len(replies(bot, message)) == MOST_SHOWN
    assert bot.local.count("GET", PERMISSIONS) == 1
    assert bot.local.count("POST", TYPING) == 1
    assert 429 not in {one.status for one in bot.local.requests}


async def test_a_crowd_gets_its_videos_within_discords_rate_limits(bot: Bot) -> None:
    message = await invited(bot)
    for guest in new_members(bot, 8):
        bot.local.reactions.react(message, guest, "🔁")
    await until(lambda: clock_of(bot).sleeping[SECOND_THOUGHTS] == 8, "all of them are seen")
    bot.clock.skip(seconds=SECOND_THOUGHTS)
    await until(lambda: len(bot.intake.submissions) == 8, "each has theirs", within=30)
    assert len({one.person.id for one in bot.intake.submissions}) == 8
    assert len(replies(bot, message)) == 8
    assert 429 not in {one.status for one in bot.local.requests}


async def test_the_memory_for_waiting_reactions_is_bounded(bot: Bot) -> None:
    message = await invited(bot)
    bot.intake.early = OVER
    for guest in new_members(bot, MOST_WAITING + 50):
        bot.local.reactions.react(message, guest, "🔁")
    sleeping = clock_of(bot).sleeping
    await until(lambda: sleeping[SECOND_THOUGHTS] == MOST_WAITING, within=30)
    # A later reaction of another kind is not accepted either.
    bot.local.reactions.react(message, bot.local.person("Ada").user, "🎲")
    await asyncio.sleep(0.05)
    assert sleeping[SECOND_THOUGHTS] == MOST_WAITING


async def test_where_it_may_not_react_the_buttons_remain_and_nothing_is_asked(
    bot: Bot, grace: Person
) -> None:
    world = bot.local.world
    me = world.guild.members[world.bot.id]
    world.set_overwrite(world.channel("general"), me, deny=Permission.ADD_REACTIONS)
    bot.local.tell_channel(world.channel("general"))
    await until(lambda: not _may_react(bot))
    message = await result(bot)
    await grace.press(message, "🔁")
    await until(lambda: bot.intake.submissions)
    assert bot.local.count("PUT", REACTION) == 0


def _may_react(bot: Bot) -> bool:
    [guild] = bot.client.guilds
    channel = next(one for one in guild.text_channels if one.name == "general")
    return channel.permissions_for(guild.me).add_reactions


async def test_a_refused_reaction_is_not_asked_for_twice(bot: Bot) -> None:
    refused = {"message": "Missing Permissions", "code": 50013}
    bot.local.faults.add(Fault("PUT", REACTION, status=403, body=refused, times=5))
    message = await result(bot)
    await until(lambda: bot.local.count("PUT", REACTION))
    task = replace(parent(bot), place=replace(parent(bot).place, message_id=message.id))
    await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    await until(lambda: bot.local.count("PUT", REACTION) == 2)
    assert message.reactions == {}
