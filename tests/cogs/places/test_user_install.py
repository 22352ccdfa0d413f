"""Where only a person installed the bot: by token while that is valid, then directly, or later."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.delivery import Delivery, DeliveryMethod, Told
from bot.domain.task import Failure, FailureKind, State, Task
from bot.errors import DeliveryRefused
from bot.ui.results import cards
from sandbox.discord import Channel, Fault, Message, Permission, Person, Upload
from tests.cogs.places.user_install_places import PNG, animate, group, server, told
from tests.cogs.results.delivered_video import deletes
from tests.ui.client_fixture import ORIGINAL, Bot, until

METHODS = (DeliveryMethod.EDIT, DeliveryMethod.POST, DeliveryMethod.LINK)


@pytest.fixture
def ada(bot: Bot) -> Person:
    ada = bot.local.person("Ada")
    ada.user.has_installed = True
    return ada


@pytest.fixture
def grace(bot: Bot) -> Person:
    return bot.local.person("Grace")


async def asked(bot: Bot, ada: Person, channel: Channel) -> tuple[Task, Message]:
    """Send `/animate`, and return the rendered task and the answer."""
    message = (await animate(ada, channel)).message
    assert message is not None
    await until(lambda: "Queued" in message.text, "queued")
    return await bot.rendered(), message


async def delivered(bot: Bot, ada: Person, channel: Channel) -> tuple[Task, Message]:
    """Send `/animate`, deliver the video, and return the task and the answer."""
    task, message = await asked(bot, ada, channel)
    posted = await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    assert posted.message_id == message.id
    done = replace(task, result_channel_id=channel.id, result_message_id=message.id)
    bot.store.tasks[task.id] = done
    return done, message


def in_channel(bot: Bot, channel: Channel) -> list[str]:
    """Return the requests to a channel's routes, which the bot may not use there."""
    return [one.path for one in bot.local.requests if f"/channels/{channel.id}" in one.path]


def deny_animate(bot: Bot, guild_id: int, person: Person) -> None:
    """Take `/animate` away from a member of a server."""
    registered = bot.local.commands.all(None)
    command_id = next(int(one["id"]) for one in registered if one["name"] == "animate")
    entry = {"id": str(person.id), "type": 2, "permission": False}
    bot.local.world.command_permissions[guild_id, command_id] = [entry]


def refusals(bot: Bot) -> list[str]:
    """Return the requests that Discord refused; it blocks bots that send too many of them."""
    return [f"{one.route} {one.status}" for one in bot.local.requests if one.status >= 400]


# --- while the token is valid -------------------------------------------------------------


@pytest.mark.parametrize("where", [server, group])
async def test_the_answer_becomes_the_video_by_its_token_alone(
    where: Any, bot: Bot, ada: Person, grace: Person
) -> None:
    channel = where(bot, ada, grace)
    task, message = await asked(bot, ada, channel)
    assert "this message stops changing after 14 minutes" in message.text
    await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    await bot.messenger.announce(replace(task, result_channel_id=1, result_message_id=1))
    assert message.files
    assert "buttons work, reactions don't" in message.text
    # Everybody in that place sees it, and no request was made that Discord would refuse.
    assert message in grace.sees(channel)
    assert in_channel(bot, channel) == []
    assert refusals(bot) == []


async def test_no_rule_of_that_server_counts_and_the_link_leads_there(
    bot: Bot, ada: Person
) -> None:
    channel = server(bot, ada)
    task, message = await delivered(bot, ada, channel)
    assert task.place.guild_id is None
    assert not task.place.reachable
    assert (cards.link_to(task) or "").endswith(f"/{channel.guild_id}/{channel.id}/{message.id}")


