"""The behavior of tests/sandbox/discord/libraries, on py-cord."""

import io
import json
import os
from typing import Any

import discord
from discord.http import Route

Route.API_BASE_URL = os.environ["API"]


def report(event: str, **more: Any) -> None:
    print(json.dumps({"event": event, **more}), flush=True)


intents = discord.Intents(guilds=True, guild_reactions=True)
bot = discord.AutoShardedBot(intents=intents, shard_count=int(os.environ["SHARDS"]))


class Form(discord.ui.Modal):
    def __init__(self) -> None:
        super().__init__(title="Form", custom_id="form")
        self.words = discord.ui.InputText(label="Words", custom_id="words")
        self.add_item(self.words)

    async def callback(self, asked: discord.Interaction) -> None:
        await asked.response.send_message(f"form: {self.words.value}")


class Panel(discord.ui.View):
    @discord.ui.button(label="Press", custom_id="press")
    async def press(self, _: Any, asked: discord.Interaction) -> None:
        await asked.response.edit_message(content="pressed")

    @discord.ui.select(custom_id="pick", options=[discord.SelectOption(label=one) for one in "ab"])
    async def pick(self, menu: Any, asked: discord.Interaction) -> None:
        await asked.response.send_message(f"picked {menu.values[0]}", ephemeral=True)


@bot.slash_command(description="Answer")
async def talk(asked: discord.ApplicationContext, how: str) -> None:
    if how == "reply":
        await asked.respond("said")
    elif how == "late":
        await asked.defer()
        file = discord.File(io.BytesIO(b"inside"), "late.txt")
        await asked.interaction.edit_original_response(content="said late", file=file)
    elif how == "hidden":
        await asked.respond("said quietly", ephemeral=True)
    elif how == "twice":
        await asked.respond("said first")
        await asked.followup.send("said then")
    else:
        await asked.send_modal(Form())


@bot.slash_command(description="Show components")
async def panel(asked: discord.ApplicationContext) -> None:
    await asked.respond("panel", view=Panel())


@bot.slash_command(description="Send seven messages")
async def flood(asked: discord.ApplicationContext) -> None:
    await asked.respond("flooding")
    for number in range(7):
        await asked.channel.send(f"flood {number}")
    report("flooded")


@bot.slash_command(description="Send one message twice")
async def nonce(asked: discord.ApplicationContext) -> None:
    await asked.respond("sending")
    once = {"nonce": "7", "enforce_nonce": True}
    first, second = [await asked.channel.send("once", **once) for _ in range(2)]
    report("sent", same=first.id == second.id)


@bot.event
async def on_raw_reaction_add(seen: discord.RawReactionActionEvent) -> None:
    if seen.user_id != bot.user.id:
        channel = bot.get_channel(seen.channel_id)
        await channel.get_partial_message(seen.message_id).add_reaction(seen.emoji)


@bot.event
async def on_ready() -> None:
    report("ready", servers=[guild.name for guild in bot.guilds])


bot.run(os.environ["TOKEN"])
