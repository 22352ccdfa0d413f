"""Many people who ask for videos at once, in two servers, and ask again where they are told to."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import select

from bot.storage.database import Database
from bot.storage.tables import tasks
from sandbox.discord import Channel, DidNotRespond, Guild, LocalDiscord, Person
from tests.flows.harness import photo

# Of a server's channels: edits are limited by channel, as at the real Discord.
CHANNELS = 20
# Commands that are not a task yet. More than a machine can take in are told that it is busy.
AT_ONCE = 20
_LOOK_SECONDS = 0.5
_AGAIN_SECONDS = 2.0


@dataclass(kw_only=True)
class Crowd:
    """Asks for so many videos, and goes on until each of them is a task."""

    discord: LocalDiscord
    database: Database
    videos: int
    shards: int
    """The two servers lie on different ones where there are several."""
    unanswered: int = 0
    refused: list[str] = field(default_factory=list)
    """What was said to those who had to ask again."""
    _messages: set[int] = field(default_factory=set)

    async def ask(self) -> None:
        """All of it."""
        places = _places(self.discord, self.shards)
        numbers = iter(range(self.videos))
        looking = asyncio.create_task(self._look())
        try:
            await asyncio.gather(*(self._some(numbers, places) for _ in range(AT_ONCE)))
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking

    async def _some(self, numbers: Iterator[int], places: list[tuple[Person, Channel]]) -> None:
        for number in numbers:
            person, channel = places[number % len(places)]
            while (why := await self._one(person, channel, f"wave {number}")) is not None:
                self.refused.append(why.partition(" this number")[0])
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _one(self, person: Person, channel: Channel, prompt: str) -> str | None:
        """One command; why it did not become a task, if somebody said so."""
        try:
            shown = await person.command(
                "animate", channel=channel, image=photo((480, 480)), prompt=prompt
            )
        except DidNotRespond:
            self.unanswered += 1
            return None
        while not shown.followups:
            if shown.message is not None and shown.message.id in self._messages:
                return None
            await asyncio.sleep(_LOOK_SECONDS / 4)
        return " ".join(said.text for said in shown.followups)

    async def _look(self) -> None:
        """Which messages belong to a task."""
        while True:
            found = await self.database.read(lambda on: on.execute(select(tasks.c.message_id)))
            self._messages = {row.message_id for row in found}
            await asyncio.sleep(_LOOK_SECONDS)


def _places(discord_: LocalDiscord, shards: int) -> list[tuple[Person, Channel]]:
    """A person and a channel each, in two servers in turn."""
    world = discord_.world
    first = world.guild
    second = _annex(discord_)
    # Discord deals servers out to shards by their id.
    while shards > 1 and (second.id >> 22) % shards == (first.id >> 22) % shards:
        time.sleep(0.002)
        second = _annex(discord_)
    discord_.tell_guild(second)
    people = []
    for number, guild in zip(range(CHANNELS), itertools.cycle([first, second]), strict=False):
        channel = world.add_channel(guild, f"channel-{number}")
        discord_.tell_channel(channel, new=True)
        member = world.add_member(guild, f"Person {number}")
        people.append((discord_.person(member.user.name), channel))
    return people


def _annex(discord_: LocalDiscord) -> Guild:
    world = discord_.world
    return world.add_guild(
        "Annex", owner=world.user("Olive"), bot_permissions=_permissions(discord_)
    )


def _permissions(discord_: LocalDiscord) -> int:
    """The bot's, as in the first server."""
    guild = discord_.world.guild
    roles = guild.members[discord_.world.bot.id].roles
    return sum(guild.roles[role].permissions for role in roles)
