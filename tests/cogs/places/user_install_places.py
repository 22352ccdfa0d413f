"""Places in which the bot is present only through somebody's personal installation."""

from typing import Any

from sandbox.discord import Channel, Interaction, Person, Upload
from tests.factories import make_picture
from tests.ui.client_fixture import Bot

PNG = make_picture("PNG")


def server(bot: Bot, *people: Person) -> Channel:
    """Return a channel of a server that the bot is not in."""
    world = bot.local.world
    guild = world.add_guild("Elsewhere", owner=world.user("Olive"), with_bot=False)
    for person in people:
        world.add_member(guild, person.user)
    return world.add_channel(guild, "elsewhere")


def group(bot: Bot, *people: Person) -> Channel:
    return bot.local.world.add_group("friends", *(person.user for person in people))


async def animate(person: Person, channel: Channel | str, **more: Any) -> Interaction:
    picture = Upload("photo.png", PNG)
    return await person.command("animate", channel=channel, image=picture, prompt="waves", **more)


def told(person: Person, channel: Channel | str) -> list[str]:
    """Return the ephemeral messages that this person sees there."""
    return [seen.text for seen in person.sees(channel) if seen.ephemeral]