async def test_a_server_that_the_gateway_has_not_announced_yet_keeps_its_rules(
    bot: Bot, ada: Person
) -> None:
    world = bot.local.world
    # The bot has joined, and the event that says so is still on its way.
    guild = world.add_guild("Just joined", owner=world.user("Olive"))
    world.add_member(guild, ada.user)
    channel = world.add_channel(guild, "new")
    assert bot.client.get_guild(guild.id) is None
    task, message = await asked(bot, ada, channel)
    assert task.place.guild_id == guild.id
    # Somebody from whom the server took the command cannot go around it by a button.
    done = replace(task, result_channel_id=channel.id, result_message_id=message.id)
    bot.store.tasks[task.id] = done
    await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    deny_animate(bot, guild.id, ada)
    await ada.press(message, "🔁")
    await until(lambda: told(ada, channel), "refused")
    assert "doesn't let you use" in told(ada, channel)[-1]
    assert len(bot.intake.submissions) == 1


async def test_a_message_from_before_the_bot_joined_has_buttons_under_the_rules_of_now(
    bot: Bot, ada: Person, grace: Person
) -> None:
    channel = server(bot, ada, grace)
    _, message = await delivered(bot, ada, channel)
    world = bot.local.world
    guild = world.guilds[channel.guild_id or 0]
    world.add_member(guild, world.bot)
    bot.local.tell_guild(guild)
    await until(lambda: bot.client.get_guild(guild.id), "announced")
    await grace.press(message, "🔁")
    [_, submission] = await until(lambda: bot.intake.submissions[1:] and bot.intake.submissions)
    assert submission.place.guild_id == guild.id


async def test_where_a_server_hides_peoples_own_apps_it_comes_to_them_alone(
    bot: Bot, ada: Person, grace: Person
) -> None:
    channel = server(bot, ada, grace)
    everyone = bot.local.world.guilds[channel.guild_id or 0].roles[channel.guild_id or 0]
    everyone.permissions &= ~Permission.USE_EXTERNAL_APPS
    _, message = await delivered(bot, ada, channel)
    assert message.ephemeral
    assert message.files
    assert message not in grace.sees(channel)


async def test_where_files_are_forbidden_meanwhile_the_link_comes_by_the_token(
    bot: Bot, ada: Person
) -> None:
    channel = server(bot, ada)
    task, message = await asked(bot, ada, channel)
    task = replace(task, request=replace(task.request, frame=bot.frame()))
    guild = bot.local.world.guilds[channel.guild_id or 0]
    guild.roles[guild.id].permissions &= ~Permission.ATTACH_FILES
    for method in (DeliveryMethod.EDIT, DeliveryMethod.POST):
        with pytest.raises(DeliveryRefused):
            await bot.messenger.deliver(task, method, bot.video(), search=False)
    await bot.messenger.deliver(task, DeliveryMethod.LINK, bot.video(), search=False)
    assert "Discord didn't let me post the video here" in message.text
    assert in_channel(bot, channel) == []


async def test_others_make_it_again_by_the_buttons_and_its_person_deletes_it(
    bot: Bot, ada: Person, grace: Person
) -> None:
    channel = group(bot, ada, grace)
    task, message = await delivered(bot, ada, channel)
    shown = await grace.press(message, "🔁")
    again = shown.message
    assert again is not None
    assert again.reply_to == message.id
    [_, submission] = await until(lambda: bot.intake.submissions[1:] and bot.intake.submissions)
    assert (submission.person.id, submission.parent_id) == (grace.id, task.id)
    await deletes(ada, message)
    await until(lambda: message.deleted and told(ada, channel), "deleted, and said so")
    assert in_channel(bot, channel) == []
    assert refusals(bot) == []


