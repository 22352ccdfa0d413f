"""`/privacy pictures`: somebody's pictures and videos are theirs alone, by every entry point."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.task import EntryPoint
from bot.ui.access.install_context import InstallContext
from sandbox.discord import Channel, Message, Person, Upload
from tests.cogs.moderation.moderation_helpers import answer
from tests.cogs.places.user_install_places import server
from tests.cogs.results.delivered_video import (
    TASK_ID,
    LivelyClock,
    parent,
    reacts,
    refused,
    replies,
    result,
)
from tests.factories import make_picture
from tests.ui.client_fixture import Bot, connected_bot, until

THEIRS = "somebody else's picture or video"


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    places = InstallContext(user_install=True)
    async with connected_bot(tmp_path, clock=LivelyClock(), places=places) as running:
        yield running


async def posted(person: Person, channel: str | Channel = "general") -> Message:
    return await person.say(channel, "look", Upload("photo.png", make_picture("PNG")))


async def test_with_nobody_a_picture_is_animated_by_its_author_alone(
    bot: Bot, ada: Person, grace: Person
) -> None:
    message = await posted(ada)
    opened = await grace.menu("Animate", message)
    assert "nobody but you" in await answer(ada, "privacy pictures", mine="nobody")
    # Forms that are open by then are refused as well, and what was typed comes back.
    told = refused(await grace.submit_modal(opened, {"prompt": "waves roll in"}))
    assert THEIRS in told
    assert "> waves roll in" in told
    assert THEIRS in refused(await grace.menu("Animate", message))
    assert bot.intake.pictures == []
    await ada.submit_modal(await ada.menu("Animate", message), {"prompt": "x"})
    [submission] = await until(lambda: bot.intake.submissions)
    assert submission.person.id == ada.id
    assert "everyone can animate" in await answer(ada, "privacy pictures", mine="everyone")
    await grace.submit_modal(await grace.menu("Animate", message), {"prompt": "x"})
    await until(lambda: len(bot.intake.submissions) == 2)


async def test_it_holds_in_other_servers_and_where_only_a_person_added_the_bot(
    bot: Bot, ada: Person, grace: Person
) -> None:
    await answer(ada, "privacy pictures", mine="nobody")
    grace.user.has_installed = True
    message = await posted(ada, server(bot, ada, grace))
    assert THEIRS in refused(await grace.menu("Animate", message))
    channel = joined_server(bot, ada, grace)
    assert THEIRS in refused(await grace.menu("Animate", await posted(ada, channel)))
    assert (await ada.menu("Animate", await posted(ada, channel))).modal is not None


def joined_server(bot: Bot, *people: Person) -> Channel:
    """Return a channel of a second server that the bot is in."""
    world = bot.local.world
    guild = world.add_guild("Second", owner=world.user("Olive"))
    for person in people:
        world.add_member(guild, person.user)
    channel = world.add_channel(guild, "second")
    bot.local.tell_guild(guild)
    return channel


@pytest.mark.parametrize("button", ["🔁", "🎲", "✏️"])
async def test_with_nobody_ones_results_are_made_again_by_oneself_alone(
    button: str, bot: Bot, ada: Person, grace: Person
) -> None:
    message = await result(bot)
    await answer(ada, "privacy pictures", mine="nobody")
    assert THEIRS in refused(await grace.press(message, button))
    assert bot.intake.submissions == []
    shown = await ada.press(message, button)
    if button == "✏️":
        await ada.submit_modal(shown, {})
    [submission] = await until(lambda: bot.intake.submissions)
    assert submission.person.id == ada.id


async def test_a_form_that_was_open_before_is_refused(bot: Bot, ada: Person, grace: Person) -> None:
    message = await result(bot)
    opened = await grace.press(message, "✏️")
    await answer(ada, "privacy pictures", mine="nobody")
    assert THEIRS in refused(await grace.submit_modal(opened, {"prompt": "fog"}))
    assert bot.intake.submissions == []


@pytest.mark.parametrize("emoji", ["🔁", "🎲"])
async def test_reactions_obey_as_well(emoji: str, bot: Bot, ada: Person, grace: Person) -> None:
    message = await result(bot)
    await answer(ada, "privacy pictures", mine="nobody")
    await reacts(bot, grace, message, emoji)
    [notice] = await until(lambda: replies(bot, message), "the refusal")
    assert THEIRS in notice.text
    assert bot.intake.submissions == []


@pytest.mark.parametrize("who", ["Grace", "Mona"])
async def test_a_video_of_somebodys_picture_is_not_made_again(
    who: str, bot: Bot, ada: Person
) -> None:
    """Mona made it from a picture of Ada's, who keeps others from it only afterwards."""
    message = await result(bot)
    mona = bot.local.person("Mona")
    theirs = replace(
        parent(bot),
        person=replace(parent(bot).person, id=mona.id),
        picture_owner_id=ada.id,
    )
    bot.store.tasks[TASK_ID] = theirs
    await answer(ada, "privacy pictures", mine="nobody")
    assert THEIRS in refused(await bot.local.person(who).press(message, "🔁"))


async def test_each_video_knows_whose_picture_it_was_made_from(
    bot: Bot, ada: Person, grace: Person
) -> None:
    await ada.command("animate", image=Upload("a.png", make_picture("PNG")), prompt="x")
    own = (await until(lambda: bot.intake.submissions))[-1]
    assert (own.entry_point, own.picture_owner_id) == (EntryPoint.SLASH, ada.id)
    await grace.submit_modal(await grace.menu("Animate", await posted(ada)), {"prompt": "x"})
    await until(lambda: len(bot.intake.submissions) == 2)
    assert bot.intake.submissions[-1].picture_owner_id == ada.id
    message = await posted(ada)
    message.application_id = 5  # a webhook's
    await grace.submit_modal(await grace.menu("Animate", message), {"prompt": "x"})
    await until(lambda: len(bot.intake.submissions) == 3)
    assert bot.intake.submissions[-1].picture_owner_id is None


async def test_the_frame_in_a_result_belongs_to_whoever_asked_for_it(
    bot: Bot, ada: Person, grace: Person
) -> None:
    message = await result(bot)
    picture = (await posted(ada)).files[0]
    message.embeds = [
        {
            "type": "image",
            "image": {"url": "http://127.0.0.1:1/x.png", "proxy_url": bot.local.files.url(picture)},
        }
    ]
    await answer(ada, "privacy pictures", mine="nobody")
    assert THEIRS in refused(await grace.menu("Animate", message))
    assert (await ada.menu("Animate", message)).modal is not None
