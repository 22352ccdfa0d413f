"""Requests of discord.py and answers of the local Discord agree with Discord's description."""

import io
from dataclasses import replace
from pathlib import Path

import aiohttp
import discord
import pytest
from discord import app_commands

from sandbox.discord import LocalDiscord, Message, Permission, Upload
from sandbox.discord.http.request_log import LoggedRequest
from sandbox.discord.rules.rates import Rates
from sandbox.vtrix import LocalVtrix
from tests.factories import make_picture
from tests.flows.harness import BotProcess, animate, videos
from tests.sandbox.discord import discord_spec
from tests.sandbox.discord.discord_client import Client, connected_client

pytestmark = pytest.mark.skipif(
    not discord_spec.path().is_file(),
    reason="Discord's OpenAPI description is not beside the repository (see DISCORD_OPENAPI)",
)


class Prompt(discord.ui.Modal, title="What happens?"):
    words: discord.ui.TextInput["Prompt"] = discord.ui.TextInput(label="Prompt", custom_id="words")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"so {self.words.value}", ephemeral=True)


class Buttons(discord.ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(emoji="🔁", custom_id="again", style=discord.ButtonStyle.primary)
    async def again(
        self, interaction: discord.Interaction, _: discord.ui.Button["Buttons"]
    ) -> None:
        await interaction.response.edit_message(content="again", embed=None)

    @discord.ui.button(label="Ask", custom_id="ask")
    async def ask(self, interaction: discord.Interaction, _: discord.ui.Button["Buttons"]) -> None:
        await interaction.response.send_modal(Prompt())

    @discord.ui.select(
        custom_id="which",
        placeholder="Which?",
        options=[discord.SelectOption(label="One", value="1", description="the first", emoji="1️⃣")],
    )
    async def which(
        self, interaction: discord.Interaction, chosen: discord.ui.Select["Buttons"]
    ) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"chose {chosen.values[0]}")


def gallery() -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[discord.ui.LayoutView] = discord.ui.Container(accent_colour=0x336699)
    box.add_item(discord.ui.TextDisplay("**done**"))
    box.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem("attachment://v.mp4")))
    box.add_item(discord.ui.Separator())
    button: discord.ui.Button[discord.ui.LayoutView] = discord.ui.Button(label="x", custom_id="x")
    box.add_item(discord.ui.Section("with a button", accessory=button))
    view.add_item(box)
    return view


