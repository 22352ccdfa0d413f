"""The client: what it asks of Discord, and what it tells it."""

from pathlib import Path

import aiohttp
import discord
import pytest
from discord import app_commands

from bot.client import intents, point_at
from bot.ui.places import Places
from sandbox.discord import LocalDiscord
from tests.ui.connected import connected

COMMANDS = "/applications/{application_id}/commands"


def test_no_privileged_intent_is_asked_for() -> None:
    asked = intents()
    assert {name for name, on in asked if on} == {"guilds", "guild_reactions", "dm_reactions"}


async def test_commands_are_synced_when_they_changed_and_only_then(tmp_path: Path) -> None:
    kept = tmp_path / "data" / "commands.sha256"
    async with LocalDiscord() as local:
        async with connected(tmp_path, local=local, commands_hash=kept):
            assert local.count("PUT", COMMANDS) == 1
        async with connected(tmp_path, local=local, commands_hash=kept):
            assert local.count("PUT", COMMANDS) == 1
        async with connected(
            tmp_path, local=local, commands_hash=kept, places=Places(user_install=True)
        ):
            assert local.count("PUT", COMMANDS) == 2
    digest, command_id = kept.read_text().split()
    assert len(digest) == 64
    assert int(command_id)


async def test_commands_hold_the_model_s_bounds(tmp_path: Path) -> None:
    async with connected(tmp_path) as bot:
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
    async with connected(tmp_path, places=Places(user_install=anywhere)) as bot:
        offered = {one["name"]: one["contexts"] for one in bot.local.commands.all(None)}
    wanted = ("animate", "Animate", "quota", "help")
    assert {name: offered[name] for name in wanted} == dict.fromkeys(wanted, contexts)


async def test_mentions_are_off_and_nothing_is_cached_that_is_not_needed(tmp_path: Path) -> None:
    async with connected(tmp_path) as bot:
        allowed = bot.client.allowed_mentions
        assert allowed is not None
        assert allowed.to_dict() == discord.AllowedMentions.none().to_dict()
        assert len(bot.client.cached_messages) == 0


async def test_a_refused_token_is_a_login_failure() -> None:
    async with LocalDiscord() as local, aiohttp.ClientSession() as http:
        with pytest.raises(discord.LoginFailure):
            await point_at(local.api_url, token="wrong", http=http)


async def test_an_error_in_a_command_reaches_the_person(tmp_path: Path) -> None:
    async with connected(tmp_path) as bot:

        @app_commands.command(description="fails")
        async def fails(interaction: discord.Interaction) -> None:
            raise ZeroDivisionError

        bot.client.tree.add_command(fails)
        await bot.client.tree.sync()
        shown = await bot.local.person("Ada").command("fails")
        assert shown.ephemeral
        assert shown.message is not None
        assert "Something went wrong on my side" in shown.message.text
