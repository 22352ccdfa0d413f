"""The main conversation, with discord.py's real client."""

import io

import aiohttp
import discord
import pytest

from sandbox.discord import ClientRefused, LocalDiscord, Upload
from tests.factories import make_picture
from tests.sandbox.discord.discord_client import Client, connected_client


def animate_like(client: Client) -> None:
    """Register a command that acknowledges with a message and edits it later by its channel."""

    @client.tree.command(description="Make a video")
    @discord.app_commands.describe(image="A picture", prompt="What happens")
    async def animate(
        interaction: discord.Interaction,
        image: discord.Attachment,
        prompt: discord.app_commands.Range[str, 1, 800],
    ) -> None:
        answer = await interaction.response.send_message(f"reading {image.filename}")
        assert answer.message_id is not None
        data = await image.read()
        assert interaction.channel_id is not None
        channel = client.get_partial_messageable(
            interaction.channel_id, guild_id=interaction.guild_id
        )
        message = channel.get_partial_message(answer.message_id)
        file = discord.File(io.BytesIO(data), "video.mp4")
        await message.edit(content=f"done: {prompt}", attachments=[file])
        await interaction.followup.send("only you see this", ephemeral=True)


async def test_somebody_animates_a_picture_and_sees_the_result() -> None:
    picture = make_picture()
    async with LocalDiscord() as local, connected_client(local, animate_like) as client:
        ada, grace = local.person("Ada"), local.person("Grace")
        shown = await ada.command("animate", image=Upload("cat.png", picture), prompt="it blinks")
        message = await ada.wait_for(lambda seen: [m for m in seen if m.files])
        assert shown.message is message[0]
        assert message[0].content == "done: it blinks"
        assert message[0].files[0].data == picture
        assert await ada.wait_for(lambda seen: [m for m in seen if m.ephemeral])
        assert [m.content for m in grace.sees("general")] == ["done: it blinks"]
        assert client.errors == []
        assert local.count("POST", "/interactions/{interaction_id}/{interaction_token}/callback")


async def test_the_client_checks_options_and_raw_does_not() -> None:
    async with LocalDiscord() as local, connected_client(local, animate_like):
        ada = local.person("Ada")
        image = Upload("cat.png", make_picture())
        with pytest.raises(ClientRefused, match="at most 800"):
            await ada.command("animate", image=image, prompt="x" * 801)
        with pytest.raises(ClientRefused, match="required"):
            await ada.command("animate", prompt="x")
        shown = await ada.command("animate", image=image, prompt="x" * 801, raw=True)
        assert shown.message is not None


async def test_a_file_is_served_until_its_address_expires() -> None:
    async with LocalDiscord() as local, aiohttp.ClientSession() as session:
        ada = local.person("Ada")
        message = await ada.say("general", "look", Upload("a b.png", make_picture()))
        url = local.files.url(message.files[0])
        async with session.get(url) as answer:
            assert answer.status == 200
            assert answer.content_type == "image/png"
            assert await answer.read() == message.files[0].data
        async with session.get(url, headers={"Range": "bytes=2-5"}) as answer:
            assert answer.status == 206
            assert await answer.read() == message.files[0].data[2:6]
        async with session.get(url.replace("hm=", "hm=0")) as answer:
            assert answer.status == 404