def everything(client: Client) -> None:
    """Register commands of every shape."""
    tree = client.tree

    @tree.command(description="Every option")
    @app_commands.choices(size=[app_commands.Choice(name="small", value="480P")])
    async def options(
        interaction: discord.Interaction,
        image: discord.Attachment,
        words: app_commands.Range[str, 1, 800],
        size: app_commands.Choice[str] | None = None,
        seed: app_commands.Range[int, 0, 2147483647] | None = None,
        share: float | None = None,
        who: discord.Member | None = None,
        role: discord.Role | None = None,
        where: discord.TextChannel | None = None,
        loud: bool = False,
    ) -> None:
        await interaction.response.defer(thinking=True)
        embed = discord.Embed(title="Result", description=words, colour=0x112233)
        embed.add_field(name="Seed", value=str(seed))
        embed.set_footer(text="footer").set_image(url="attachment://p.png")
        file = discord.File(io.BytesIO(make_picture()), "p.png", description="a picture")
        await interaction.followup.send(embed=embed, file=file, view=Buttons())
        await interaction.followup.send("only you", ephemeral=True)

    @options.autocomplete("words")
    async def complete(
        interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=typed + "!", value=typed)]

    @tree.command(description="Only for one", guild=discord.Object(client.guild_ids[0]))
    async def secret(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("psst", ephemeral=True)
        await (await interaction.original_response()).edit(content="psst!")
        await interaction.delete_original_response()

    group = app_commands.Group(
        name="quota-admin",
        description="For moderators",
        default_permissions=discord.Permissions(manage_guild=True),
    )

    @group.command(description="Show somebody")
    async def show(interaction: discord.Interaction, user: discord.User) -> None:
        await interaction.response.send_message(view=gallery(), file=video())

    tree.add_command(group)

    @tree.context_menu(name="Animate")
    async def menu(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_modal(Prompt())


def video() -> discord.File:
    return discord.File(io.BytesIO(b"not really a video"), "v.mp4")


async def by_interactions(local: LocalDiscord) -> None:
    ada, mona = local.person("Ada"), local.person("Mona")
    guild = local.world.guild
    image = Upload("cat.png", make_picture())
    await ada.complete("options", "words", "it b")
    shown = await ada.command(
        "options",
        image=image,
        words="it blinks",
        size="480P",
        seed=7,
        share=0.5,
        who=mona.user,
        role=next(role for role in guild.roles.values() if role.name == "Painters"),
        where=local.world.channel("general"),
        loud=True,
    )
    await ada.wait_for(lambda seen: any(m.text.startswith("only you") for m in seen))
    result = shown.message
    assert result is not None
    await ada.press(result, "🔁")
    opened = await ada.press(result, "Ask")
    await ada.submit_modal(opened, {"words": "it winks"})
    await ada.select(result, "which", ["One"])
    await ada.wait_for(lambda seen: result.content == "chose 1")
    await ada.command("secret")
    await ada.wait_for(lambda seen: all("psst" not in m.text for m in seen))
    await mona.command("quota-admin show", user=ada.user)
    posted = await ada.say("general", "look", image)
    await ada.submit_modal(await ada.menu("Animate", posted), {"words": "hm"})


async def by_channel(client: Client, local: LocalDiscord, theirs: Message) -> None:
    """Use everything that a bot can do with its token alone."""
    channel = client.get_channel(local.world.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    embed = discord.Embed(title="t", description="d", timestamp=discord.utils.utcnow())
    sent = await channel.send(
        "hello <@1>",
        embed=embed,
        file=video(),
        nonce="task-1-rung-2",
        allowed_mentions=discord.AllowedMentions.none(),
        reference=discord.MessageReference(
            message_id=theirs.id, channel_id=channel.id, fail_if_not_exists=False
        ),
        view=Buttons(),
    )
    await sent.edit(content="changed", attachments=[*sent.attachments, video()])
    await sent.add_reaction("🔁")
    await local.person("Ada").react(local.world.messages[channel.id][sent.id], "🔁")
    reaction = (await channel.fetch_message(sent.id)).reactions[0]
    assert {user.name async for user in reaction.users()} == {"flipbook", "ada"}
    await sent.remove_reaction("🔁", discord.Object(local.person("Ada").id))
    await sent.clear_reactions()
    assert [m async for m in channel.history(limit=100)]
    await channel.typing()
    await channel.send(view=gallery(), file=video())
    await sent.delete()
    ada = await client.fetch_user(local.person("Ada").id)
    await ada.send("a word in private")
    await client.fetch_guild(local.world.guild.id)
    await client.fetch_channel(channel.id)
    member = await channel.guild.fetch_member(ada.id)
    await channel.guild.fetch_roles()
    await channel.guild.fetch_channels()
    await channel.set_permissions(member, send_messages=True)
    await channel.set_permissions(member, overwrite=None)
    await client.tree.fetch_commands()


async def refused(client: Client, local: LocalDiscord) -> None:
    """Provoke refusals of several kinds."""
    channel = client.get_partial_messageable(local.world.channel("general").id)
    no_files = client.get_partial_messageable(local.world.channel("no-files").id)
    with pytest.raises(discord.HTTPException, match="2000 or fewer"):
        await channel.send("x" * 2001)
    with pytest.raises(discord.Forbidden, match="Missing Permissions"):
        await no_files.send(file=video())
    with pytest.raises(discord.NotFound, match="Unknown Message"):
        await channel.fetch_message(1)
    with pytest.raises(discord.NotFound, match="Unknown Channel"):
        await client.get_partial_messageable(1).send("hello")
    async with aiohttp.ClientSession() as session:
        for path in ("/users/@me", "/interactions/1/x/callback"):
            method = "GET" if path.endswith("me") else "POST"
            async with session.request(method, local.api_url + path, json={"type": 5}) as answer:
                assert answer.status in (401, 404)


async def test_a_long_conversation_keeps_to_discords_description() -> None:
    async with LocalDiscord(rates=Rates(enforced=False)) as local:
        bot = local.world.guild.members[local.world.bot.id]
        role = local.world.guild.roles[next(iter(bot.roles))]
        role.permissions |= Permission.MANAGE_ROLES
        async with connected_client(local, everything) as client:
            await client.tree.sync(guild=discord.Object(local.world.guild.id))
            await by_interactions(local)
            theirs = await local.person("Ada").say("general", "hello")
            await by_channel(client, local, theirs)
            await refused(client, local)
            assert client.errors == []
    assert len({(one.method, one.route) for one in local.requests}) >= 25
    found = [fault for one in local.requests for fault in discord_spec.faults(one)]
    assert sorted(set(found)) == []


async def test_the_bots_own_conversation_keeps_to_it(tmp_path: Path) -> None:
    async with LocalDiscord() as local, LocalVtrix(key="test-key", speed=60) as provider:
        process = BotProcess(tmp_path, local, provider)
        ada = local.person("Ada")
        try:
            await process.start()
            await animate(ada)
            await ada.wait_for(lambda _: videos(ada), within=30)
            for command in ("quota", "help"):
                assert (await ada.command(command)).ephemeral
        finally:
            await process.close()
    assert local.count("PATCH", "/channels/{channel_id}/messages/{message_id}") >= 1
    found = [fault for one in local.requests for fault in discord_spec.faults(one)]
    assert sorted(set(found)) == []


async def test_the_check_notices_what_is_wrong() -> None:
    async with LocalDiscord() as local, connected_client(local):
        good = next(one for one in local.requests if one.route == "/users/@me")
    assert discord_spec.faults(good) == []
    for wrong in (
        replace(good, answer=good.answer | {"username": 1}),
        replace(good, answer=good.answer | {"invented": 1}),
        replace(good, answer={"code": 0}, status=400),
        replace(good, route="/users/invented"),
    ):
        assert discord_spec.faults(wrong)
    command = LoggedRequest(
        method="PUT",
        route="/applications/{application_id}/commands",
        path="",
        status=200,
        started=0,
        seconds=0,
        body=[{"name": 1}],
        answer=[],
    )
    assert discord_spec.faults(command)
