"""The world changes while a video is made: each change has its outcome."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import discord
import pytest

from bot.domain.delivery import DeliveryMethod, Posted, Told
from bot.domain.task import State, Task
from bot.errors import DeliveryRefused
from cogs.rerolls import SECOND_THOUGHTS
from sandbox.discord import Channel, Message, Permission, Person, Upload
from tests.cogs.results.delivered_video import (
    LivelyClock,
    begins_to_react,
    clock_of,
    invited,
    parent,
    reacts,
    replies,
    result,
    words,
)
from tests.factories import make_picture
from tests.ui.client_fixture import CALLBACK, Bot, connected_bot, until

PNG = make_picture("PNG")


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with connected_bot(tmp_path, clock=LivelyClock()) as running:
        yield running


def thread(bot: Bot) -> Channel:
    """Add a thread in #general that the bot knows."""
    world = bot.local.world
    made = world.add_thread(world.channel("general"), "side talk", owner=world.user("Ada"))
    bot.local.tell_channel(made, new=True)
    return made


async def asked(bot: Bot, channel: Channel) -> tuple[Task, Message]:
    """Send Ada's `/animate` in a channel, and return the rendered task and its message."""
    picture = Upload("photo.png", PNG)
    ada = bot.local.person("Ada")
    message = (await ada.command("animate", channel=channel, image=picture, prompt="waves")).message
    assert message is not None
    await until(lambda: "Queued" in message.text, "queued")
    # The interaction's token has expired by now, so only what always works is left.
    bot.clock.skip(minutes=16)
    task = await bot.rendered()
    return replace(task, request=replace(task.request, frame=bot.frame())), message


async def climb(bot: Bot, task: Task) -> tuple[DeliveryMethod, Posted]:
    """Try the delivery methods in order, and return the one that worked.

    Raises:
        DeliveryRefused: None of them worked.
    """
    for method in DeliveryMethod:
        try:
            return method, await bot.messenger.deliver(task, method, bot.video(), search=False)
        except DeliveryRefused:
            continue
    raise DeliveryRefused("every rung")


def deny(bot: Bot, channel: Channel, denied: Permission) -> None:
    """Take permissions in a channel away from the bot, and notify it."""
    world = bot.local.world
    world.set_overwrite(channel, world.guild.members[world.bot.id], deny=int(denied))
    bot.local.tell_channel(channel)


def held(bot: Bot, channel: Channel) -> discord.Permissions:
    """Return the permissions that the bot believes to have in a channel."""
    guild = bot.client.get_guild(channel.guild_id or 0)
    known = guild.get_channel(channel.id) if guild else None
    assert guild is not None
    assert known is not None
    return known.permissions_for(guild.me)


def refused(bot: Bot, since: int) -> int:
    """Count the requests that Discord refused; it blocks bots that send too many of them."""
    return sum(400 <= one.status < 500 for one in bot.local.requests[since:])


# --- where the video goes instead -------------------------------------------------------------


def _leave_server(bot: Bot, channel: Channel) -> None:
    """Ada can still be written to: there is another server with her and the bot."""
    world = bot.local.world
    world.add_member(world.add_guild("Elsewhere", owner=world.user("Olive")), world.user("Ada"))
    bot.local.tell_guild_gone(world.guilds[channel.guild_id or 0])


def _delete_channel(bot: Bot, channel: Channel) -> None:
    bot.local.tell_channel_gone(channel)


def _hide_channel(bot: Bot, channel: Channel) -> None:
    deny(bot, channel, Permission.VIEW_CHANNEL)


Change = Callable[[Bot, Channel], None]
OUT_OF_REACH: dict[str, Change] = {
    "the bot is removed from the server": _leave_server,
    "the channel is deleted": _delete_channel,
    "the channel is hidden from the bot": _hide_channel,
}


@pytest.mark.parametrize("case", OUT_OF_REACH)
async def test_a_video_whose_place_is_gone_goes_to_its_person(case: str, bot: Bot) -> None:
    channel = bot.local.world.channel("general")
    task, _ = await asked(bot, channel)
    OUT_OF_REACH[case](bot, channel)
    since = len(bot.local.requests)
    method, _ = await climb(bot, task)
    assert method is DeliveryMethod.DIRECT
    [direct] = bot.local.person("Ada").direct_messages()
    assert direct.files
    # Each of three methods is tried once, and so is the note that the video went elsewhere.
    assert refused(bot, since) == 4


async def test_a_video_of_the_only_server_shared_reaches_nobody_for_now(bot: Bot) -> None:
    task, _ = await asked(bot, bot.local.world.channel("general"))
    bot.local.tell_guild_gone(bot.local.world.guild)
    with pytest.raises(DeliveryRefused):
        await climb(bot, task)
    failed = bot.becomes(task, state=State.FAILED, cost=None)
    assert await bot.messenger.tell_ended(failed) is Told.NOWHERE
    assert bot.local.person("Ada").direct_messages() == []


@pytest.mark.parametrize("case", OUT_OF_REACH)
async def test_a_failure_is_told_directly_or_else_at_the_next_command(case: str, bot: Bot) -> None:
    channel = bot.local.world.channel("general")
    task, _ = await asked(bot, channel)
    OUT_OF_REACH[case](bot, channel)
    ada = bot.local.person("Ada")
    failed = bot.becomes(task, state=State.FAILED, cost=None)
    assert await bot.messenger.tell_ended(failed) is Told.DELIVERED
    [direct] = ada.direct_messages()
    assert "Nothing was charged" in direct.text
    ada.user.accepts_direct_messages = False
    assert await bot.messenger.tell_ended(failed) is Told.NOWHERE


