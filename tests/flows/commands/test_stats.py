"""`/stats`: numbers as a picture and as text, for moderators."""

import io

from PIL import Image

from sandbox.discord import LocalDiscord, Person
from tests.flows.harness import BotProcess, animate, eventually, videos


async def delivered(person: Person, count: int) -> None:
    await eventually(lambda: len(videos(person)) == count or None, f"{count} videos")


async def test_moderators_see_a_picture_and_the_numbers(
    bot: BotProcess, discord_: LocalDiscord, ada: Person
) -> None:
    await bot.start()
    mona = discord_.person("Mona")
    for number in (1, 2):
        await animate(ada, f"wave {number}")
        await delivered(ada, number)
    await bot.reaches("delivered", "delivered")
    shown = await mona.command("stats")
    message = await eventually(
        lambda: next((m for m in [shown.message, *shown.followups] if m and m.files), None),
        "the picture",
    )
    assert message.ephemeral
    assert "2 videos, $0.40" in message.text
    assert "100%" in message.text
    assert f"<@{ada.id}>: 2 videos, $0.40" in message.text
    picture = Image.open(io.BytesIO(message.files[0].data))
    assert picture.format == "PNG"
    # Discord's dark background is in the corner, and the color of the bars somewhere.
    colors = picture.convert("RGB").getcolors(10**6) or []
    assert picture.convert("RGB").getpixel((0, 0)) == (0x2B, 0x2D, 0x31)
    assert any(color == (0x58, 0x65, 0xF2) and count > 500 for count, color in colors)
    refused = await ada.command("stats")
    assert refused.message is not None
    assert "Only moderators" in refused.message.text
