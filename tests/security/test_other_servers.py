"""Forged `custom_id`s reach nothing that their sender cannot see."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.delivery import DeliveryMethod
from bot.domain.task import Task
from bot.ui.access.install_context import InstallContext
from sandbox.discord import Channel, Message, Permission, Person, Upload
from tests.cogs.results.delivered_video import TASK_ID, refused, result, words
from tests.factories import make_picture
from tests.ui.client_fixture import Bot, connected_bot, until

SECRET = "what only they should read"
ELSEWHERE = 4711


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with connected_bot(tmp_path) as running:
        yield running


async def _of_another_server(bot: Bot) -> Message:
    """Post a message here whose buttons name a task in another server."""
    message = await result(bot)
    task: Task = bot.store.tasks[TASK_ID]
    options = replace(task.options, prompt=SECRET)
    bot.store.tasks[TASK_ID] = replace(
        task,
        place=replace(task.place, guild_id=ELSEWHERE),
        request=replace(task.request, options=options),
    )
    return message


@pytest.mark.parametrize("button", ["🔁", "🎲", "✏️", "ℹ️", "🗑️"])
async def test_buttons_for_another_servers_task_do_nothing_and_tell_nothing(
    button: str, bot: Bot
) -> None:
    message = await _of_another_server(bot)
    for name in ("Ada", "Mona"):
        shown = await bot.local.person(name).press(message, button)
        assert shown.modal is None
        assert "no longer have any record of this video" in refused(shown)
        assert SECRET not in refused(shown)
    assert bot.intake.submissions == []
    assert not message.deleted


async def test_a_form_for_another_servers_task_is_refused(bot: Bot) -> None:
    grace: Person = bot.local.person("Grace")
    opened = await grace.press(await result(bot), "✏️")
    await _of_another_server(bot)
    sent = await grace.submit_modal(opened, {"prompt": "mine now"})
    assert "no longer have any record of this video" in refused(sent)
    assert bot.intake.submissions == []


# --- another channel of the same server, and direct messages --------------------------------

BUTTONS = ["🔁", "🎲", "✏️", "ℹ️", "🗑️"]
UNKNOWN = "no longer have any record of this video"


async def _moved(bot: Bot, channel_id: int, *, age_restricted: bool = False) -> Message:
    """Post a message in #general whose buttons name a task of Ada's in another channel."""
    message = await result(bot)
    task: Task = bot.store.tasks[TASK_ID]
    options = replace(task.options, prompt=SECRET)
    bot.store.tasks[TASK_ID] = replace(
        task,
        place=replace(
            task.place, channel_id=channel_id, message_id=None, age_restricted=age_restricted
        ),
        request=replace(task.request, options=options),
        result_channel_id=channel_id,
    )
    return message


async def _channel(bot: Bot, *, hidden: bool = False) -> Channel:
    """Add a channel to the server, as the bot knows it."""
    world = bot.local.world
    channel = world.add_channel(world.guild, "elsewhere")
    if hidden:
        everyone = world.guild.roles[world.guild.id]
        world.set_overwrite(channel, everyone, deny=Permission.VIEW_CHANNEL)
    bot.local.tell_channel(channel, new=True)
    await until(lambda: bot.client.get_channel(channel.id), "the bot hears of the channel")
    return channel


@pytest.mark.parametrize("button", BUTTONS)
async def test_a_channel_that_is_closed_to_them_tells_nothing(button: str, bot: Bot) -> None:
    message = await _moved(bot, (await _channel(bot, hidden=True)).id)
    shown = await bot.local.person("Grace").press(message, button)
    assert shown.modal is None
    assert UNKNOWN in refused(shown)
    assert SECRET not in refused(shown)
    assert bot.intake.submissions == []
    assert not message.deleted


async def test_a_channel_that_they_may_read_tells_the_details(bot: Bot) -> None:
    message = await _moved(bot, (await _channel(bot)).id)
    assert SECRET in words(await bot.local.person("Grace").press(message, "ℹ️"))


@pytest.mark.parametrize("button", BUTTONS)
async def test_an_age_restricted_result_is_not_reached_from_elsewhere(
    button: str, bot: Bot
) -> None:
    message = await _moved(bot, (await _channel(bot)).id, age_restricted=True)
    shown = await bot.local.person("Ada").press(message, button)
    assert UNKNOWN in refused(shown)
    assert bot.intake.submissions == []


async def test_a_form_is_refused_where_its_channel_has_been_closed_meanwhile(bot: Bot) -> None:
    grace = bot.local.person("Grace")
    opened = await grace.press(await result(bot), "✏️")
    await _moved(bot, (await _channel(bot, hidden=True)).id)
    sent = await grace.submit_modal(opened, {"prompt": "mine now"})
    assert UNKNOWN in refused(sent)
    assert bot.intake.submissions == []


@pytest.mark.parametrize("button", ["🔁", "🎲", "✏️", "ℹ️"])
async def test_a_direct_message_reaches_ones_own_results_only(button: str, tmp_path: Path) -> None:
    async with connected_bot(tmp_path, places=InstallContext(user_install=True)) as bot:
        grace = bot.local.person("Grace")
        # Grace's client has written the id of Ada's result into a button of its own.
        direct = bot.local.world.direct_channel(grace.user)
        message = await result(bot)
        await bot.messenger.deliver(
            replace(
                bot.store.tasks[TASK_ID],
                person=replace(bot.store.tasks[TASK_ID].person, id=grace.id),
            ),
            DeliveryMethod.DIRECT,
            bot.video(),
            search=False,
        )
        [copy] = grace.direct_messages()
        assert copy.channel_id == direct.id != message.channel_id
        shown = await grace.press(copy, button)
        assert shown.modal is None
        assert UNKNOWN in refused(shown)
        assert bot.intake.submissions == []


# --- Apps › Animate obeys the permissions of /animate ---------------------------------------


def _forbid(bot: Bot, person: Person) -> None:
    """A moderator forbids somebody `/animate`; Apps › Animate keeps its permissions."""
    entries = [{"id": str(person.id), "type": 2, "permission": False}]
    registered = bot.local.commands.all(None)
    animate = next(int(one["id"]) for one in registered if one["name"] == "animate")
    bot.local.set_command_permissions(animate, entries, bot.local.world.guild)


async def test_the_menu_is_refused_where_the_command_is(bot: Bot) -> None:
    grace = bot.local.person("Grace")
    message = await grace.say("general", "", Upload("photo.png", make_picture("PNG")))
    _forbid(bot, grace)
    shown = await grace.menu("Animate", message)
    assert shown.modal is None
    assert "/animate" in refused(shown)


async def test_its_form_is_refused_where_the_command_has_been_taken_away_meanwhile(
    bot: Bot,
) -> None:
    grace = bot.local.person("Grace")
    message = await grace.say("general", "", Upload("photo.png", make_picture("PNG")))
    opened = await grace.menu("Animate", message)
    _forbid(bot, grace)
    sent = await grace.submit_modal(opened, {"prompt": "mine now"})
    assert "/animate" in refused(sent)
    assert "> mine now" in refused(sent)
    assert bot.intake.submissions == []


async def test_the_posted_file_names_no_task(bot: Bot) -> None:
    message = await result(bot)
    assert [TASK_ID in file.name for file in message.files] == [False]
