"""First answers to interactions, and detection of another process with the same bot token.

Discord takes one first answer to an interaction and refuses any other with the code 40060. Then
either an earlier attempt of this process got through although its outcome was lost, or another
process with the same token has answered, and this one leaves the interaction alone.
"""

import logging
import re
from collections.abc import Awaitable
from types import SimpleNamespace
from typing import TypeVar

import aiohttp
import discord
from cachetools import FIFOCache

from bot.errors import StorageError
from bot.storage.engine.gateways import SecondCopyTable

log = logging.getLogger(__name__)

T = TypeVar("T")

_ALREADY_ACKNOWLEDGED = 40060
_CALLBACK = re.compile(r"/interactions/(\d+)/[^/]+/callback$")
# Interactions are answered within three seconds, so this covers minutes even in a crowd.
_REMEMBERED = 10_000


class AnsweredElsewhere(Exception):
    """Another process with the same token has answered the interaction; leave it alone."""


class Acknowledgements:
    """Knows which first answers of this process may have got through; there is one per process."""

    def __init__(self, *, second_copies: SecondCopyTable) -> None:
        self._second_copies = second_copies
        self._unclear = FIFOCache[int, None](_REMEMBERED)
        self._has_warned = False

    def watch(self, trace: aiohttp.TraceConfig) -> None:
        """Watch every attempt, including those that discord.py repeats by itself."""

        async def failed(
            _: object, __: SimpleNamespace, request: aiohttp.TraceRequestExceptionParams
        ) -> None:
            # If no connection was made, nothing was sent.
            unsent = (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError)
            if not isinstance(request.exception, unsent):
                self._note_unclear(request.url.path)

        async def answered(
            _: object, __: SimpleNamespace, request: aiohttp.TraceRequestEndParams
        ) -> None:
            if request.response.status >= 500:
                self._note_unclear(request.url.path)

        trace.on_request_exception.append(failed)
        trace.on_request_end.append(answered)

    def _note_unclear(self, path: str) -> None:
        if found := _CALLBACK.search(path):
            self._unclear[int(found[1])] = None

    def may_have_answered(self, interaction: discord.Interaction) -> bool:
        """Whether the outcome of an attempt of this process is unknown."""
        return interaction.id in self._unclear

    async def first(self, interaction: discord.Interaction, answer: Awaitable[T]) -> T | None:
        """Send a first answer and return its outcome; ``None`` if an earlier attempt got through.

        Raises:
            AnsweredElsewhere: another process has answered.
            discord.HTTPException, aiohttp.ClientError, OSError: as ``answer`` does.
        """
        try:
            return await answer
        except discord.HTTPException as error:
            if error.code != _ALREADY_ACKNOWLEDGED:
                raise
            if self.may_have_answered(interaction):
                return None
            await self._answered_elsewhere(interaction)
            raise AnsweredElsewhere(f"interaction {interaction.id}") from error

    async def _answered_elsewhere(self, interaction: discord.Interaction) -> None:
        log.info(
            "interaction %s: left alone, another process with the same token has answered it",
            interaction.id,
        )
        if not self._has_warned:
            self._has_warned = True
            log.warning(
                "another copy of this bot is running with the same DISCORD_TOKEN: either one "
                "answers each command, and each has limits and budgets of its own. "
                "Stop one, or give both the same PostgreSQL database and --shards"
            )
        try:
            await self._second_copies.note()
        except StorageError as error:
            log.warning("second copy of the bot not recorded: %s", error)
