"""The real client on a local Discord, with moderators' rules in a real database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.storage.engine.database import open_database
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.tasks.tasks import TaskStore
from sandbox.discord import Interaction, LocalDiscord, Message, Person
from tests.cogs.results.delivered_video import LivelyClock
from tests.ui.client_fixture import Bot, connected_bot, until


@dataclass
class Moderated:
    """A bot, its rules and its tasks."""

    bot: Bot
    rules: ModerationStore
    tasks: TaskStore


@asynccontextmanager
async def moderated(
    folder: Path,
    *,
    clock: LivelyClock | None = None,
    local: LocalDiscord | None = None,
    **context: Any,
) -> AsyncIterator[Moderated]:
    """Run a bot with its rules; starting it again with the same folder and Discord is a restart."""
    clock = clock or LivelyClock()
    async with open_database(f"sqlite:///{folder / 'flipbook.db'}") as database:
        rules = ModerationStore(database, clock=clock)
        async with connected_bot(
            folder, clock=clock, local=local, rules=rules, database=database, **context
        ) as bot:
            bot.store.moderated = tasks = TaskStore(database, clock=clock)
            yield Moderated(bot, rules, tasks)


async def ask(person: Person, name: str, *, raw: bool = False, **options: Any) -> Message:
    """Send a command, and return its ephemeral answer."""
    shown = await person.command(name, raw=raw, options=options)
    found: Message = await until(lambda: _private(shown), f"/{name} answers")
    return found


async def answer(person: Person, name: str, *, raw: bool = False, **options: Any) -> str:
    """Send a command, and return the text of its ephemeral answer."""
    return (await ask(person, name, raw=raw, **options)).text


def _private(shown: Interaction) -> Message | None:
    for one in [*shown.followups, shown.message]:
        if one is not None and one.ephemeral and not one.loading:
            return one
    return None
