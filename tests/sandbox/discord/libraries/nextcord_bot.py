"""The behavior of tests/sandbox/discord/libraries, on nextcord."""

import io
import json
import os
from typing import Any

import nextcord
from nextcord.ext import commands
from nextcord.http import Route

Route.BASE = os.environ["API"]


def report(event: str, **more: Any) -> None:
    print(json.dumps({"event": event, **more}), flush=True)


intents = nextcord.Intents(guilds=True, guild_reactions=True)
bot = commands.AutoShardedBot(intents=intents, shard_count=int(os.environ["SHARDS"]))


class Form(nextcord.ui.Modal):
    def __init__(self) -> None:
        super().__init__("Form", custom_id="form")
        self.words = nextcord.ui.TextInput("Words", custom_id="words")
        self.add_item(self.words)

    async def callback(self, asked: nextcord.Interaction[Any]) -> None:
        await asked.response.send_message(f"form: {self.words.value}")


class Panel(nextcord.ui.View):
    @nextcord.ui.button(label="Press", custom_id="press")
    async def press(self, _: Any, asked: nextcord.Interaction[Any]) -> None:
        await asked.response.edit_message(content="pressed")

    @nextcord.ui.string_select(
        custom_id="pick", options=[nextcord.SelectOption(label=one) for one in "ab"]
    )
    async def pick(self, menu: Any, asked: nextcord.Interaction[Any]) -> None:
        await asked.response.send_message(f"picked {menu.values[0]}", ephemeral=True)


@bot.slash_command(description="Answer")
async def talk(asked: nextcord.Interaction[Any], how: str) -> None:
    if how == "reply":
        await asked.response.send_message("said")
    elif how == "late":
        await asked.response.defer()
        file = nextcord.File(io.BytesIO(b"inside"), "late.txt")
        await asked.edit_original_message(content="said late", file=file)
    elif how == "hidden":
        await asked.response.send_message("said quietly", ephemeral=True)
    elif how == "twice":
        await asked.response.send_message("said first")
        await asked.followup.send("said then")
    else:
        await asked.response.send_modal(Form())


@bot.slash_command(description="Show components")
async def panel(asked: nextcord.Interaction[Any]) -> None:
    await asked.response.send_message("panel", view=Panel())


@bot.slash_command(description="Send seven messages")
async def flood(asked: nextcord.Interaction[Any]) -> None:
    await asked.response.send_message("flooding")
    for number in range(7):
        await asked.channel.send(f"flood {number}")
    report("flooded")


@bot.slash_command(description="Send one message twice")
async def nonce(asked: nextcord.Interaction[Any]) -> None:
    await asked.response.send_message("sending")
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=asked.channel_id)
    once = {"content": "once", "nonce": "7", "enforce_nonce": True}
    first, second = [await bot.http.request(route, json=once) for _ in range(2)]
    report("sent", same=first["id"] == second["id"])


@bot.event
async def on_raw_reaction_add(seen: nextcord.RawReactionActionEvent) -> None:
    if seen.user_id != bot.user.id:
        channel = bot.get_channel(seen.channel_id)
        await channel.get_partial_message(seen.message_id).add_reaction(seen.emoji)


@bot.event
async def on_ready() -> None:
    report("ready", servers=[guild.name for guild in bot.guilds])


bot.run(os.environ["TOKEN"])
