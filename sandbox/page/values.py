"""Converts the browser's values for a command's options into the types of these options."""

from collections.abc import Mapping
from typing import Any

from sandbox.discord import Channel, LocalDiscord
from sandbox.discord.people.options import (
    ATTACHMENT,
    CHANNEL,
    GROUP,
    INTEGER,
    MENTIONABLE,
    ROLE,
    SUBCOMMAND,
    USER,
)
from sandbox.discord.state.model import Json
from sandbox.page.frames import Refused, as_id
from sandbox.page.uploads import Uploads


class Values:
    """Reads the options of a command."""

    def __init__(self, discord: LocalDiscord, uploads: Uploads) -> None:
        self._discord = discord
        self._uploads = uploads

    def read(self, command: str, channel: Channel, given: Json) -> dict[str, Any]:
        """Convert each value to the type of its option; missing values are left out.

        Raises:
            Refused: a value cannot be read.
        """
        kinds = self._kinds(command, channel)
        return {
            name: self._value(kinds.get(name), name, value)
            for name, value in given.items()
            if value is not None
        }

    def uploaded(self, value: Any) -> Any:
        """Replace what the browser uploaded for a form's field by the files themselves."""
        if not isinstance(value, list):
            return value
        return [
            self._uploads.get(one.get("upload")) if isinstance(one, dict) else one for one in value
        ]

    def _kinds(self, command: str, channel: Channel) -> dict[str, int]:
        """Return the types of the options of a command or subcommand, by name."""
        first, *path = command.split() or [""]
        found = self._discord.commands.named(channel, first) or {}
        options = found.get("options") or []
        for word in path:
            inner = [one for one in options if one["name"] == word]
            options = (inner[0].get("options") or []) if inner else []
        kinds = {one["name"]: one["type"] for one in options}
        return {name: kind for name, kind in kinds.items() if kind not in (SUBCOMMAND, GROUP)}

    def _value(self, kind: int | None, name: str, value: Any) -> Any:
        if kind == ATTACHMENT:
            return self._uploads.get(value.get("upload") if isinstance(value, dict) else None)
        if kind in (USER, ROLE, CHANNEL, MENTIONABLE):
            return self._named(kind, as_id(value, name), name)
        if kind == INTEGER and isinstance(value, float) and value.is_integer():
            return int(value)
        if not isinstance(value, str | int | float):
            raise Refused("{name} cannot be read.", name=name)
        return value

    def _named(self, kind: int, id: int, name: str) -> Any:
        world = self._discord.world
        places: dict[int, list[Mapping[int, Any]]] = {
            USER: [world.users],
            ROLE: [world.guild.roles],
            CHANNEL: [world.channels],
            MENTIONABLE: [world.users, world.guild.roles],
        }
        for place in places[kind]:
            if id in place:
                return place[id]
        raise Refused("{name} no longer exists.", name=name)
