"""Input from a newer Discord, or for an older version of the bot, gets a readable answer."""

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.errors import DeliveryUnclear
from bot.ui.access.install_context import InstallContext
from bot.ui.delivery.requests.discord_errors import judged
from bot.ui.submission.source_images import pictures_of
from sandbox.discord import Fault, Person, Upload
from sandbox.discord.state.model import ChannelKind
from tests.cogs.places.user_install_places import PNG
from tests.cogs.results.delivered_video import result
from tests.ui.client_fixture import MESSAGE, Bot, connected_bot, until


def told(person: Person, channel: Any = "general") -> list[str]:
    return [one.text for one in person.sees(channel) if one.ephemeral]


# --- a kind of channel that is not known yet ----------------------------------------------------


async def test_in_a_kind_of_channel_that_is_not_known_it_says_so_and_leaves_nothing(
    bot: Bot, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    world = bot.local.world
    later = world.add_channel(world.guild, "holodeck", ChannelKind.LATER)
    bot.local.tell_channel(later, new=True)
    with caplog.at_level(logging.ERROR):
        for command in ("animate", "help", "quota"):
            options: dict[str, Any] = (
                {"image": Upload("a.png", PNG), "prompt": "x"} if command == "animate" else {}
            )
            await ada.command(command, channel=later, **options)
    await until(lambda: len(told(ada, later)) == 3, "words")
    assert all("I don't know this kind of channel yet" in words for words in told(ada, later))
    assert [one for one in ada.sees(later) if not one.ephemeral] == []
    assert bot.intake.submissions == []
    assert caplog.records == []


# --- commands and buttons of earlier versions -------------------------------------------------


async def test_a_command_that_is_gone_gets_words(
    bot: Bot, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    bot.client.tree.remove_command("quota")
    with caplog.at_level(logging.ERROR):
        await ada.command("quota")
    assert "from an earlier version" in told(ada)[-1]
    assert caplog.records == []


async def test_a_command_that_has_other_options_by_now_gets_words(
    bot: Bot, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    for command in bot.local.commands.all(None):
        if command["name"] == "animate":
            command["options"] = [one for one in command["options"] if one["name"] != "image"]
    with caplog.at_level(logging.ERROR):
        await ada.command("animate", prompt="x")
    assert "from an earlier version" in told(ada)[-1]
    assert caplog.records == []


async def test_a_button_that_is_gone_gets_words(bot: Bot, ada: Person) -> None:
    message = await result(bot)
    button = next(one for one in message.every_component() if one.get("custom_id"))
    button["custom_id"] = "flipbook:enlarge:task0001"
    await ada.press(message, "🔁")
    await until(lambda: told(ada), "words")
    assert "from an earlier version" in told(ada)[-1]


@pytest.mark.parametrize("custom_id", ["flipbook:menu-form:1", "animate-form", "5e9c"])
async def test_a_form_that_is_gone_gets_words_and_nothing_typed_is_lost(
    custom_id: str, bot: Bot, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    opened = await ada.press(await result(bot), "✏️")
    assert opened.modal is not None
    # The name that an earlier version gave its form.
    opened.modal["custom_id"] = custom_id
    with caplog.at_level(logging.ERROR):
        sent = await ada.submit_modal(opened, {"prompt": "the tide goes out"})
    assert sent.ephemeral
    assert sent.message is not None
    assert "from an earlier version" in sent.message.text
    assert "> the tide goes out" in sent.message.text
    assert bot.intake.submissions == []
    assert caplog.records == []


# --- rate limits of old messages ----------------------------------------------------------------


@pytest.mark.parametrize("via", ["1.1 local", ""])
async def test_too_many_edits_of_an_old_message_are_a_matter_of_time(bot: Bot, via: str) -> None:
    body = {
        "message": "Maximum number of edits to messages older than 1 hour reached. Try again later",
        "code": 30046,
    }
    bot.local.faults.add(Fault("PATCH", MESSAGE, status=429, body=body, headers={"Via": via}))
    message = await result(bot)
    channel = bot.client.get_partial_messageable(message.channel_id)
    with pytest.raises(Exception, match="429") as caught:
        await channel.get_partial_message(message.id).edit(content="x")
    verdict = judged(caught.value)
    assert isinstance(verdict, DeliveryUnclear)
    assert (verdict.retry_after or 0.0) >= 60
    # No other request waits for it.
    assert not bot.client.blockade.is_up


# --- forwarded messages -------------------------------------------------------------------------


async def test_a_forwarded_message_that_is_made_of_components_has_its_pictures(bot: Bot) -> None:
    media = {
        "id": "1",
        "url": "https://cdn.discordapp.com/attachments/1/2/cat.png?ex=1",
        "proxy_url": "https://media.discordapp.net/attachments/1/2/cat.png?ex=1",
        "content_type": "image/png",
        "attachment_id": "2",
        "loading_state": 2,
    }
    gallery = {"type": 12, "id": 1, "items": [{"media": media, "spoiler": False}]}
    snapshot: Any = {
        "type": 0,
        "content": "",
        "embeds": [],
        "attachments": [],
        "timestamp": "2026-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "flags": 1 << 15,
        "mentions": [],
        "mention_roles": [],
        "components": [{"type": 17, "id": 2, "components": [gallery]}],
    }
    forwarded = discord.MessageSnapshot._from_value(
        bot.client._connection,
        [{"message": snapshot}],
    )
    message: Any = _Forward(forwarded)
    assert [one.name for one in pictures_of(message)] == ["cat.png"]


class _Forward:
    attachments = embeds = components = ()
    webhook_id = None
    author = SimpleNamespace(id=1, bot=False)

    def __init__(self, snapshots: list[discord.MessageSnapshot]) -> None:
        self.message_snapshots = snapshots


# --- /help ------------------------------------------------------------------------------------


async def test_help_names_commands_so_that_they_can_be_pressed(bot: Bot, ada: Person) -> None:
    ids = {one["name"]: one["id"] for one in bot.local.commands.all(None)}
    await ada.command("help")
    [words] = told(ada)
    for name in ("animate", "quota", "tasks"):
        assert f"</{name}:{ids[name]}>" in words
    for name in ("privacy export", "privacy delete"):
        assert f"</{name}:{ids['privacy']}>" in words


# --- where moderators' commands are -------------------------------------------------------------


async def test_moderators_commands_are_for_servers_only_also_where_people_install_it(
    tmp_path: Path,
) -> None:

    async with connected_bot(tmp_path, places=InstallContext(user_install=True)) as bot:
        registered = {one["name"]: one for one in bot.local.commands.all(None)}
        for name in ("quota-admin", "settings", "stats"):
            assert registered[name]["contexts"] == [0]
            assert registered[name]["integration_types"] == [0]
        assert registered["animate"]["contexts"] == [0, 1, 2]
