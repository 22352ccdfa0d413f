"""Slash commands as somebody fills them in, before they are sent."""

from collections.abc import Iterator
from typing import Any

from sandbox.discord.people.options import ClientRefused, OptionsBuilder
from sandbox.discord.people.picking import Picker, check_file_type
from sandbox.discord.render.resolved import Resolved
from sandbox.discord.rules.commands import CHAT_INPUT, MESSAGE_MENU, USER_MENU
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.state.commands import Commands
from sandbox.discord.state.files import Files
from sandbox.discord.state.messages.messages import Messages
from sandbox.discord.state.model import Channel, Json, Message, Upload, User
from sandbox.discord.state.world import World


class CommandDrafts:
    """Makes the data of commands, with the checks of Discord's own client."""

    def __init__(self, world: World, files: Files, commands: Commands, messages: Messages) -> None:
        self._world = world
        self._messages = messages
        self._files = files
        self._commands = commands

    def offered(self, person: User, where: Channel) -> list[str]:
        """Return the names of the slash commands that somebody is offered in a channel."""
        names = {one["name"] for s in (None, where.guild_id) for one in self._commands.all(s)}
        found = [self._commands.named(where, name) for name in sorted(names)]
        return [c["name"] for c in found if c and self._commands.may_use(person, where, c)]

    def command(
        self,
        person: User,
        name: str,
        where: Channel,
        given: dict[str, Any],
        *,
        raw: bool,
        focused: str | None = None,
    ) -> Json:
        """Return the data of a slash command; ``focused`` is the option being completed."""
        first, *path = name.removeprefix("/").split()
        command = self.find(person, first, where, CHAT_INPUT, raw=raw)
        self._check_files(person, where, given, command, raw=raw)
        resolved = self.resolved(person, where)
        builder = OptionsBuilder(resolved, raw=raw)
        options = builder.build(command.get("options") or [], path, given, focused)
        data: Json = {"id": command["id"], "name": first, "type": CHAT_INPUT, "options": options}
        if resolved.data:
            data["resolved"] = resolved.data
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        return data

    def menu(
        self, person: User, name: str, where: Channel, target: User | Message, *, raw: bool
    ) -> Json:
        """Return the data of a command from the Apps menu of somebody or of a message."""
        kind = USER_MENU if isinstance(target, User) else MESSAGE_MENU
        command = self.find(person, name, where, kind, raw=raw)
        resolved = self.resolved(person, where)
        if isinstance(target, User):
            resolved.add(target)
        else:
            shown = self._messages.target(target)
            resolved.data["messages"] = {str(target.id): shown}
        data: Json = {"id": command["id"], "name": command["name"], "type": kind}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        return data | {"target_id": str(target.id), "resolved": resolved.data}

    def resolved(self, person: User, where: Channel) -> Resolved:
        """Return an empty collection of what somebody chooses in a channel."""
        return Resolved(self._world, self._files, person, self._world.guild_of(where))

    def picker(self, person: User, where: Channel) -> Picker:
        """Return the reader of somebody's choices in menus and forms of a channel."""
        guild, limit = self._world.guild_of(where), self._world.upload_limit(where, person)
        return Picker(self._world, self.resolved(person, where), guild, limit)

    def find(self, person: User, name: str, where: Channel, kind: int, *, raw: bool) -> Json:
        """Return a command that this person is offered in a channel.

        Raises:
            ClientRefused: there is no such command, or not for them.
        """
        command = self._commands.named(where, name, kind)
        if command is None:
            raise ClientRefused("there is no command {name}", name=name)
        if not raw and not self._commands.may_use(person, where, command):
            raise ClientRefused(
                "{person} is not offered {name} in {channel}",
                person=person.name,
                name=name,
                channel=where.name,
            )
        return command

    def _check_files(
        self, person: User, where: Channel, given: dict[str, Any], command: Json, *, raw: bool
    ) -> None:
        uploads = [one for one in given.values() if isinstance(one, Upload)]
        if raw or not uploads:
            return
        for option in walk_options(command):
            if isinstance(given.get(option["name"]), Upload):
                name = given[option["name"]].name
                check_file_type(option["name"], name, option.get("file_types"))
        limit = self._world.upload_limit(where, person)
        for upload in uploads:
            if len(upload.data) > max(limit, person.upload_limit):
                raise ClientRefused(
                    "{file} is above the upload limit of {limit} bytes",
                    file=upload.name,
                    limit=limit,
                )
        if not self._world.permissions(person, where) & Permission.ATTACH_FILES:
            raise ClientRefused(
                "{person} may not attach files in {channel}",
                person=person.name,
                channel=where.name,
            )


def walk_options(command: Json) -> Iterator[Json]:
    """Yield the options of a command at every depth."""
    for option in command.get("options") or []:
        yield option
        yield from walk_options(option)
