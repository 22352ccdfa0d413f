"""The application's commands: what is registered, and who may use what."""

import re
from typing import Any

from sandbox.discord.render.interactions import context_of
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.rules.problems import FormErrors, problem
from sandbox.discord.state.model import Channel, Json, User
from sandbox.discord.state.world import World

CHAT_INPUT, MESSAGE_MENU = 1, 3
SUBCOMMAND, GROUP = 1, 2

_NAME = re.compile(r"^[-_'\w]{1,32}$")
_LIMITS = {CHAT_INPUT: 100, 2: 15, MESSAGE_MENU: 15}
"""Commands of a type, in one server or globally (Discord's documentation)."""


class Commands:
    """Registered commands, global ones and those of single servers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: dict[int | None, dict[int, Json]] = {}
        self.syncs = 0
        """How often the whole list was put."""

    def all(self, guild_id: int | None) -> list[Json]:
        """The commands of a server, or the global ones."""
        return list(self._kept.get(guild_id, {}).values())

    def get(self, guild_id: int | None, command_id: int) -> Json:
        """One command, else 10063."""
        command = self._kept.get(guild_id, {}).get(command_id)
        if command is None:
            raise problem(10063)
        return command

    def put_all(self, guild_id: int | None, commands: list[Json]) -> list[Json]:
        """Replace the whole list; a command that was there keeps its id."""
        errors = FormErrors()
        for index, command in enumerate(commands):
            check_command(errors, f"{index}", command)
            self._check_installs(errors, f"{index}", command)
        for kind, most in _LIMITS.items():
            if sum(one.get("type", CHAT_INPUT) == kind for one in commands) > most:
                errors.add("_", "APPLICATION_COMMANDS_MAX", f"Max {most} of type {kind}")
        errors.raise_if_any()
        known = {(one["name"], one["type"]): one["id"] for one in self.all(guild_id)}
        made = [self._made(guild_id, one, known) for one in commands]
        self._kept[guild_id] = {int(one["id"]): one for one in made}
        self.syncs += 1
        self._world.changes.announce()
        return made

    def _check_installs(self, errors: FormErrors, path: str, command: Json) -> None:
        """People can have a command for themselves only where they can have the application."""
        if 1 in (command.get("integration_types") or []) and not self._world.own_installs:
            words = "The application does not support this installation type"
            errors.add(f"{path}.integration_types", "BASE_TYPE_CHOICES", words)

    def put(self, guild_id: int | None, command: Json) -> Json:
        """Add one command, or replace the one with its name."""
        errors = FormErrors()
        check_command(errors, "", command)
        errors.raise_if_any()
        known = {(one["name"], one["type"]): one["id"] for one in self.all(guild_id)}
        made = self._made(guild_id, command, known)
        self._kept.setdefault(guild_id, {})[int(made["id"])] = made
        self._world.changes.announce()
        return made

    def delete(self, guild_id: int | None, command_id: int) -> None:
        """Take one away, else 10063."""
        self.get(guild_id, command_id)
        del self._kept[guild_id][command_id]

    def _made(self, guild_id: int | None, given: Json, known: dict[Any, str]) -> Json:
        kind = given.get("type", CHAT_INPUT)
        body: Json = {
            "id": known.get((given["name"], kind)) or str(self._world.ids.next()),
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
            body["options"] = given["options"]
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

    # --- who may use what ---------------------------------------------------------------

    def named(self, channel: Channel, name: str, kind: int = CHAT_INPUT) -> Json | None:
        """The command that a name means in a channel: the server's own first."""
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
        """Whether it is made for such a place, and for how the application got there."""
        contexts = command.get("contexts")
        if contexts is not None and context_of(channel) not in contexts:
            return False
        types = command.get("integration_types") or [0]
        by_person = 1 in types and user.has_installed
        return by_person or (0 in types and self._world.has_app(channel))

    def _overrides(self, user: User, channel: Channel, command: Json) -> bool | None:
        """What the server's own permissions for a command say of somebody; ``None``: nothing."""
        assert channel.guild_id is not None
        entries = self.permissions(channel.guild_id, int(command["id"]))
        if not entries:
            entries = self.permissions(channel.guild_id, self._world.application_id)
        by_id = {int(one["id"]): bool(one["permission"]) for one in entries}
        guild_id = channel.guild_id
        in_channel = by_id.get(channel.id, by_id.get(guild_id - 1))
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
        """The entries for a command, or for the whole application (its id as target)."""
        return self._world.command_permissions.get((guild_id, target), [])


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def check_command(errors: FormErrors, path: str, command: Json) -> None:
    """Check the definition of a command."""
    dot = f"{path}." if path else ""
    kind = command.get("type", CHAT_INPUT)
    name = command.get("name", "")
    errors.length(f"{dot}name", name, 1, 32)
    if kind != CHAT_INPUT:
        return
    _check_name(errors, f"{dot}name", name)
    errors.length(f"{dot}description", command.get("description", ""), 1, 100)
    _check_options(errors, dot, command.get("options") or [])


def _check_name(errors: FormErrors, path: str, name: str) -> None:
    if not _NAME.match(name) or name != name.lower():
        words = "Command name is invalid"
        errors.add(path, "APPLICATION_COMMAND_INVALID_NAME", words)


def _check_options(errors: FormErrors, dot: str, options: list[Json]) -> None:
    if len(options) > 25:
        errors.length(f"{dot}options", options, 0, 25)
    optional_seen = False
    for index, option in enumerate(options):
        here = f"{dot}options.{index}."
        _check_option(errors, here, option)
        if option.get("required") and optional_seen:
            words = "Required options must be placed before non-required options"
            errors.add(here[:-1], "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", words)
        optional_seen = optional_seen or not option.get("required")


def _check_option(errors: FormErrors, here: str, option: Json) -> None:
    errors.choice(f"{here}type", option.get("type"), set(range(1, 12)))
    _check_name(errors, f"{here}name", option.get("name", ""))
    errors.length(f"{here}description", option.get("description", ""), 1, 100)
    choices = option.get("choices") or []
    if len(choices) > 25:
        errors.length(f"{here}choices", choices, 0, 25)
    for index, choice in enumerate(choices):
        errors.length(f"{here}choices.{index}.name", choice.get("name", ""), 1, 100)
    if option.get("type") in (SUBCOMMAND, GROUP):
        _check_options(errors, here, option.get("options") or [])
