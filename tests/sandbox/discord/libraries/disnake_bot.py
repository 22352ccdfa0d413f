"""The behavior of tests/sandbox/discord/libraries, on disnake."""

import io
import json
import os
from typing import Any

import disnake
from disnake.ext import commands
from disnake.http import Route

Route.BASE = os.environ["API"]


def report(event: str, **more: Any) -> None:
    print(json.dumps({"event": event, **more}), flush=True)


intents = disnake.Intents(guilds=True, guild_reactions=True)
bot = commands.AutoShardedInteractionBot(intents=intents, shard_count=int(os.environ["SHARDS"]))


@bot.slash_command(description="Answer")
async def talk(asked: disnake.ApplicationCommandInteraction[Any], how: str) -> None:
    if how == "reply":
        await asked.response.send_message("said")
    elif how == "late":
        await asked.response.defer()
        file = disnake.File(io.BytesIO(b"inside"), "late.txt")
        await asked.edit_original_response("said late", file=file)
    elif how == "hidden":
        await asked.response.send_message("said quietly", ephemeral=True)
    elif how == "twice":
        await asked.response.send_message("said first")
        await asked.followup.send("said then")
    else:
        field = disnake.ui.TextInput(label="Words", custom_id="words")
        form = {"title": "Form", "custom_id": "form", "components": [field]}
        await asked.response.send_modal(**form)


@bot.slash_command(description="Show components")
async def panel(asked: disnake.ApplicationCommandInteraction[Any]) -> None:
    button = disnake.ui.Button(label="Press", custom_id="press")
    menu = disnake.ui.StringSelect(custom_id="pick", options=["a", "b"])
    await asked.response.send_message("panel", components=[[button], [menu]])


@bot.slash_command(description="Send seven messages")
async def flood(asked: disnake.ApplicationCommandInteraction[Any]) -> None:
    await asked.response.send_message("flooding")
    for number in range(7):
        await asked.channel.send(f"flood {number}")
    report("flooded")


@bot.slash_command(description="Send one message twice")
async def nonce(asked: disnake.ApplicationCommandInteraction[Any]) -> None:
    await asked.response.send_message("sending")
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=asked.channel_id)
    once = {"content": "once", "nonce": "7", "enforce_nonce": True}
    first, second = [await bot.http.request(route, json=once) for _ in range(2)]
    report("sent", same=first["id"] == second["id"])


@bot.event
async def on_button_click(asked: disnake.MessageInteraction[Any]) -> None:
    await asked.response.edit_message("pressed")


@bot.event
async def on_dropdown(asked: disnake.MessageInteraction[Any]) -> None:
    await asked.response.send_message(f"picked {(asked.values or [''])[0]}", ephemeral=True)


@bot.event
async def on_modal_submit(asked: disnake.ModalInteraction[Any]) -> None:
    await asked.response.send_message(f"form: {asked.text_values['words']}")


@bot.event
async def on_raw_reaction_add(seen: disnake.RawReactionActionEvent) -> None:
    if seen.user_id != bot.user.id:
        channel = bot.get_channel(seen.channel_id)
        await channel.get_partial_message(seen.message_id).add_reaction(seen.emoji)


@bot.event
async def on_ready() -> None:
    report("ready", servers=[guild.name for guild in bot.guilds])


bot.run(os.environ["TOKEN"])
