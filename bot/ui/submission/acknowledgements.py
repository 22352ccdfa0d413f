"""First answers to interactions, and how a copy of the bot elsewhere is told from an answer lost.

Discord takes one first answer to an interaction and refuses every other with the code 40060. That
is either the answer of this process, whose own answer was lost on the way and which was sent again,
or of another process with the same token: then the interaction is none of this one's business.
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
# Interactions are answered within three seconds; these are of the last minutes even in a crowd.
_REMEMBERED = 10_000


class AnsweredElsewhere(Exception):
    """Another process with the same token has answered the interaction: nothing is to be done."""


class Acknowledgements:
    """Which first answers of this process may have got through; one for a process."""

    def __init__(self, *, second_copies: SecondCopyTable) -> None:
        self._second_copies = second_copies
        self._unclear = FIFOCache[int, None](_REMEMBERED)
        self._has_warned = False

    def watch(self, trace: aiohttp.TraceConfig) -> None:
        """See every attempt that discord.py makes: it repeats some of them by itself."""

        async def failed(
            _: object, __: SimpleNamespace, request: aiohttp.TraceRequestExceptionParams
        ) -> None:
            # Without a connection, or with a proxy that makes none, nothing was sent.
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
        """Whether an attempt of this process got no answer that tells what became of it."""
        return interaction.id in self._unclear

    async def first(self, interaction: discord.Interaction, answer: Awaitable[T]) -> T | None:
        """The outcome of a first answer; ``None``: an earlier attempt of this process got through.

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
            "interaction %s: another process with the same token has answered it; left to that one",
            interaction.id,
        )
        if not self._has_warned:
            self._has_warned = True
            log.warning(
                "another copy of this bot is running with the same DISCORD_TOKEN: of each command "
                "one of the two makes a video, and limits and budgets hold for each of them alone. "
                "Stop one, or give both the same PostgreSQL and --shards"
            )
        try:
            await self._second_copies.note()
        except StorageError as error:
            log.warning("the second copy could not be written down: %s", error)