async def test_the_menu_of_a_message_and_the_forms_work_there(
    bot: Bot, ada: Person, grace: Person
) -> None:
    channel = group(bot, ada, grace)
    picture = await grace.say(channel, "look", Upload("photo.png", PNG))
    form = await ada.menu("Animate", picture)
    message = (await ada.submit_modal(form, {"prompt": "the moon rises"})).message
    [first] = await until(lambda: bot.intake.submissions)
    assert (first.person.id, first.options.prompt) == (ada.id, "the moon rises")
    assert message is not None
    await until(lambda: "Queued" in message.text)
    await bot.messenger.deliver(
        await bot.rendered(), DeliveryMethod.EDIT, bot.video(), search=False
    )
    await grace.submit_modal(await grace.press(message, "✏️"), {"prompt": "the tide goes out"})
    await until(lambda: bot.intake.submissions[1:])
    changed = bot.intake.submissions[1]
    assert (changed.person.id, changed.options.prompt) == (grace.id, "the tide goes out")
    assert in_channel(bot, channel) == []
    assert refusals(bot) == []


async def test_a_failure_is_told_its_person_alone_and_the_answer_says_it_is_over(
    bot: Bot, ada: Person
) -> None:
    channel = group(bot, ada)
    task, message = await asked(bot, ada, channel)
    failure = Failure(kind=FailureKind.GENERATION)
    failed = bot.becomes(task, state=State.FAILED, failure=failure, cost=None)
    assert await bot.messenger.tell_ended(failed) is Told.DELIVERED
    assert "No video for" in message.text
    [words] = told(ada, channel)
    assert "Trying again often helps" in words


# --- after the token has expired ----------------------------------------------------------


async def test_where_another_process_works_on_it_the_answer_is_brought_up_to_date_here(
    bot: Bot, ada: Person
) -> None:
    bot.intake.owner = None
    _, message = await asked(bot, ada, group(bot, ada))
    assert "Still stuck after a minute" not in message.text


async def test_after_the_token_expires_nothing_is_tried_there_and_the_video_comes_directly(
    bot: Bot, ada: Person
) -> None:
    channel = server(bot, ada)
    task, _ = await asked(bot, ada, channel)
    bot.clock.skip(minutes=14, seconds=1)
    before = len(bot.local.requests)
    await bot.messenger.show(bot.becomes(task, state=State.RUNNING, progress=0.5))
    for method in METHODS:
        with pytest.raises(DeliveryRefused):
            await bot.messenger.deliver(task, method, bot.video(), search=True)
    assert [one.route for one in bot.local.requests[before:]] == []
    await bot.messenger.deliver(task, DeliveryMethod.DIRECT, bot.video(), search=False)
    [direct] = ada.direct_messages()
    assert direct.files
    assert "reactions don't" not in direct.text
    assert refusals(bot) == []


async def test_a_token_that_discord_no_longer_takes_is_not_tried_again(
    bot: Bot, ada: Person
) -> None:
    task, _ = await asked(bot, ada, group(bot, ada))
    over = {"message": "Invalid Webhook Token", "code": 50027}
    fault = bot.local.faults.add(Fault("PATCH", ORIGINAL, status=401, body=over, times=9))
    for method in METHODS:
        with pytest.raises(DeliveryRefused):
            await bot.messenger.deliver(task, method, bot.video(), search=False)
    assert fault.hits == 1


async def test_a_notice_that_reaches_nobody_is_shown_once_at_the_next_command(
    bot: Bot, ada: Person, grace: Person
) -> None:
    task, _ = await asked(bot, ada, group(bot, ada))
    bot.clock.skip(minutes=20)
    ada.user.accepts_direct_messages = False
    tried = Delivery(method=DeliveryMethod.DIRECT, attempts=1)
    ended = bot.becomes(task, state=State.UNDELIVERED, delivery=tried)
    assert await bot.messenger.tell_ended(ended) is Told.NOWHERE
    bot.store.tasks[task.id] = replace(ended, notice_pending=True)

    await grace.command("help")
    assert not any("couldn't tell you" in words for words in told(grace, "general"))
    await ada.command("help")
    words = await until(lambda: told(ada, "general")[1:])
    assert "> waves" in words[0]
    assert "sends it again" in words[0]
    await ada.command("help")
    assert len(told(ada, "general")) == 3
