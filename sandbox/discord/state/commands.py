"""The application's registered commands, and who may use them."""

from collections import deque
from datetime import datetime, timedelta
from typing import Any

from sandbox.discord.render.interactions import context_of
from sandbox.discord.rules.commands import CHAT_INPUT, LIMITS, check_command, check_commands
from sandbox.discord.rules.fields import without_null
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.rules.problems import FormErrors, invalid_form, problem
from sandbox.discord.state.model import Channel, Json, User
from sandbox.discord.state.world import World

CREATES_A_DAY = 200
_OF_REPLIES = {"id", "application_id", "version", "guild_id"}


class Commands:
    """Registered commands, global and of single servers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: dict[int | None, dict[int, Json]] = {}
        self.creates_max = CREATES_A_DAY
        """Commands that may be created in 24 hours, of each server and global ones."""
        self._created: dict[int | None, deque[datetime]] = {}
        self.syncs = 0
        """How often the whole list was replaced."""

    def all(self, guild_id: int | None) -> list[Json]:
        """Return the commands of a server, or the global ones."""
        return list(self._kept.get(guild_id, {}).values())

    def get(self, guild_id: int | None, command_id: int) -> Json:
        """Return one command; 10063 if there is none."""
        command = self._kept.get(guild_id, {}).get(command_id)
        if command is None:
            raise problem(10063)
        return command

    def put_all(self, guild_id: int | None, commands: Any) -> list[Json]:
        """Replace the whole list; an existing command keeps its id."""
        errors = FormErrors()
        check_commands(
            errors,
            commands,
            of_guild=guild_id is not None,
            own_installs=self._world.own_installs,
        )
        errors.raise_if_any()
        known = {(one["name"], one["type"]): one["id"] for one in self.all(guild_id)}
        made = [self._made(guild_id, one, known) for one in commands]
        self._kept[guild_id] = {int(one["id"]): one for one in made}
        self.syncs += 1
        self._world.changes.announce()
        return made

    def put(self, guild_id: int | None, command: Any) -> Json:
        """Add a command, or replace the one with its name."""
        self._check(guild_id, command)
        known = {(one["name"], one["type"]): one["id"] for one in self.all(guild_id)}
        return self._keep(guild_id, self._made(guild_id, command, known))

    def change(self, guild_id: int | None, old: Json, given: Json) -> Json:
        """Change fields of a command; its id and type stay.

        Fields that only replies have, and those that are replaced, are not checked.
        """
        kept = {key: value for key, value in old.items() if key not in _OF_REPLIES}
        changed = kept | given | {"type": old["type"]}
        if old["type"] != CHAT_INPUT and "description" not in given:
            del changed["description"]
        self._check(guild_id, changed)
        key = (changed["name"], changed["type"])
        others = [one for one in self.all(guild_id) if one["id"] != old["id"]]
        if key in {(one["name"], one["type"]) for one in others}:
            words = "Application command names must be unique"
            raise invalid_form("name", "APPLICATION_COMMANDS_DUPLICATE_NAME", words)
        return self._keep(guild_id, self._made(guild_id, changed, {key: old["id"]}))

    def _check(self, guild_id: int | None, command: Any) -> None:
        errors = FormErrors()
        of_guild, own_installs = guild_id is not None, self._world.own_installs
        check_command(errors, "", command, of_guild=of_guild, own_installs=own_installs)
        errors.raise_if_any()

    def _keep(self, guild_id: int | None, made: Json) -> Json:
        kept = self._kept.setdefault(guild_id, {})
        if int(made["id"]) not in kept:
            most = LIMITS[made["type"]]
            if sum(one["type"] == made["type"] for one in kept.values()) >= most:
                raise problem(30032)
        kept[int(made["id"])] = made
        self._world.changes.announce()
        return made

    def delete(self, guild_id: int | None, command_id: int) -> None:
        """Delete a command; 10063 if there is none."""
        self.get(guild_id, command_id)
        del self._kept[guild_id][command_id]

    def _made(self, guild_id: int | None, given: Json, known: dict[Any, str]) -> Json:
        kind = given.get("type") or CHAT_INPUT
        body: Json = {
            "id": known.get((given["name"], kind)) or self._new_id(guild_id),
            "application_id": str(self._world.application_id),
            "version": str(self._world.ids.next()),
            "default_member_permissions": _text(given.get("default_member_permissions")),
            "type": kind,
            "name": given["name"],
            "name_localizations": given.get("name_localizations"),
            "description": given.get("description", ""),
            "description_localizations": given.get("description_localizations"),
            "nsfw": bool(given.get("nsfw", False)),
        }
        if given.get("options"):
            body["options"] = without_null(given["options"])
        if guild_id is not None:
            return body | {"guild_id": str(guild_id)}
        contexts = given.get("contexts")
        install = given.get("integration_types") or [0]
        in_messages = given.get("dm_permission", True)
        return body | {
            "contexts": contexts,
            "integration_types": install,
            "dm_permission": in_messages,
        }

    def _new_id(self, guild_id: int | None) -> str:
        """Count one more command of the day, and return its id; 30034 if there are too many."""
        now, made = self._world.clock.now(), self._created.setdefault(guild_id, deque())
        while made and now - made[0] >= timedelta(days=1):
            made.popleft()
        if len(made) >= self.creates_max:
            raise problem(30034)
        made.append(now)
        return str(self._world.ids.next())

    # --- who may use what ---------------------------------------------------------------

    def named(self, channel: Channel, name: str, kind: int = CHAT_INPUT) -> Json | None:
        """Return the command that a name means in a channel; the server's own come first."""
        for guild_id in (channel.guild_id, None):
            for command in self.all(guild_id):
                if (command["name"], command["type"]) == (name, kind):
                    return command
        return None

    def may_use(self, user: User, channel: Channel, command: Json) -> bool:
        """Whether Discord offers a command to somebody in a channel."""
        if not self._is_for(user, channel, command):
            return False
        if channel.guild_id is None:
            return bool(command.get("dm_permission", True))
        if not self._world.is_bot_in(channel):
            return True
        granted = self._world.permissions(user, channel)
        if granted & Permission.ADMINISTRATOR:
            return True
        if not granted & Permission.USE_APPLICATION_COMMANDS:
            return False
        decided = self._overrides(user, channel, command)
        if decided is not None:
            return decided
        wanted = command["default_member_permissions"]
        return wanted is None or (int(wanted) != 0 and int(wanted) & granted == int(wanted))

    def _is_for(self, user: User, channel: Channel, command: Json) -> bool:
        """Whether the command is for this kind of place and of installation."""
        contexts = command.get("contexts")
        if contexts is not None and context_of(channel) not in contexts:
            return False
        types = command.get("integration_types") or [0]
        by_person = 1 in types and user.has_installed
        return by_person or (0 in types and self._world.has_app(channel))

    def _overrides(self, user: User, channel: Channel, command: Json) -> bool | None:
        """Return what the server's command permissions say about somebody; ``None``: nothing."""
        assert channel.guild_id is not None
        entries = self.permissions(channel.guild_id, int(command["id"]))
        if not entries:
            entries = self.permissions(channel.guild_id, self._world.application_id)
        by_id = {int(one["id"]): bool(one["permission"]) for one in entries}
        guild_id = channel.guild_id
        # A thread has what its channel has.
        place = channel.parent_id if channel.is_thread else channel.id
        in_channel = by_id.get(place, by_id.get(guild_id - 1))
        if in_channel is False:
            return False
        if user.id in by_id:
            return by_id[user.id]
        roles = self._world.guilds[guild_id].members[user.id].roles
        decided = [by_id[role] for role in roles if role in by_id]
        if decided:
            return any(decided)
        return by_id.get(guild_id)

    def permissions(self, guild_id: int, target: int) -> list[Json]:
        """Return the entries for a command, or for the whole application (its id as target)."""
        return self._world.command_permissions.get((guild_id, target), [])


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
