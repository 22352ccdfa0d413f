"""Whether a server lets somebody use `/animate`, for buttons, forms and reactions.

Discord checks this only for commands. Without a check here, somebody from whom a server took
`/animate` away could still make videos by pressing 🔁.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

import discord
from cachetools import FIFOCache

from bot.clock import Clock
from bot.errors import Busy, CommandRefused
from bot.ui.delivery.requests.discord_errors import REQUEST_ERRORS, describe

log = logging.getLogger(__name__)

COMMAND = "animate"
"""The command whose permissions count for every way to make a video."""

# How long Discord's answer is used, and how long while there is no newer one. The gateway reports
# changes at once; this is for events that get lost.
FRESH = timedelta(minutes=5)
STALE = timedelta(minutes=15)
# Seconds to wait for Discord's answer: a button press must be answered within three.
PATIENCE = 1.5
_MOST_GUILDS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Somebody who wants to use the command in a channel of a server."""

    guild_id: int
    channel_id: int
    """For a thread, its parent channel."""
    person_id: int
    role_ids: Collection[int] = ()


_Entries = Mapping[int, bool]
_Reading = Callable[[_Entries, Asker], bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """A server's command permissions: allowed or not, by the id of a channel, role or person."""

    command: _Entries = field(default_factory=dict)
    application: _Entries = field(default_factory=dict)
    """For all of the bot's commands; those of the command itself take precedence."""

    def allow(self, asker: Asker) -> bool:
        """Decide as Discord does: both the channel and the person must be allowed."""
        return self._decided(_of_channel, asker) and self._decided(_of_person, asker)

    def _decided(self, read: _Reading, asker: Asker) -> bool:
        verdict = read(self.command, asker)
        if verdict is None:
            verdict = read(self.application, asker)
        return verdict is not False


def _of_channel(entries: _Entries, asker: Asker) -> bool | None:
    # "All channels" has the server's id minus one.
    return entries.get(asker.channel_id, entries.get(asker.guild_id - 1))


def _of_person(entries: _Entries, asker: Asker) -> bool | None:
    if asker.person_id in entries:
        return entries[asker.person_id]
    # "Everyone" is a role with the server's id, and counts only if no other role does.
    roles = [entries[one] for one in asker.role_ids if one in entries and one != asker.guild_id]
    return any(roles) if roles else entries.get(asker.guild_id)


class CommandAccess:
    """Asks Discord for a server's overrides of one command, at most once in :data:`FRESH`."""

    def __init__(self, *, client: discord.Client, clock: Clock, command: str = COMMAND) -> None:
        self._client = client
        self._clock = clock
        self._command = command
        self._command_id: int | None = None
        self._known = FIFOCache[int, tuple[datetime, Overrides]](_MOST_GUILDS)
        self._asking: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def learn(self, command_id: int) -> None:
        """Set the command's id, which then need not be fetched."""
        self._command_id = command_id

    async def check(self, asker: Asker, held: discord.Permissions) -> None:
        """Check that somebody may use the command.

        Args:
            asker: who asks, and where.
            held: their permissions in that channel.

        Raises:
            CommandRefused: the server does not let them.
            Busy: Discord does not answer.
        """
        if held.administrator:
            return
        if not held.use_application_commands:
            raise CommandRefused("without Use Application Commands")
        overrides = await self._overrides(asker.guild_id)
        if not overrides.allow(asker):
            raise CommandRefused("by the server's permissions for the command")

    def forget(self, guild_id: int) -> None:
        """Forget a server's permissions, which have just changed."""
        self._known.pop(guild_id, None)

    def forget_all(self) -> None:
        """Forget everything: changes during a disconnection are not reported afterwards."""
        self._known.clear()

    async def _overrides(self, guild_id: int) -> Overrides:
        lock = self._asking.setdefault(guild_id, asyncio.Lock())
        # A hundred reactions at once need only one request.
        async with lock:
            known = self._kept(guild_id, FRESH)
            if known is None:
                try:
                    async with asyncio.timeout(PATIENCE):
                        known = await self._ask(guild_id)
                    self._known[guild_id] = (self._clock.now(), known)
                except REQUEST_ERRORS as error:
                    log.warning(
                        "command permissions of server %s not read: %s", guild_id, describe(error)
                    )
                    known = self._kept(guild_id, STALE)
        if known is None:
            raise Busy("the server's permissions are not known")
        return known

    def _kept(self, guild_id: int, life: timedelta) -> Overrides | None:
        asked_at, overrides = self._known.get(guild_id, (None, None))
        is_good = asked_at is not None and self._clock.now() - asked_at < life
        return overrides if is_good else None

    async def _ask(self, guild_id: int) -> Overrides:
        application_id = self._client.application_id or 0
        command_id = await self._id_of_command(application_id)
        # One request for the command and the application; discord.py's own fetches only one.
        answer = await self._client.http.get_guild_application_command_permissions(
            application_id, guild_id
        )
        entries = {int(one["id"]): _read(one["permissions"]) for one in answer}
        return Overrides(
            command=entries.get(command_id, {}), application=entries.get(application_id, {})
        )

    async def _id_of_command(self, application_id: int) -> int:
        if self._command_id is None:
            registered = await self._client.http.get_global_commands(application_id)
            named = (int(one["id"]) for one in registered if one["name"] == self._command)
            self._command_id = next(named, 0)
        return self._command_id


def _read(permissions: Iterable[Any]) -> dict[int, bool]:
    return {int(one["id"]): bool(one["permission"]) for one in permissions}


def asker_of(interaction: discord.Interaction) -> Asker | None:
    """The person and place of an interaction; ``None`` outside servers."""
    if interaction.guild_id is None:
        return None
    channel, user = interaction.channel, interaction.user
    parent_id = channel.parent_id if isinstance(channel, discord.Thread) else None
    roles = user.roles if isinstance(user, discord.Member) else []
    return Asker(
        guild_id=interaction.guild_id,
        channel_id=parent_id or interaction.channel_id or 0,
        person_id=user.id,
        role_ids=frozenset(role.id for role in roles),
    )
