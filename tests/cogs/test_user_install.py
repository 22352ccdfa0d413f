"""Where only a person installed the bot: by the token while it lives, else directly, else later."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.task import Delivery, Failure, FailureKind, Rung, State, Task
from bot.errors import RungRefused
from bot.services.ports import Told
from bot.ui import cards
from bot.ui.places import Places
from sandbox.discord import Channel, Fault, Interaction, Message, Permission, Person, Upload
from tests.factories import make_picture
from tests.ui.connected import ORIGINAL, Bot, connected, until

PNG = make_picture("PNG")
RUNGS = (Rung.EDIT, Rung.POST, Rung.LINK)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with connected(tmp_path, places=Places(user_install=True)) as running:
        yield running


@pytest.fixture
def ada(bot: Bot) -> Person:
    ada = bot.local.person("Ada")
    ada.user.has_installed = True
    return ada


@pytest.fixture
def grace(bot: Bot) -> Person:
    return bot.local.person("Grace")


def server(bot: Bot, *people: Person) -> Channel:
    """A channel of a server that the bot is not in."""
    world = bot.local.world
    guild = world.add_guild("Elsewhere", owner=world.user("Olive"), with_bot=False)
    for person in people:
        world.add_member(guild, person.user)
    return world.add_channel(guild, "elsewhere")


def group(bot: Bot, *people: Person) -> Channel:
    return bot.local.world.add_group("friends", *(person.user for person in people))


async def animate(person: Person, channel: Channel | str, **more: Any) -> Interaction:
    picture = Upload("photo.png", PNG)
    return await person.command("animate", channel=channel, image=picture, prompt="waves", **more)


async def asked(bot: Bot, ada: Person, channel: Channel) -> tuple[Task, Message]:
    """`/animate` was used there: the rendered task, and the answer."""
    message = (await animate(ada, channel)).message
    assert message is not None
    await until(lambda: "Queued" in message.text, "queued")
    return await bot.rendered(), message


async def delivered(bot: Bot, ada: Person, channel: Channel) -> tuple[Task, Message]:
    """The same, with its video."""
    task, message = await asked(bot, ada, channel)
    posted = await bot.messenger.deliver(task, Rung.EDIT, bot.video(), search=False)
    assert posted.message_id == message.id
    done = replace(task, result_channel_id=channel.id, result_message_id=message.id)
    bot.store.tasks[task.id] = done
    return done, message


def in_channel(bot: Bot, channel: Channel) -> list[str]:
    """Requests to the routes of a channel, which are not for the bot there."""
    return [one.path for one in bot.local.requests if f"/channels/{channel.id}" in one.path]


def refusals(bot: Bot) -> list[str]:
    """Requests that Discord refused: too many of them, and it locks a bot out."""
    return [f"{one.route} {one.status}" for one in bot.local.requests if one.status >= 400]


def told(person: Person, channel: Channel | str) -> list[str]:
    """What only this person reads there."""
    return [seen.text for seen in person.sees(channel) if seen.ephemeral]


# --- while the token lives ----------------------------------------------------------------


@pytest.mark.parametrize("where", [server, group])
async def test_the_answer_becomes_the_video_by_its_token_alone(
    where: Any, bot: Bot, ada: Person, grace: Person
) -> None:
    channel = where(bot, ada, grace)
    task, message = await asked(bot, ada, channel)
    assert "nothing changes here after 15 minutes" in message.text
    await bot.messenger.deliver(task, Rung.EDIT, bot.video(), search=False)
    await bot.messenger.announce(replace(task, result_channel_id=1, result_message_id=1))
    assert message.files
    assert "the buttons work, reactions do not" in message.text
    # Whoever is there sees it, and nothing was tried that Discord would refuse.
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
    await ada.press(message, "🗑️")
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
    await bot.messenger.deliver(await bot.rendered(), Rung.EDIT, bot.video(), search=False)
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
    failed = replace(task, state=State.FAILED, failure=failure, cost=None)
    assert await bot.messenger.tell_ended(failed) is Told.SAID
    assert "There will be no video" in message.text
    [words] = told(ada, channel)
    assert "Trying again often helps" in words


# --- after it -----------------------------------------------------------------------------


async def test_past_the_token_nothing_is_tried_there_and_the_video_goes_to_its_person(
    bot: Bot, ada: Person
) -> None:
    channel = server(bot, ada)
    task, _ = await asked(bot, ada, channel)
    bot.clock.skip(minutes=14, seconds=1)
    before = len(bot.local.requests)
    await bot.messenger.show(replace(task, state=State.RUNNING, progress=0.5))
    for rung in RUNGS:
        with pytest.raises(RungRefused):
            await bot.messenger.deliver(task, rung, bot.video(), search=True)
    assert [one.route for one in bot.local.requests[before:]] == []
    await bot.messenger.deliver(task, Rung.DIRECT, bot.video(), search=False)
    [direct] = ada.direct_messages()
    assert direct.files
    assert "reactions do not" not in direct.text
    assert refusals(bot) == []


async def test_a_token_that_discord_no_longer_takes_is_not_tried_again(
    bot: Bot, ada: Person
) -> None:
    task, _ = await asked(bot, ada, group(bot, ada))
    over = {"message": "Invalid Webhook Token", "code": 50027}
    fault = bot.local.faults.add(Fault("PATCH", ORIGINAL, status=401, body=over, times=9))
    for rung in RUNGS:
        with pytest.raises(RungRefused):
            await bot.messenger.deliver(task, rung, bot.video(), search=False)
    assert fault.hits == 1


async def test_what_can_be_said_nowhere_is_said_at_the_next_command_once(
    bot: Bot, ada: Person, grace: Person
) -> None:
    task, _ = await asked(bot, ada, group(bot, ada))
    bot.clock.skip(minutes=20)
    ada.user.accepts_direct_messages = False
    tried = Delivery(rung=Rung.DIRECT, attempts=1)
    ended = replace(task, state=State.UNDELIVERED, delivery=tried)
    assert await bot.messenger.tell_ended(ended) is Told.NOWHERE
    bot.store.tasks[task.id] = replace(ended, unsaid=True)

    await grace.command("help")
    assert not any("could not tell you" in words for words in told(grace, "general"))
    await ada.command("help")
    words = await until(lambda: told(ada, "general")[1:])
    assert "> waves" in words[0]
    assert "`/tasks` sends it again" in words[0]
    await ada.command("help")
    assert len(told(ada, "general")) == 3


# --- what is offered where ----------------------------------------------------------------

FOR_SERVERS = {"quota-admin show": "user", "settings show": "", "stats": ""}


@pytest.mark.parametrize("where", ["server", "group", "directly"])
async def test_a_server_s_commands_are_not_offered_where_the_bot_is_in_none(
    where: str, bot: Bot, ada: Person
) -> None:
    places: dict[str, Channel | str] = {
        "server": server(bot, ada),
        "group": group(bot, ada),
        "directly": "@me",
    }
    offered = ada.offered(places[where])
    assert offered == ["animate", "help", "privacy", "quota", "tasks"]


@pytest.mark.parametrize("name", FOR_SERVERS)
async def test_and_used_all_the_same_they_say_so(name: str, bot: Bot, ada: Person) -> None:
    channel = server(bot, ada)
    more: dict[str, Any] = {"user": ada.user} if FOR_SERVERS[name] else {}
    for place in (channel, "@me"):
        shown = await ada.command(name, channel=place, raw=True, **more)
        assert shown.ephemeral
        assert shown.message is not None
        assert "about a server that I am in" in shown.message.text


async def test_help_says_what_is_different_there(bot: Bot, ada: Person) -> None:
    shown = await ada.command("help", channel=group(bot, ada))
    assert shown.message is not None
    assert "What is different here" in shown.message.text
    assert "reactions and the note that a video is ready do not" in shown.message.text
    shown = await ada.command("help", channel="@me")
    assert shown.message is not None
    assert "between the two of us" in shown.message.text


async def test_quota_is_the_operator_s_default_there(bot: Bot, ada: Person) -> None:
    channel = server(bot, ada)
    await ada.command("quota", channel=channel)
    [words] = await until(lambda: [one for one in told(ada, channel) if "left" in one])
    assert "**5 videos left**" in words


async def test_it_is_refused_in_words_where_the_operator_does_not_offer_it(tmp_path: Path) -> None:
    async with connected(tmp_path) as bot:
        ada = bot.local.person("Ada")
        ada.user.has_installed = True
        channel = server(bot, ada)
        assert ada.offered(channel) == []
        shown = await animate(ada, channel, raw=True)
        assert shown.message is not None
        assert "I am not in this server" in shown.message.text
        assert bot.intake.submissions == []
