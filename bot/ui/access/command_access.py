"""Whether a server lets somebody use a command: asked by the bot itself for all that is no command.

Discord checks this for slash commands. Buttons, forms and reactions pass by it, so that a server
that took `/animate` away from somebody would see them make videos by pressing 🔁.
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
from bot.ui.delivery.discord_errors import REQUEST_ERRORS, describe

log = logging.getLogger(__name__)

COMMAND = "animate"
"""Whoever may use it may make videos, in whatever way."""

# How long the answer of Discord is good for, and how long it serves while there is no other. A
# change is told by the gateway at once; this is for one that is lost on the way.
FRESH = timedelta(minutes=5)
STALE = timedelta(minutes=15)
# Seconds for an answer: whoever pressed a button must be answered within three.
PATIENCE = 1.5
_MOST_GUILDS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Somebody who wants to use the command in a channel of a server."""

    guild_id: int
    channel_id: int
    """Of a thread, the channel that it is in."""
    person_id: int
    role_ids: Collection[int] = ()


_Entries = Mapping[int, bool]
_Reading = Callable[[_Entries, Asker], bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """A server's own permissions: allowed or not, by the id of a channel, role or person."""

    command: _Entries = field(default_factory=dict)
    application: _Entries = field(default_factory=dict)
    """For all of the bot's commands; what is said of the command itself goes before."""

    def allow(self, asker: Asker) -> bool:
        """As Discord decides: the channel must be open to it, and the person be let."""
        return self._decided(_of_channel, asker) and self._decided(_of_person, asker)

    def _decided(self, read: _Reading, asker: Asker) -> bool:
        verdict = read(self.command, asker)
        if verdict is None:
            verdict = read(self.application, asker)
        return verdict is not False


def _of_channel(entries: _Entries, asker: Asker) -> bool | None:
    # "All channels" has the id of the server less one.
    return entries.get(asker.channel_id, entries.get(asker.guild_id - 1))


def _of_person(entries: _Entries, asker: Asker) -> bool | None:
    if asker.person_id in entries:
        return entries[asker.person_id]
    # "Everyone" is a role with the id of the server, and counts only where no other role does.
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
        """The command's id, as Discord has just said: it need not be asked for."""
        self._command_id = command_id

    async def check(self, asker: Asker, held: discord.Permissions) -> None:
        """
        Args:
            asker: who, and where.
            held: what they may do in that channel.

        Raises:
            CommandRefused: the server does not let them.
            Busy: Discord does not say whether it does.
        """
        if held.administrator:
            return
        if not held.use_application_commands:
            raise CommandRefused("without Use Application Commands")
        overrides = await self._overrides(asker.guild_id)
        if not overrides.allow(asker):
            raise CommandRefused("by the server's permissions for the command")

    def forget(self, guild_id: int) -> None:
        """Its moderators have just changed them."""
        self._known.pop(guild_id, None)

    def forget_all(self) -> None:
        """What was changed while the gateway was away is not told afterwards."""
        self._known.clear()

    async def _overrides(self, guild_id: int) -> Overrides:
        lock = self._asking.setdefault(guild_id, asyncio.Lock())
        # A hundred reactions at once are one question.
        async with lock:
            known = self._kept(guild_id, FRESH)
            if known is None:
                try:
                    async with asyncio.timeout(PATIENCE):
                        known = await self._ask(guild_id)
                    self._known[guild_id] = (self._clock.now(), known)
                except REQUEST_ERRORS as error:
                    log.warning("command permissions of %s: %s", guild_id, describe(error))
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
        # One request for the command and the application; discord.py's own asks for one of them.
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
    """Who asks by an interaction, and where; ``None`` outside servers."""
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
