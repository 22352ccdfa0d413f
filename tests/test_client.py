"""The client: what it requests from Discord, and what it registers there."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import aiohttp
import discord
import pytest
from discord import app_commands

from bot.client import intents
from bot.discord_api import AGENT, point_at
from bot.ui.access.install_context import InstallContext
from sandbox.discord import Fault, LocalDiscord, Upload
from tests.factories import make_picture
from tests.ui.client_fixture import Bot, connected_bot

COMMANDS = "/applications/{application_id}/commands"


def test_no_privileged_intent_is_asked_for() -> None:
    asked = intents()
    wanted = {"guilds", "guild_reactions", "dm_reactions", "dm_messages"}
    assert {name for name, on in asked if on} == wanted


async def test_commands_are_synced_when_they_changed_and_only_then(tmp_path: Path) -> None:
    kept = tmp_path / "data" / "commands.json"
    async with LocalDiscord() as local:
        async with connected_bot(tmp_path, local=local, commands_file=kept):
            assert local.count("PUT", COMMANDS) == 1
        async with connected_bot(tmp_path, local=local, commands_file=kept):
            assert local.count("PUT", COMMANDS) == 1
        async with connected_bot(
            tmp_path, local=local, commands_file=kept, places=InstallContext(user_install=True)
        ):
            assert local.count("PUT", COMMANDS) == 2
    assert {one["name"] for one in json.loads(kept.read_text())} >= {"animate", "Animate", "help"}


async def _again(
    folder: Path, local: LocalDiscord, change: Callable[[LocalDiscord], None]
) -> list[str]:
    """Start the bot, change its commands from outside, start it again, and return their names."""
    async with connected_bot(folder, local=local):
        pass
    before = {one["name"] for one in local.commands.all(None)}
    change(local)
    async with connected_bot(folder, local=local):
        pass
    assert {one["name"] for one in local.commands.all(None)} == before
    return sorted(before)


def _taken_away(local: LocalDiscord) -> None:
    for one in local.commands.all(None):
        if one["name"] in ("animate", "tasks"):
            local.commands.delete(None, int(one["id"]))


def _replaced(local: LocalDiscord) -> None:
    imagine = {"name": "imagine", "description": "of another bot", "type": 1}
    local.commands.put_all(None, [imagine])


def _changed(local: LocalDiscord) -> None:
    for one in local.commands.all(None):
        if one["name"] == "animate":
            one["options"] = one["options"][1:]


def _translated(local: LocalDiscord) -> None:
    for one in local.commands.all(None):
        one["name_localizations"] = one["description_localizations"] = None


@pytest.mark.parametrize("change", [_taken_away, _replaced, _changed, _translated])
async def test_commands_that_other_software_took_away_or_changed_come_back(
    change: Callable[[LocalDiscord], None], tmp_path: Path
) -> None:
    async with LocalDiscord() as local:
        await _again(tmp_path, local, change)
        assert local.count("PUT", COMMANDS) == 2
        described = [one["description_localizations"] for one in local.commands.all(None)]
        assert any(described)


REFUSED = {
    "503": Fault("PUT", COMMANDS, status=503),
    "30034": Fault("PUT", COMMANDS, status=400, body={
        "message": "Max number of daily application command creates has been reached (200)",
        "code": 30034,
    }),
    "a page": Fault("PUT", COMMANDS, status=403, body="<html>blocked</html>"),
    "the list": Fault("GET", COMMANDS, status=500, times=5),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_where_discord_cannot_be_told_the_commands_it_starts_and_says_so(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with LocalDiscord() as local:
        local.faults.add(replace(REFUSED[name]))
        with caplog.at_level(logging.ERROR):
            async with connected_bot(tmp_path, local=local) as bot:
                assert bot.client.is_ready() or await _is_ready(bot)
        assert "Discord could not be told the commands" in caplog.text
        # The next start registers the commands.
        async with connected_bot(tmp_path, local=local):
            assert local.commands.all(None)


async def _is_ready(bot: Bot) -> bool:
    await bot.client.wait_until_ready()
    return True


async def test_without_the_portal_s_switch_commands_are_offered_in_servers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with LocalDiscord() as local:
        local.world.own_installs = False
        async with connected_bot(tmp_path, local=local, places=InstallContext(user_install=True)):
            assert "animate" in local.person("Ada").offered()
    assert "USER_INSTALL is on, and Discord does not allow it" in caplog.text


async def test_every_request_says_which_software_it_is_from(tmp_path: Path) -> None:
    async with connected_bot(tmp_path) as bot:
        ada = bot.local.person("Ada")
        await ada.command("animate", image=Upload("a.png", make_picture("PNG")), prompt="x")
        await ada.command("quota")
        agents = {one.agent for one in bot.local.requests}
    assert len(bot.local.requests) > 4
    assert {agent.partition(",")[0] for agent in agents} == {AGENT.partition(",")[0]}
    assert AGENT.startswith("DiscordBot (https://")


async def test_commands_hold_the_model_s_bounds(tmp_path: Path) -> None:
    async with connected_bot(tmp_path) as bot:
        [command] = [one for one in bot.local.commands.all(None) if one["name"] == "animate"]
    options = {option["name"]: option for option in command["options"]}
    assert list(options) == [
        "image", "prompt", "negative_prompt", "resolution",
        "seed", "prompt_extend", "watermark", "spoiler",
    ]  # fmt: skip
    assert [name for name, one in options.items() if one.get("required")] == ["image", "prompt"]
    assert (options["prompt"]["min_length"], options["prompt"]["max_length"]) == (1, 800)
    assert options["negative_prompt"]["max_length"] == 500
    assert (options["seed"]["min_value"], options["seed"]["max_value"]) == (0, 2_147_483_647)
    assert [one["value"] for one in options["resolution"]["choices"]] == ["480P", "720P"]


@pytest.mark.parametrize(("anywhere", "contexts"), [(False, [0]), (True, [0, 1, 2])])
async def test_where_commands_are_offered_is_the_operator_s_choice(
    anywhere: bool, contexts: list[int], tmp_path: Path
) -> None:
    async with connected_bot(tmp_path, places=InstallContext(user_install=anywhere)) as bot:
        offered = {one["name"]: one["contexts"] for one in bot.local.commands.all(None)}
    wanted = ("animate", "Animate", "quota", "help")
    assert {name: offered[name] for name in wanted} == dict.fromkeys(wanted, contexts)


@pytest.mark.parametrize("restricted", [False, True])
async def test_only_what_makes_videos_is_age_restricted(restricted: bool, tmp_path: Path) -> None:
    async with connected_bot(tmp_path, age_restricted=restricted) as bot:
        marked = {one["name"] for one in bot.local.commands.all(None) if one["nsfw"]}
    assert marked == ({"animate", "Animate"} if restricted else set())


async def test_mentions_are_off_and_nothing_is_cached_that_is_not_needed(tmp_path: Path) -> None:
    async with connected_bot(tmp_path) as bot:
        allowed = bot.client.allowed_mentions
        assert allowed is not None
        assert allowed.to_dict() == discord.AllowedMentions.none().to_dict()
        assert len(bot.client.cached_messages) == 0


async def test_a_refused_token_is_a_login_failure() -> None:
    async with LocalDiscord() as local, aiohttp.ClientSession() as http:
        with pytest.raises(discord.LoginFailure):
            await point_at(local.api_url, token="wrong", http=http)


async def test_an_error_in_a_command_reaches_the_person(tmp_path: Path) -> None:
    async with connected_bot(tmp_path) as bot:

        @app_commands.command(description="fails")
        async def fails(interaction: discord.Interaction) -> None:
            raise ZeroDivisionError

        bot.client.tree.add_command(fails)
        await bot.client.tree.sync()
        shown = await bot.local.person("Ada").command("fails")
        assert shown.ephemeral
        assert shown.message is not None
        assert "Something went wrong on my side" in shown.message.text
