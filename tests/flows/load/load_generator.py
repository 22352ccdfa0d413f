"""A load generator: many people in two servers who send commands, and repeat those that are
refused.
"""

import asyncio
import itertools
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import select

from bot.storage.engine.database import Database
from bot.storage.tables import tasks
from sandbox.discord import Channel, DidNotRespond, Guild, LocalDiscord, Message, Person
from tests.flows.harness import is_video, photo

_LOOK_SECONDS = 0.5
_AGAIN_SECONDS = 2.0
_REACT_AGAIN_SECONDS = 90.0


@dataclass(kw_only=True)
class LoadGenerator:
    """Sends a number of commands, each until it has become a task."""

    discord: LocalDiscord
    database: Database
    videos: int
    shards: int
    """The number of shards; if there are several, the two servers are on different ones."""
    channels: int = 20
    """Channels of both servers. In each, discord.py respects Discord's limit of five edits in 5 s.
    """
    at_once: int = 20
    """Commands that are not a task yet. A machine that cannot keep up answers that it is busy."""
    unanswered: int = 0
    refused: list[str] = field(default_factory=list)
    """The messages to people who had to ask again."""
    rerolls: int = 0
    """The number of additional rerolls, by reaction to results."""
    _messages: set[int] = field(default_factory=set)
    _made_again: set[str] = field(default_factory=set)

    async def ask(self) -> None:
        """Send all commands and reactions."""
        places = _places(self.discord, self.shards, self.channels)
        async with asyncio.TaskGroup() as together:
            together.create_task(self._ask(places))
            together.create_task(self._react([person for person, _ in places]))

    async def _react(self, people: list[Person]) -> None:
        """React to one result after another, and again if no reroll followed."""
        reacted: dict[str, float] = {}
        emoji = itertools.cycle("🔁🎲")
        while len(self._made_again) < self.rerolls:
            found = await self.database.read(lambda on: on.execute(select(tasks.c.parent_id)))
            self._made_again = {row.parent_id for row in found if row.parent_id is not None}
            late = time.monotonic() - _REACT_AGAIN_SECONDS
            waiting = {one for one, at in reacted.items() if at > late} | self._made_again
            for message in self._results():
                task_id = result_of(message)
                if task_id is None or task_id in waiting or message.reply_to is not None:
                    continue
                if len(waiting) >= self.rerolls:
                    break
                waiting.add(task_id)
                reacted[task_id] = time.monotonic()
                person = people[len(reacted) % len(people)]
                near = [one for one in people if message in one.sees(self._channel(message))]
                await (person if person in near else near[0]).react(message, next(emoji))
            await asyncio.sleep(_LOOK_SECONDS)

    def _results(self) -> list[Message]:
        channels = self.discord.world.messages.values()
        return [one for channel in channels for one in channel.values() if shows_video(one)]

    def _channel(self, message: Message) -> Channel:
        return self.discord.world.channels[message.channel_id]

    async def _ask(self, places: list[tuple[Person, Channel]]) -> None:
        numbers = iter(range(self.videos))
        watching = asyncio.create_task(self._look())
        try:
            await asyncio.gather(*(self._some(numbers, places) for _ in range(self.at_once)))
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    async def _some(self, numbers: Iterator[int], places: list[tuple[Person, Channel]]) -> None:
        for number in numbers:
            person, channel = places[number % len(places)]
            while (why := await self._one(person, channel, f"wave {number}")) is not None:
                self.refused.append(re.sub(r"\d+", "…", why.partition("\n")[0]))
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _one(self, person: Person, channel: Channel, prompt: str) -> str | None:
        """Send a command until it is a task; else return the reason that somebody was told."""
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
        return " ".join(answer.text for answer in shown.followups)

    async def _look(self) -> None:
        """Keep track of the messages that belong to a task."""
        while True:
            found = await self.database.read(lambda on: on.execute(select(tasks.c.message_id)))
            self._messages = {row.message_id for row in found}
            await asyncio.sleep(_LOOK_SECONDS)


def posted(discord_: LocalDiscord) -> Counter[str]:
    """Count the messages that show a video, by the task that their buttons name."""
    found: Counter[str] = Counter()
    for messages in discord_.world.messages.values():
        for message in messages.values():
            if shows_video(message) and (task_id := result_of(message)):
                found[task_id] += 1
    return found


def shows_video(message: Message) -> bool:
    """Return whether people see a video; a file that no component shows is invisible."""
    files = {f"attachment://{file.name}" for file in message.files if is_video(file.data)}
    items = [item for part in message.every_component() for item in part.get("items", [])]
    return bool(files & {item["media"]["url"] for item in items})


def result_of(message: Message) -> str | None:
    """Return the task whose result a message is, according to its buttons."""
    ids = [str(button.get("custom_id")) for button in message.buttons]
    return next((one.rpartition(":")[2] for one in ids if one.startswith("flipbook:info:")), None)


def _places(discord_: LocalDiscord, shards: int, channels: int) -> list[tuple[Person, Channel]]:
    """Return pairs of a person and a channel, alternating between two servers."""
    world = discord_.world
    first = world.guild
    second = _annex(discord_)
    # Discord assigns servers to shards by their id.
    while shards > 1 and (second.id >> 22) % shards == (first.id >> 22) % shards:
        time.sleep(0.002)
        second = _annex(discord_)
    discord_.tell_guild(second)
    people = []
    for number, guild in zip(range(channels), itertools.cycle([first, second]), strict=False):
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
    """Return the bot's permissions in the first server."""
    guild = discord_.world.guild
    roles = guild.members[discord_.world.bot.id].roles
    return sum(guild.roles[role].permissions for role in roles)
