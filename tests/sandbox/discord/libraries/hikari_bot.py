"""The behavior of tests/sandbox/discord/libraries, on hikari."""

import asyncio
import json
import os
from typing import Any

import hikari
from hikari import ComponentInteraction, ModalInteraction, ResponseType

COUNT = int(os.environ["SHARDS"])
INTENTS = hikari.Intents.GUILDS | hikari.Intents.GUILD_MESSAGE_REACTIONS
bot = hikari.GatewayBot(
    os.environ["TOKEN"], banner=None, logs=None, intents=INTENTS, rest_url=os.environ["API"]
)


def report(event: str, **more: Any) -> None:
    print(json.dumps({"event": event, **more}), flush=True)


guild_seen = asyncio.Event()


@bot.listen()
async def available(_: hikari.GuildAvailableEvent) -> None:
    guild_seen.set()


@bot.listen()
async def started(_: hikari.StartedEvent) -> None:
    application = await bot.rest.fetch_application()
    how = hikari.CommandOption(
        type=hikari.OptionType.STRING, name="how", description="How", is_required=True
    )
    slash = bot.rest.slash_command_builder
    await bot.rest.set_application_commands(
        application.id,
        [
            slash("talk", "Answer").add_option(how),
            slash("panel", "Show components"),
            slash("flood", "Send seven messages"),
            slash("nonce", "Send one message twice"),
        ],
    )
    await guild_seen.wait()
    report("ready", servers=[guild.name for guild in bot.cache.get_guilds_view().values()])


async def talk(asked: hikari.CommandInteraction) -> None:
    how = asked.options[0].value if asked.options else ""
    answer = asked.create_initial_response
    if how == "reply":
        await answer(ResponseType.MESSAGE_CREATE, "said")
    elif how == "late":
        await answer(ResponseType.DEFERRED_MESSAGE_CREATE)
        file = hikari.Bytes(b"inside", "late.txt")
        await asked.edit_initial_response("said late", attachment=file)
    elif how == "hidden":
        hidden = hikari.MessageFlag.EPHEMERAL
        await answer(ResponseType.MESSAGE_CREATE, "said quietly", flags=hidden)
    elif how == "twice":
        await answer(ResponseType.MESSAGE_CREATE, "said first")
        await asked.execute("said then")
    else:
        row = bot.rest.build_modal_action_row().add_text_input("words", "Words")
        await asked.create_modal_response("Form", "form", components=[row])


async def panel(asked: hikari.CommandInteraction) -> None:
    buttons = bot.rest.build_message_action_row()
    buttons.add_interactive_button(hikari.ButtonStyle.PRIMARY, "press", label="Press")
    menus = bot.rest.build_message_action_row()
    menu = menus.add_text_menu("pick")
    for one in "ab":
        menu.add_option(one, one)
    await asked.create_initial_response(
        ResponseType.MESSAGE_CREATE, "panel", components=[buttons, menus]
    )


async def flood(asked: hikari.CommandInteraction) -> None:
    await asked.create_initial_response(ResponseType.MESSAGE_CREATE, "flooding")
    for number in range(7):
        await bot.rest.create_message(asked.channel_id, f"flood {number}")
    report("flooded")


async def nonce(asked: hikari.CommandInteraction) -> None:
    await asked.create_initial_response(ResponseType.MESSAGE_CREATE, "sending")
    # With a nonce, hikari asks for it to be enforced.
    first, second = [
        await bot.rest.create_message(asked.channel_id, "once", nonce="7") for _ in range(2)
    ]
    report("sent", same=first.id == second.id)


COMMANDS = {"talk": talk, "panel": panel, "flood": flood, "nonce": nonce}


@bot.listen()
async def interaction(event: hikari.InteractionCreateEvent) -> None:
    asked = event.interaction
    if isinstance(asked, hikari.CommandInteraction):
        await COMMANDS[asked.command_name](asked)
    elif isinstance(asked, ModalInteraction):
        words = asked.components[0].components[0].value
        await asked.create_initial_response(ResponseType.MESSAGE_CREATE, f"form: {words}")
    elif isinstance(asked, ComponentInteraction) and asked.custom_id == "press":
        await asked.create_initial_response(ResponseType.MESSAGE_UPDATE, "pressed")
    elif isinstance(asked, ComponentInteraction):
        hidden = hikari.MessageFlag.EPHEMERAL
        words = f"picked {asked.values[0]}"
        await asked.create_initial_response(ResponseType.MESSAGE_CREATE, words, flags=hidden)


@bot.listen()
async def reaction(event: hikari.GuildReactionAddEvent) -> None:
    me = bot.get_me()
    if me is not None and event.user_id != me.id:
        await bot.rest.add_reaction(event.channel_id, event.message_id, event.emoji_name)


bot.run(check_for_updates=False, shard_count=COUNT, shard_ids=range(COUNT))
