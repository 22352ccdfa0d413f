"""Slash commands as somebody fills them in, before they are sent."""

from typing import Any

from sandbox.discord.people.options import ClientRefused, OptionsBuilder
from sandbox.discord.rules.commands import CHAT_INPUT
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.state.commands import Commands
from sandbox.discord.state.files import Files
from sandbox.discord.state.model import Channel, Json, Upload, User
from sandbox.discord.state.world import World


class CommandDrafts:
    """Makes the data of commands, with the checks of Discord's own client."""

    def __init__(self, world: World, files: Files, commands: Commands) -> None:
        self._world = world
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
        self._check_files(person, where, given, raw=raw)
        guild = self._world.guild_of(where)
        builder = OptionsBuilder(self._world, self._files, guild, raw=raw)
        options = builder.build(command.get("options") or [], path, given, focused)
        data: Json = {"id": command["id"], "name": first, "type": CHAT_INPUT, "options": options}
        if builder.resolved:
            data["resolved"] = builder.resolved
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        return data

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
        self, person: User, where: Channel, given: dict[str, Any], *, raw: bool
    ) -> None:
        uploads = [one for one in given.values() if isinstance(one, Upload)]
        if raw or not uploads:
            return
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
