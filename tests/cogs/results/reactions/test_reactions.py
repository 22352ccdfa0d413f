"""Rerolls by reaction: three seconds to change one's mind, permissions, temporary replies."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.delivery import DeliveryMethod
from bot.domain.quotas.limits import Block
from bot.domain.quotas.quota import Denial, Reason
from bot.domain.task import EntryPoint
from bot.errors import AlreadyAgain, PlaceProblem, PlaceRefused, QuotaRefused
from bot.ui.access.install_context import InstallContext
from bot.ui.delivery.channel_notices import EVERY, STAYS
from cogs.rerolls import SECOND_THOUGHTS
from sandbox.discord import Message, Permission, Person
from tests.cogs.results.delivered_video import (
    OVER,
    TASK_ID,
    TYPING,
    LivelyClock,
    begins_to_react,
    clock_of,
    deletes,
    invited,
    parent,
    reacts,
    replies,
    result,
)
from tests.factories import NOON
from tests.ui.client_fixture import Bot, connected_bot, is_at_work, until


async def settles(bot: Bot, message: Message) -> None:
    """Wait until a later reaction has been carried out."""
    seen = len(bot.intake.submissions)
    await reacts(bot, bot.local.person("Mona"), message, "🔁")
    await until(lambda: len(bot.intake.submissions) > seen, "the later reaction is carried out")


async def test_the_bot_invites_with_both_and_does_not_answer_itself(bot: Bot) -> None:
    message = await invited(bot)
    bot.clock.skip(seconds=SECOND_THOUGHTS)
    await settles(bot, message)
    assert [one.person.name for one in bot.intake.submissions] == ["Mona"]


async def test_again_by_reaction_is_a_reply_with_the_same_seed_charged_to_who_reacted(
    bot: Bot, grace: Person
) -> None:
    message = await invited(bot)
    await reacts(bot, grace, message, "🔁")
    [submission] = await until(lambda: bot.intake.submissions)
    [answer] = replies(bot, message)
    assert "Making it again" in answer.text
    assert answer.mentions == []
    assert (submission.person.id, submission.person.name) == (grace.id, "Grace")
    assert (submission.entry_point, submission.parent_id) == (EntryPoint.REROLL, TASK_ID)
    assert submission.options == parent(bot).options
    assert submission.picture == parent(bot).request.frame
    place = submission.place
    assert (place.guild_id, place.channel_id) == (message.guild_id, message.channel_id)
    assert place.message_id == answer.id


async def test_another_seed_by_reaction(bot: Bot, grace: Person) -> None:
    message = await invited(bot)
    await reacts(bot, grace, message, "🎲")
    [submission] = await until(lambda: bot.intake.submissions)
    assert submission.entry_point is EntryPoint.NEW_SEED
    assert submission.options.seed != parent(bot).options.seed


def typing(bot: Bot, message: Message) -> bool:
    world = bot.local.world
    return world.bot.id in world.typing.ids(world.find_channel(message.channel_id))


@pytest.mark.parametrize("emoji", ["🔁", "🎲", "🗑️"])
async def test_a_reaction_is_acknowledged_at_once(emoji: str, bot: Bot, ada: Person) -> None:
    message = await invited(bot)
    assert not typing(bot, message)
    await ada.react(message, emoji)
    await until(lambda: typing(bot, message), "the bot types")
    assert clock_of(bot).sleeping[SECOND_THOUGHTS]
    assert bot.intake.submissions == []


async def test_where_it_may_not_write_it_does_not_type(bot: Bot, grace: Person) -> None:
    message = await invited(bot)
    world = bot.local.world
    me = world.guild.members[world.bot.id]
    world.set_overwrite(world.channel("general"), me, deny=Permission.SEND_MESSAGES)
    bot.local.tell_channel(world.channel("general"))
    await until(lambda: not may_write(bot), "the bot hears of it")
    await reacts(bot, grace, message, "🔁")
    await until(lambda: not is_at_work("Rerolls"))
    assert bot.local.count("POST", TYPING) == 0


def may_write(bot: Bot) -> bool:
    [guild] = bot.client.guilds
    channel = next(one for one in guild.text_channels if one.name == "general")
    return channel.permissions_for(guild.me).send_messages


async def test_a_reaction_taken_back_within_three_seconds_does_nothing(
    bot: Bot, grace: Person
) -> None:
    message = await invited(bot)
    await begins_to_react(bot, grace, message, "🔁")
    bot.clock.skip(seconds=SECOND_THOUGHTS - 0.5)
    await grace.unreact(message, "🔁")
    await until(lambda: not clock_of(bot).sleeping[SECOND_THOUGHTS], "the reroll to be canceled")
    await settles(bot, message)
    assert [one.person.name for one in bot.intake.submissions] == ["Mona"]


async def test_it_works_on_results_from_before_a_restart(
    bot: Bot, grace: Person, tmp_path: Path
) -> None:
    message = await invited(bot)
    tasks = bot.store.tasks
    await bot.client.close()
    async with connected_bot(tmp_path, local=bot.local, clock=LivelyClock()) as again:
        again.store.tasks = tasks
        await reacts(again, grace, message, "🔁")
        await until(lambda: again.intake.submissions)


async def test_other_bots_and_other_messages_are_left_alone(bot: Bot, ada: Person) -> None:
    message = await invited(bot)
    world = bot.local.world
    robot = world.add_member(world.guild, world.add_user("Robot", bot=True))
    bot.local.reactions.react(message, robot.user, "🔁")
    await ada.react(await ada.say("general", "hello"), "🔁")
    await ada.react(message, "👍")
    bot.clock.skip(seconds=SECOND_THOUGHTS)
    await settles(bot, message)
    assert [one.person.name for one in bot.intake.submissions] == ["Mona"]


# --- refusals -------------------------------------------------------------------------------


async def test_a_refusal_is_a_quiet_reply_that_goes_away(bot: Bot, grace: Person) -> None:
    message = await invited(bot)
    bot.intake.early = OVER
    await reacts(bot, grace, message, "🔁")
    [told] = await until(lambda: replies(bot, message))
    assert told.text.startswith(f"<@{grace.id}> You've reached your limit of 5 videos")
    assert told.mentions == []
    bot.clock.skip(seconds=STAYS)
    await until(lambda: told.deleted, "the reply to be deleted")
    assert bot.intake.submissions == []


async def test_the_channel_reads_only_of_channels_that_everyone_can_view(
    bot: Bot, grace: Person
) -> None:
    world = bot.local.world
    hidden = world.add_channel(world.guild, "hidden")
    everyone = world.guild.roles[world.guild.id]
    world.set_overwrite(hidden, everyone, deny=Permission.VIEW_CHANNEL)
    bot.local.tell_channel(hidden, new=True)
    message = await invited(bot)
    open_one = world.channel("no-files")
    bot.intake.early = PlaceRefused(
        PlaceProblem.CHANNEL_NOT_ALLOWED, allowed_channel_ids=frozenset({hidden.id, open_one.id})
    )
    await reacts(bot, grace, message, "🔁")
    [told] = await until(lambda: replies(bot, message))
    assert told.text.endswith(f"I can only be used in <#{open_one.id}>.")


async def test_why_somebody_is_blocked_is_not_told_to_the_channel(bot: Bot, grace: Person) -> None:
    message = await invited(bot)
    block = Block(by_id=1, at=NOON, reason="harassing people")
    bot.intake.early = QuotaRefused(
        Denial(reason=Reason.BLOCKED, limit=0, used=0, held=0, block=block)
    )
    await reacts(bot, grace, message, "🎲")
    [told] = await until(lambda: replies(bot, message))
    assert "harassing" not in told.text
    assert "`/quota` tells you why" in told.text
    shown = await grace.press(message, "🎲")
    assert shown.ephemeral
    assert shown.message is not None
    assert "harassing people" in shown.message.text


async def test_one_person_is_told_at_most_once_a_minute(
    bot: Bot, ada: Person, grace: Person
) -> None:
    message = await invited(bot)
    bot.intake.early = OVER
    await reacts(bot, grace, message, "🔁")
    await until(lambda: len(replies(bot, message)) == 1)
    await reacts(bot, grace, message, "🎲")
    await reacts(bot, ada, message, "🔁")
    await until(lambda: len(replies(bot, message)) == 2, "another person is told")
    named = [one.text.split()[0] for one in replies(bot, message)]
    assert named == [f"<@{grace.id}>", f"<@{ada.id}>"]
    bot.clock.skip(seconds=EVERY)
    await until(lambda: not replies(bot, message), "both replies to be deleted")
    await grace.unreact(message, "🔁")
    await reacts(bot, grace, message, "🔁")
    await until(lambda: replies(bot, message), "another refusal a minute later")


async def test_temporary_replies_are_deleted_when_the_bot_stops(bot: Bot, grace: Person) -> None:
    message = await invited(bot)
    bot.intake.early = OVER
    await reacts(bot, grace, message, "🔁")
    [told] = await until(lambda: replies(bot, message))
    await bot.client.close()
    assert told.deleted


async def test_refused_at_the_last_moment_its_message_goes_again(bot: Bot, grace: Person) -> None:
    message = await invited(bot)
    bot.intake.error = AlreadyAgain()
    await reacts(bot, grace, message, "🔁")
    [told] = await until(
        lambda: [one for one in replies(bot, message) if "already making" in one.text]
    )
    assert replies(bot, message) == [told]


async def test_reactions_obey_the_permissions_of_the_command(bot: Bot, grace: Person) -> None:
    message = await invited(bot)
    world = bot.local.world
    world.set_overwrite(
        world.channel("general"),
        world.guild.members[grace.id],
        deny=Permission.USE_APPLICATION_COMMANDS,
    )
    bot.local.tell_channel(world.channel("general"))
    await reacts(bot, grace, message, "🔁")
    [told] = await until(lambda: replies(bot, message))
    assert "doesn't let you use `/animate`" in told.text
    assert bot.intake.submissions == []


async def test_a_task_without_its_prompt_is_not_made_again(bot: Bot, grace: Person) -> None:
    message = await invited(bot)
    forgotten = replace(parent(bot).request, options=replace(parent(bot).options, prompt=""))
    bot.store.tasks[TASK_ID] = replace(parent(bot), request=forgotten)
    await reacts(bot, grace, message, "🔁")
    [told] = await until(lambda: replies(bot, message))
    assert "no longer have any record" in told.text


# --- deleting -------------------------------------------------------------------------------


@pytest.mark.parametrize("emoji", ["🗑️", "🗑"], ids=["with selector", "without"])
async def test_who_asked_deletes_by_reaction(emoji: str, bot: Bot, ada: Person) -> None:
    message = await invited(bot)
    await reacts(bot, ada, message, emoji)
    await until(lambda: message.deleted)
    await until(lambda: parent(bot).result_message_id is None)


async def test_a_stranger_does_not_delete_by_reaction_but_a_moderator_does(
    bot: Bot, grace: Person
) -> None:
    message = await invited(bot)
    await reacts(bot, grace, message, "🗑️")
    [told] = await until(lambda: replies(bot, message))
    assert "Only the person who asked" in told.text
    assert not message.deleted
    await reacts(bot, bot.local.person("Mona"), message, "🗑️")
    await until(lambda: message.deleted)


# --- direct messages --------------------------------------------------------------------------


async def directly(bot: Bot) -> Message:
    """Deliver Ada's video in a direct message."""
    message = await result(bot)
    task = parent(bot)
    posted = await bot.messenger.deliver(task, DeliveryMethod.DIRECT, bot.video(), search=False)
    bot.store.tasks[task.id] = replace(
        task, result_channel_id=posted.channel_id, result_message_id=posted.message_id
    )
    assert message.id != posted.message_id
    return bot.local.world.messages[posted.channel_id][posted.message_id]


async def test_in_a_direct_message_who_asked_deletes_but_makes_no_more(
    bot: Bot, ada: Person
) -> None:
    message = await directly(bot)
    await reacts(bot, ada, message, "🔁")
    [told] = await until(lambda: replies(bot, message))
    assert "I only make videos in servers" in told.text
    assert "Deleted. It still counts" in (await deletes(ada, message)).text
    assert message.deleted


async def test_in_a_direct_message_it_is_made_again_where_the_operator_allows_it(
    tmp_path: Path,
) -> None:
    places = InstallContext(user_install=True)
    async with connected_bot(tmp_path, clock=LivelyClock(), places=places) as bot:
        ada = bot.local.person("Ada")
        message = await directly(bot)
        await reacts(bot, ada, message, "🔁")
        [submission] = await until(lambda: bot.intake.submissions)
        assert (submission.person.id, submission.place.guild_id) == (ada.id, None)
        assert submission.place.channel_id == message.channel_id
