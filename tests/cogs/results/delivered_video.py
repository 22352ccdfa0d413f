"""A delivered video in the local Discord, and people who react to it."""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import Any

from bot.domain.delivery import DeliveryMethod
from bot.domain.quotas.quota import Denial, Reason
from bot.domain.task import State, Task
from bot.errors import QuotaRefused
from cogs.rerolls import SECOND_THOUGHTS
from sandbox.discord import Channel, Interaction, Message, Person, Upload
from sandbox.discord.rules.component_fields import BUTTON
from sandbox.discord.state.model import walk_components
from tests.factories import make_picture
from tests.ui.client_fixture import MESSAGE, Bot, SkippingClock, until

TASK_ID = "t0000001"
PERMISSIONS = "/applications/{application_id}/guilds/{guild_id}/commands/permissions"
REACTION = MESSAGE + "/reactions/{emoji_name}/@me"
TYPING = "/channels/{channel_id}/typing"
OVER = QuotaRefused(Denial(reason=Reason.ALLOWANCE, limit=5, used=5, held=0))


class LivelyClock(SkippingClock):
    """A clock whose sleepers wake when a test skips far enough, so that nobody has to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.sleeping: Counter[float] = Counter()
        self._skip = asyncio.Event()

    def skip(self, **units: float) -> None:
        super().skip(**units)
        skipped, self._skip = self._skip, asyncio.Event()
        skipped.set()

    async def sleep(self, seconds: float) -> None:
        wake_at = self.monotonic() + seconds
        self.sleeping[seconds] += 1
        try:
            while (left := wake_at - self.monotonic()) > 0:
                # `wait_for` would lose a cancellation at this very moment in Python 3.11.
                with suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await self._skip.wait()
        finally:
            self.sleeping[seconds] -= 1


async def result(bot: Bot, channel: str | Channel = "general", **changes: Any) -> Message:
    """Deliver Ada's video, and return its message in the channel."""
    ada = bot.local.person("Ada")
    task = bot.task_of(await ada.say(channel, "x"), **changes)
    task = replace(task, person=replace(task.person, id=ada.id))
    posted = await bot.messenger.deliver(task, DeliveryMethod.POST, bot.video(), search=False)
    bot.store.tasks[task.id] = replace(
        task, result_channel_id=posted.channel_id, result_message_id=posted.message_id
    )
    return bot.local.world.messages[posted.channel_id][posted.message_id]


async def ending(bot: Bot, state: State) -> Message:
    """End Ada's `/animate` without a video, and return the message that is left in the channel."""
    picture = Upload("photo.png", make_picture("PNG"))
    shown = await bot.local.person("Ada").command("animate", image=picture, prompt="waves roll in")
    message = shown.message
    assert message is not None
    await until(lambda: bot.store.tasks)
    [task] = bot.store.tasks.values()
    ended = bot.store.tasks[task.id] = replace(task, state=state)
    await bot.messenger.tell_ended(ended)
    await until(lambda: "No video for" in message.text)
    return message


def parent(bot: Bot) -> Task:
    """Return the task of the video that `result` delivered."""
    return bot.store.tasks[TASK_ID]


async def reacts(bot: Bot, person: Person, message: Message, emoji: str) -> None:
    """React, and skip the seconds in which the reaction could be taken back."""
    await begins_to_react(bot, person, message, emoji)
    bot.clock.skip(seconds=SECOND_THOUGHTS)


async def begins_to_react(bot: Bot, person: Person, message: Message, emoji: str) -> None:
    """React, and wait until the bot has seen the reaction."""
    clock = clock_of(bot)
    await person.react(message, emoji)
    await until(lambda: clock.sleeping[SECOND_THOUGHTS], "the reaction is seen")


def replies(bot: Bot, message: Message) -> list[Message]:
    """Return the bot's public replies to a message."""
    everything = bot.local.world.messages[message.channel_id].values()
    return [one for one in everything if one.reply_to == message.id and not one.ephemeral]


async def invited(bot: Bot) -> Message:
    """Deliver a video, and wait for the bot's own two reactions under it."""
    message = await result(bot)
    await until(lambda: list(message.reactions) == ["🔁", "🎲"], "the bot's reactions")
    return message


def clock_of(bot: Bot) -> LivelyClock:
    """Return the bot's clock, which knows what is sleeping."""
    assert isinstance(bot.clock, LivelyClock)
    return bot.clock


async def deletes(person: Person, message: Message) -> Message:
    """Press 🗑️ and confirm it; what the question says afterwards."""
    question = await asked_to_delete(person, message)
    return await confirms(person, question)


async def asked_to_delete(person: Person, message: Message) -> Message:
    """Press 🗑️: the question that comes first."""
    shown = await person.press(message, "🗑️")
    found: Message = await until(lambda: _private(shown), "the question")
    return found


async def confirms(person: Person, question: Message) -> Message:
    """Press its button: what the question says afterwards."""
    asked = question.text
    await person.press(question, "Delete")
    await until(lambda: question.text != asked, "an answer")
    return question


def _private(shown: Interaction) -> Message | None:
    found = (one for one in (shown.message, *shown.followups) if one and one.ephemeral)
    return next(found, None)


def labels(message: Message) -> list[str]:
    """Return the emoji of a message's buttons."""
    parts = walk_components(message.components)
    return [part["emoji"]["name"] for part in parts if part["type"] == BUTTON]


def words(shown: Interaction) -> str:
    """Return the text of the answer."""
    assert shown.message is not None
    return shown.message.text


def refused(shown: Interaction) -> str:
    """Return the text of an answer that must be ephemeral."""
    assert shown.ephemeral
    return words(shown)
