"""A server's log channel: changes, refused blocked people, budget warnings, unclear tasks.

Nothing waits for it, and a line that cannot be posted is only logged. The audit log has every
change, whether or not its line was posted here.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from weakref import WeakValueDictionary

import discord
from cachetools import TTLCache

from bot.clock import Clock
from bot.concurrency import BackgroundTasks
from bot.domain.content_check import ContentFinding
from bot.domain.guilds.audit import AuditEntry
from bot.domain.guilds.default_notice import DefaultNotice
from bot.domain.guilds.guild import GuildSettings
from bot.domain.models.model import Models
from bot.domain.quotas.budget import BudgetWarning
from bot.domain.task import Task
from bot.errors import DeliveryError, DeliveryUnclear, StorageError
from bot.services.moderation import Moderation
from bot.ui.access.install_context import may_write_in
from bot.ui.delivery.letters import letter
from bot.ui.delivery.requests.discord_errors import REQUEST_ERRORS, judged
from bot.ui.texts.catalogues import ENGLISH, speaking_in
from bot.ui.texts.moderation import audit
from bot.ui.texts.moderation import log_channel as texts

log = logging.getLogger(__name__)

# All in seconds: between two checks for budgets that reached a level; between two lines about one
# blocked person, who may press a button all day; for the last lines at shutdown.
WARNINGS_EVERY = 15.0
BLOCKED_EVERY = 600.0
LAST_LINES = 2.0
# The most lines being posted at once, in all servers; any more are only logged.
_MOST_WRITING = 500
_MOST_TOLD = 5_000

_Words = Callable[[], str]


class LogChannel:
    """Posts to the log channels of servers that have one."""

    def __init__(
        self,
        *,
        client: discord.Client,
        moderation: Moderation,
        tell_operator: Callable[[str], Awaitable[None]],
        clock: Clock,
        models: Models,
    ) -> None:
        """``models``: what is offered, to name what made a video where that can differ."""
        self._models = models
        self._moderation = moderation
        self._tell_operator = tell_operator
        self._clock = clock
        self._client = client
        self._writing = BackgroundTasks()
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        # The blocked people that a line was posted about lately, by server and person.
        self._told: TTLCache[tuple[int, int, str], None, float] = TTLCache(
            _MOST_TOLD, ttl=BLOCKED_EVERY, timer=clock.monotonic
        )

    async def aclose(self) -> None:
        """Post the last lines. Call this before the client is closed."""
        await self._writing.wait(LAST_LINES)
        await self._writing.cancel()

    # --- events -----------------------------------------------------------------------------

    def changed(self, entry: AuditEntry) -> None:
        """Post a moderator's change."""
        self._write(entry.guild_id, partial(audit.logged, entry))

    def refused_by_block(self, guild_id: int, person_id: int) -> None:
        """Post that a blocked person asked for a video, at most once in ten minutes per person."""
        if self._is_news(guild_id, person_id, "blocked"):
            self._write(guild_id, partial(texts.refused_by_block, person_id))

    def refused_by_check(self, guild_id: int, person_id: int, finding: ContentFinding) -> None:
        """Post that the operator's check refused a request, without its prompt and picture.

        At most once in ten minutes per person and category.
        """
        if self._is_news(guild_id, person_id, finding.category):
            self._write(guild_id, partial(texts.refused_by_check, person_id, finding))

    def _is_news(self, guild_id: int, person_id: int, why: str) -> bool:
        key = (guild_id, person_id, why)
        is_news = key not in self._told
        if is_news:
            self._told[key] = None
        return is_news

    def unclear(self, task: Task) -> None:
        """Post that it is unclear whether the provider took a request."""
        if task.place.guild_id is not None:
            self._write(task.place.guild_id, partial(texts.unclear, task, self._models))

    async def run(self) -> None:
        """Post warnings about budgets and notices about new defaults, forever."""
        while True:
            await self._clock.sleep(WARNINGS_EVERY)
            try:
                for warning in await self._moderation.warnings():
                    await self._warn(warning)
                for notice in await self._moderation.default_notices():
                    await self._tell_defaults(notice)
            except StorageError as error:
                log.warning("budget warnings and notices failed: %s", error)

    async def _tell_defaults(self, notice: DefaultNotice) -> None:
        # After a kill between the post and the write, Discord drops the second by its nonce.
        nonce = hashlib.sha256(f"{notice.guild_id} {notice.version}".encode()).hexdigest()[:25]
        try:
            await self._say(notice.guild_id, partial(texts.new_defaults, notice), nonce=nonce)
        except DeliveryUnclear as error:
            log.info("notice about new defaults postponed: %s", error)
            return
        await self._moderation.told_defaults(notice)

    async def _warn(self, warning: BudgetWarning) -> None:
        words = partial(texts.warning, warning)
        if warning.level.guild_id is None:
            with speaking_in(ENGLISH):
                to_operator = words()
            await self._tell_operator(to_operator)
        else:
            try:
                await self._say(warning.level.guild_id, words)
            except DeliveryUnclear as error:
                # It stays in the database, and is posted when Discord is back.
                log.info("budget warning postponed: %s", error)
                return
        await self._moderation.warned(warning)

    # --- its own problems -------------------------------------------------------------------

    def trouble(self, guild_id: int, channel_id: int | None) -> str | None:
        """What is wrong with a log channel, for people; ``None`` if nothing is, or none is set."""
        if channel_id is None:
            return None
        guild = self._client.get_guild(guild_id)
        channel = guild.get_channel_or_thread(channel_id) if guild else None
        if guild is None or channel is None:
            return texts.trouble(channel_id)
        try:
            fine = may_write_in(channel.permissions_for(guild.me), channel)
        except discord.ClientException:
            # The parent channel of a thread is not known.
            fine = False
        return None if fine else texts.trouble(channel_id)

    # --- writing ----------------------------------------------------------------------------

    def _write(self, guild_id: int, words: _Words) -> None:
        if len(self._writing) >= _MOST_WRITING:
            log.warning("log channel of server %s: line dropped, too many at once", guild_id)
            return
        self._writing.start(self._try(guild_id, words))

    async def _try(self, guild_id: int, words: _Words) -> None:
        try:
            await self._say(guild_id, words)
        except (StorageError, DeliveryUnclear) as error:
            log.warning("log channel of server %s: line not posted: %s", guild_id, error)

    async def _say(self, guild_id: int, words: _Words, *, nonce: str | None = None) -> None:
        """Post one line at a time; a refusal by Discord is only logged.

        Raises:
            StorageError: the settings cannot be read.
            DeliveryUnclear: it is worth another try.
        """
        async with self._turns.setdefault(guild_id, asyncio.Lock()):
            settings = await self._moderation.settings(guild_id)
            try:
                await self._send(guild_id, settings, words, nonce)
            except DeliveryUnclear:
                raise
            except DeliveryError as error:
                log.info("log channel of server %s: line refused: %s", guild_id, error)

    async def _send(
        self, guild_id: int, settings: GuildSettings, words: _Words, nonce: str | None
    ) -> None:
        channel_id = settings.log_channel_id
        if channel_id is None:
            return
        with speaking_in(settings.language or self._own_language(guild_id)):
            text = words()
        message = letter(text) if nonce is None else letter(text) | {"nonce": nonce}
        channel = self._client.get_partial_messageable(channel_id, guild_id=guild_id)
        try:
            await channel.send(**message, silent=True)
        except REQUEST_ERRORS as error:
            raise judged(error) from error

    def _own_language(self, guild_id: int) -> str:
        guild = self._client.get_guild(guild_id)
        return ENGLISH if guild is None else str(guild.preferred_locale)
