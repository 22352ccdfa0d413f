"""The commands that exist where only a person installed the bot, and what others answer."""

from pathlib import Path
from typing import Any

import pytest

from sandbox.discord import Channel, Person
from tests.cogs.places.user_install_places import animate, group, server, told
from tests.ui.client_fixture import Bot, connected_bot, until


@pytest.fixture
def ada(bot: Bot) -> Person:
    ada = bot.local.person("Ada")
    ada.user.has_installed = True
    return ada


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
async def test_server_commands_used_there_anyway_say_so(name: str, bot: Bot, ada: Person) -> None:
    channel = server(bot, ada)
    more: dict[str, Any] = {"user": ada.user} if FOR_SERVERS[name] else {}
    for place in (channel, "@me"):
        shown = await ada.command(name, channel=place, raw=True, **more)
        assert shown.ephemeral
        assert shown.message is not None
        assert "only works in a server that I'm in" in shown.message.text


async def test_help_says_what_is_different_there(bot: Bot, ada: Person) -> None:
    shown = await ada.command("help", channel=group(bot, ada))
    assert shown.message is not None
    assert "What's different here" in shown.message.text
    assert "reactions and the message that a video is ready don't" in shown.message.text
    shown = await ada.command("help", channel="@me")
    assert shown.message is not None
    assert "just the two of us" in shown.message.text


async def test_quota_is_the_operator_s_default_there(bot: Bot, ada: Person) -> None:
    channel = server(bot, ada)
    await ada.command("quota", channel=channel)
    [words] = await until(lambda: [one for one in told(ada, channel) if "left" in one])
    assert "**5 videos left**" in words


async def test_a_server_that_has_the_commands_without_the_bot_is_told_so(tmp_path: Path) -> None:
    async with connected_bot(tmp_path) as bot:
        ada = bot.local.person("Ada")
        channel = server(bot, ada)
        bot.local.world.guilds[channel.guild_id or 0].has_commands = True
        shown = await animate(ada, channel)
        assert shown.message is not None
        assert "I'm not in this server" in shown.message.text
        assert bot.intake.submissions == []


async def test_user_install_is_refused_in_words_where_the_operator_does_not_offer_it(
    tmp_path: Path,
) -> None:
    async with connected_bot(tmp_path) as bot:
        ada = bot.local.person("Ada")
        ada.user.has_installed = True
        channel = server(bot, ada)
        assert ada.offered(channel) == []
        shown = await animate(ada, channel, raw=True)
        assert shown.message is not None
        assert "I'm not in this server" in shown.message.text
        assert bot.intake.submissions == []
