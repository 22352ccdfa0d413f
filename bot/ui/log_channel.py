"""The server's log channel: changes, refusals by block, budgets, what became unclear.

It never gets in the way of anything: what cannot be written there is only logged.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Protocol

import discord

from bot.clock import Clock
from bot.domain.audit import AuditEntry
from bot.domain.task import Task
from bot.errors import StorageError
from bot.services.moderation import Moderation
from bot.ui.rungs import REQUEST_ERRORS, said
from bot.ui.texts import changes
from bot.ui.texts import log_channel as texts
from bot.ui.texts.catalogues import ENGLISH, speaking_in

log = logging.getLogger(__name__)

WARNINGS_EVERY = 15.0
"""Seconds between two looks for budgets that reached a level."""


class TellsOperator(Protocol):
    """What is for whoever runs the bot."""

    async def tell_operator(self, text: str) -> None:
        """A direct message to the application's owner."""


class LogChannel:
    """Writes into the log channels of servers that have one."""

    def __init__(self, *, moderation: Moderation, operator: TellsOperator, clock: Clock) -> None:
        self._moderation = moderation
        self._operator = operator
        self._clock = clock
        self._client: discord.Client | None = None

    def attach(self, client: discord.Client) -> None:
        """Write by this client, which is logged in."""
        self._client = client

    async def changed(self, entry: AuditEntry) -> None:
        """A moderator changed something."""
        await self._say(entry.guild_id, partial(changes.logged, entry))

    async def refused_by_block(self, guild_id: int, person_id: int) -> None:
        """Somebody who is blocked asked for a video."""
        await self._say(guild_id, partial(texts.refused_by_block, person_id))

    async def unclear(self, task: Task) -> None:
        """Nobody knows whether the provider took a request."""
        if task.place.guild_id is not None:
            await self._say(task.place.guild_id, partial(texts.unclear, task))

    async def run(self) -> None:
        """Tell of budgets that reached a level, for ever."""
        while True:
            await self._clock.sleep(WARNINGS_EVERY)
            try:
                await self._tell_warnings()
            except StorageError as error:
                log.warning("budget warnings: %s", error)

    async def _tell_warnings(self) -> None:
        for warning in await self._moderation.warnings():
            words = partial(texts.warning, warning)
            if warning.level.guild_id is None:
                with speaking_in(ENGLISH):
                    to_operator = words()
                await self._operator.tell_operator(to_operator)
            else:
                await self._say(warning.level.guild_id, words)
            await self._moderation.warned(warning)

    async def trouble(self, guild_id: int, channel_id: int | None) -> str | None:
        """What is wrong with a log channel, in words; ``None`` where nothing is, or none is set."""
        if channel_id is None or self._client is None:
            return None
        guild = self._client.get_guild(guild_id)
        channel = guild.get_channel_or_thread(channel_id) if guild else None
        if guild is None or channel is None:
            return texts.trouble(channel_id)
        held = channel.permissions_for(guild.me)
        fine = held.view_channel and held.send_messages
        return None if fine else texts.trouble(channel_id)

    def _own_language(self, guild_id: int) -> str:
        guild = self._client.get_guild(guild_id) if self._client else None
        return ENGLISH if guild is None else str(guild.preferred_locale)

    async def _say(self, guild_id: int, words: Callable[[], str]) -> None:
        if self._client is None:
            return
        try:
            settings = await self._moderation.settings(guild_id)
            if settings.log_channel_id is None:
                return
            channel = self._client.get_partial_messageable(
                settings.log_channel_id, guild_id=guild_id
            )
            with speaking_in(settings.language or self._own_language(guild_id)):
                text = words()
            await asyncio.shield(channel.send(text, silent=True))
        except StorageError as error:
            log.warning("log channel of %s: %s", guild_id, error)
        except REQUEST_ERRORS as error:
            log.info("log channel of %s: %s", guild_id, said(error))
