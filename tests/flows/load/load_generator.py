"""Many people who ask for videos at once, in two servers, and ask again where they are told to."""

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
    """Asks for so many videos, and goes on until each of them is a task."""

    discord: LocalDiscord
    database: Database
    videos: int
    shards: int
    """The two servers lie on different ones where there are several."""
    channels: int = 20
    """Of both together. discord.py keeps to Discord's five edits in 5 s for each."""
    at_once: int = 20
    """Commands that are not a task yet. More than a machine can take in are told it is busy."""
    unanswered: int = 0
    refused: list[str] = field(default_factory=list)
    """What was said to those who had to ask again."""
    rerolls: int = 0
    """So many more by reaction to results, once those are there."""
    _messages: set[int] = field(default_factory=set)
    _made_again: set[str] = field(default_factory=set)

    async def ask(self) -> None:
        """All of it."""
        places = _places(self.discord, self.shards, self.channels)
        async with asyncio.TaskGroup() as together:
            together.create_task(self._ask(places))
            together.create_task(self._react([person for person, _ in places]))

    async def _react(self, people: list[Person]) -> None:
        """Somebody reacts to one result after the other, and again where nothing came of it."""
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
        return " ".join(answer.text for answer in shown.followups)

    async def _look(self) -> None:
        """Which messages belong to a task."""
        while True:
            found = await self.database.read(lambda on: on.execute(select(tasks.c.message_id)))
            self._messages = {row.message_id for row in found}
            await asyncio.sleep(_LOOK_SECONDS)


def posted(discord_: LocalDiscord) -> Counter[str]:
    """Messages that show a video, by the task that their buttons name."""
    found: Counter[str] = Counter()
    for messages in discord_.world.messages.values():
        for message in messages.values():
            if shows_video(message) and (task_id := result_of(message)):
                found[task_id] += 1
    return found


def shows_video(message: Message) -> bool:
    """Whether people see a video there: a file that nothing shows is not seen."""
    files = {f"attachment://{file.name}" for file in message.files if is_video(file.data)}
    items = [item for part in message.every_component() for item in part.get("items", [])]
    return bool(files & {item["media"]["url"] for item in items})


def result_of(message: Message) -> str | None:
    """The task whose result this message is, by its buttons."""
    ids = [str(button.get("custom_id")) for button in message.buttons]
    return next((one.rpartition(":")[2] for one in ids if one.startswith("flipbook:info:")), None)


def _places(discord_: LocalDiscord, shards: int, channels: int) -> list[tuple[Person, Channel]]:
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
    """The bot's, as in the first server."""
    guild = discord_.world.guild
    roles = guild.members[discord_.world.bot.id].roles
    return sum(guild.roles[role].permissions for role in roles)
