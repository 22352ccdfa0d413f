"""Where only a person installed the bot: by the token while it lives, else directly, else later."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.task import Rung, Task
from bot.ui.places import Places
from sandbox.discord import Channel, Interaction, Person, Upload
from tests.factories import make_picture
from tests.ui.connected import Bot, connected, until

PNG = make_picture("PNG")
CHANNEL = "/channels/{channel_id}"


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with connected(tmp_path, places=Places(user_install=True)) as running:
        yield running


@pytest.fixture
def ada(bot: Bot) -> Person:
    ada = bot.local.person("Ada")
    ada.user.has_installed = True
    return ada


def _server(bot: Bot, *people: Person) -> Channel:
    """A channel of a server that the bot is not in."""
    world = bot.local.world
    guild = world.add_guild("Elsewhere", owner=world.user("Olive"), with_bot=False)
    for person in people:
        world.add_member(guild, person.user)
    return world.add_channel(guild, "elsewhere")


def _group(bot: Bot, *people: Person) -> Channel:
    return bot.local.world.add_group("friends", *(person.user for person in people))


def _place(bot: Bot, where: str, *people: Person) -> Channel:
    return _server(bot, *people) if where == "server" else _group(bot, *people)


async def _animate(person: Person, channel: Channel | str, **more: Any) -> Interaction:
    picture = Upload("photo.png", PNG)
    return await person.command("animate", channel=channel, image=picture, prompt="waves", **more)


async def _asked(bot: Bot, ada: Person, channel: Channel) -> tuple[Task, Interaction]:
    """`/animate` was used there: the rendered task."""
    shown = await _animate(ada, channel)
    message = shown.message
    assert message is not None
    await until(lambda: "Queued" in message.text, "queued")
    return await bot.rendered(), shown


def _by_bot_token(bot: Bot, channel: Channel) -> list[str]:
    """Requests to the routes of a channel, which are not for the bot there."""
    path = f"/channels/{channel.id}"
    return [f"{one.method} {one.path}" for one in bot.local.requests if path in one.path]


@pytest.mark.parametrize("where", ["server", "group"])
async def test_the_answer_becomes_the_video_by_its_token_alone(
    where: str, bot: Bot, ada: Person
) -> None:
    channel = _place(bot, where, ada, bot.local.person("Grace"))
    task, shown = await _asked(bot, ada, channel)
    message = shown.message
    assert message is not None
    assert "nothing changes here after 15 minutes" in message.text
    posted = await bot.messenger.deliver(task, Rung.EDIT, bot.video(), search=False)
    assert posted.message_id == message.id
    assert message.files
    assert "the buttons work, reactions do not" in message.text
    # Whoever is there sees it, and nothing was tried that Discord would refuse.
    assert message in bot.local.person("Grace").sees(channel)
    assert _by_bot_token(bot, channel) == []
    assert [one for one in bot.local.requests if one.status >= 400] == []