async def test_a_deleted_thread_is_like_a_deleted_channel(bot: Bot) -> None:
    place = thread(bot)
    task, _ = await asked(bot, place)
    bot.local.tell_channel_gone(place)
    method, _ = await climb(bot, task)
    assert method is DeliveryMethod.DIRECT


async def test_writing_opens_an_archived_thread_again(bot: Bot) -> None:
    place = thread(bot)
    task, message = await asked(bot, place)
    place.archived = True
    bot.local.tell_channel(place)
    method, posted = await climb(bot, task)
    assert method is DeliveryMethod.POST
    assert not place.archived
    # The old message shows nothing any more.
    assert message.deleted
    assert posted.channel_id == place.id


async def test_a_locked_thread_sends_it_to_its_person(bot: Bot) -> None:
    place = thread(bot)
    task, _ = await asked(bot, place)
    place.archived = place.locked = True
    bot.local.tell_channel(place)
    method, _ = await climb(bot, task)
    assert method is DeliveryMethod.DIRECT


async def test_without_attach_files_the_link_comes_alone(bot: Bot) -> None:
    channel = bot.local.world.channel("general")
    task, message = await asked(bot, channel)
    deny(bot, channel, Permission.ATTACH_FILES)
    method, posted = await climb(bot, task)
    assert (method, posted.message_id) == (DeliveryMethod.LINK, message.id)
    assert message.files == []
    assert "Discord didn't let me post the video here" in message.text


async def test_without_add_reactions_the_buttons_remain(bot: Bot) -> None:
    channel = bot.local.world.channel("general")
    task, message = await asked(bot, channel)
    deny(bot, channel, Permission.ADD_REACTIONS)
    await until(lambda: not held(bot, channel).add_reactions)
    since = len(bot.local.requests)
    await climb(bot, task)
    assert len(message.buttons) == 5
    assert refused(bot, since) == 0


async def test_an_age_restricted_result_reaches_nobody_else_when_its_place_is_gone(
    bot: Bot,
) -> None:
    channel = bot.local.world.channel("general")
    task, _ = await asked(bot, channel)
    task = replace(task, place=replace(task.place, age_restricted=True))
    bot.local.tell_channel_gone(channel)
    with pytest.raises(DeliveryRefused):
        await climb(bot, task)
    assert bot.local.person("Ada").direct_messages() == []


# --- people and results ---------------------------------------------------------------------


def leave(bot: Bot, person: Person) -> None:
    """Let a member leave the server."""
    del bot.local.world.guild.members[person.id]


async def test_the_video_of_a_member_who_left_is_delivered_anyway(bot: Bot) -> None:
    task, message = await asked(bot, bot.local.world.channel("general"))
    leave(bot, bot.local.person("Ada"))
    method, _ = await climb(bot, task)
    assert method is DeliveryMethod.EDIT
    assert message.files


async def test_others_reroll_the_video_of_a_member_who_left(bot: Bot) -> None:
    grace, message = bot.local.person("Grace"), await result(bot)
    leave(bot, bot.local.person("Ada"))
    await reacts(bot, grace, message, "🔁")
    [submission] = await until(lambda: bot.intake.submissions)
    assert (submission.person.id, submission.parent_id) == (grace.id, parent(bot).id)


async def test_the_reroll_of_a_result_that_was_deleted_by_hand_stands_alone(bot: Bot) -> None:
    grace, message = bot.local.person("Grace"), await result(bot)
    shown = await grace.press(message, "✏️")
    await bot.local.person("Olive").delete(message)
    sent = await grace.submit_modal(shown, {})
    [submission] = await until(lambda: bot.intake.submissions)
    assert submission.parent_id == parent(bot).id
    assert sent.message is not None
    assert "Making your changed version" in words(sent) or "Queued" in words(sent)


async def test_a_reroll_whose_channel_was_deleted_meanwhile_makes_nothing(bot: Bot) -> None:
    grace, message = bot.local.person("Grace"), await invited(bot)
    await begins_to_react(bot, grace, message, "🔁")
    bot.local.tell_channel_gone(bot.local.world.channel("general"))
    await until(lambda: not bot.client.get_channel(message.channel_id))
    since = len(bot.local.requests)
    bot.clock.skip(seconds=SECOND_THOUGHTS)
    await until(lambda: not clock_of(bot).sleeping[SECOND_THOUGHTS])
    # This reaction came later and has been answered, so the first one has been handled too.
    await grace.command("help", channel="no-files")
    assert [one.route for one in bot.local.requests[since:]] == [CALLBACK]
    assert bot.intake.submissions == []


async def test_a_permission_taken_away_is_named_before_a_reroll_costs_anything(bot: Bot) -> None:
    grace, message = bot.local.person("Grace"), await result(bot)
    channel = bot.local.world.channel("general")
    deny(bot, channel, Permission.ATTACH_FILES)
    await until(lambda: not held(bot, channel).attach_files)
    await reacts(bot, grace, message, "🔁")
    [told] = await until(lambda: replies(bot, message))
    assert "**Attach Files**" in told.text
    assert bot.intake.submissions == []
