"""Direct messages to the bot: how it works, once in a while, and never to a bot."""

from pathlib import Path

import pytest

from bot.ui.access.install_context import InstallContext
from bot.ui.delivery.direct_answers import ANSWER_EVERY
from sandbox.discord import Person
from tests.ui.client_fixture import Bot, connected_bot, until


@pytest.fixture
def grace(bot: Bot) -> Person:
    return bot.local.person("Grace")


def answers(person: Person) -> list[str]:
    """What the bot has written to a person directly."""
    return [one.text for one in person.direct_messages() if one.author.id != person.id]


async def test_whoever_writes_is_told_where_the_bot_works(bot: Bot, ada: Person) -> None:
    await ada.say("@me", "make me a video")
    (words,) = await until(lambda: answers(ada), "the answer")
    english, chinese = words.splitlines()
    assert "use `/animate` in a channel of a server I'm in" in english
    assert "服务器" in chinese


async def test_where_direct_messages_are_open_the_command_can_be_pressed(tmp_path: Path) -> None:
    async with connected_bot(tmp_path, places=InstallContext(user_install=True)) as bot:
        ada = bot.local.person("Ada")
        await ada.say("@me", "hello")
        (words,) = await until(lambda: answers(ada), "the answer")
        command_id = bot.client.flow.command_ids["animate"]
        assert f"use </animate:{command_id}> here" in words


async def test_the_same_person_is_answered_again_after_a_while_only(
    bot: Bot, ada: Person, grace: Person
) -> None:
    await ada.say("@me", "hello")
    await until(lambda: answers(ada), "the answer")
    await ada.say("@me", "hello?")
    await grace.say("@me", "hi")
    await until(lambda: answers(grace), "the answer to a later message")
    assert len(answers(ada)) == 1
    bot.clock.skip(seconds=ANSWER_EVERY)
    await ada.say("@me", "are you there?")
    await until(lambda: len(answers(ada)) == 2, "the second answer")


async def test_bots_and_channels_of_servers_are_not_answered(
    bot: Bot, ada: Person, grace: Person
) -> None:
    grace.user.bot = True
    await grace.say("@me", "beep")
    await ada.say("general", "hello")
    await ada.say("@me", "hello")
    await until(lambda: answers(ada), "the answer to a later message")
    assert answers(grace) == []
    assert [one.author.name for one in ada.sees()] == ["Ada"]
