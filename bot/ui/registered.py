"""Compares the commands that Discord has for this application with those that it should have.

Other software with the same token can remove or replace commands, so the bot asks Discord at each
start. It also writes the wanted commands to a file, for `flipbook check`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import discord
from discord.http import Route

Command = Mapping[str, Any]
"""An application command, or an option of one, in the JSON of Discord's API."""

FILE = "commands.json"
"""Name of the file in the data folder with the commands that Discord should have."""

_CHAT_INPUT = 1
_PLAIN: tuple[tuple[str, Any], ...] = (
    ("description", ""),
    ("name_localizations", None),
    ("description_localizations", None),
    ("min_value", None),
    ("max_value", None),
    ("min_length", None),
    ("max_length", None),
    ("default_member_permissions", None),
    ("nsfw", False),
    ("required", False),
    ("autocomplete", False),
)
_SETS = ("contexts", "integration_types", "channel_types")


async def registered(client: discord.Client) -> list[Any]:
    """Fetch the global commands that Discord has, with their localizations."""
    # discord.py's own request leaves the localizations out.
    route = Route(
        "GET", "/applications/{application_id}/commands", application_id=client.application_id
    )
    return list(await client.http.request(route, params={"with_localizations": "true"}))


def ids(found: Iterable[Command]) -> dict[str, int]:
    """The ids of slash commands by their names."""
    return {one["name"]: int(one["id"]) for one in found if _kind(one) == _CHAT_INPUT}


def differences(wanted: Iterable[Command], found: Iterable[Command]) -> list[str]:
    """Describe each command that is missing, foreign or different; an empty list if all match."""
    here, there = _by_name(wanted), _by_name(found)
    return [
        *(f"{_named(key)} is missing" for key in here if key not in there),
        *(f"{_named(key)} is not one of Flipbook's" for key in there if key not in here),
        *(
            f"{_named(key)} differs in {', '.join(parts)}"
            for key, one in here.items()
            if key in there and (parts := _differing(shape(one), shape(there[key])))
        ),
    ]


def shape(command: Command) -> dict[str, Any]:
    """Normalize a command or option, so that Discord's and discord.py's JSON can be compared."""
    plain = {name: _value_or(command.get(name), nothing) for name, nothing in _PLAIN}
    sets = {name: sorted(command.get(name) or ()) for name in _SETS}
    choices = [(one["name"], one["value"]) for one in command.get("choices") or ()]
    options = [shape(one) for one in command.get("options") or ()]
    key = {"name": command["name"], "type": _kind(command)}
    # discord.py writes a number, and Discord a string.
    plain["default_member_permissions"] = str(plain["default_member_permissions"])
    return key | plain | sets | {"choices": choices, "options": options}


def keep(file: Path, wanted: Sequence[Command]) -> None:
    """Write the commands that Discord should have to a file.

    Raises:
        OSError: the file cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(wanted))


def kept(file: Path) -> list[Any] | None:
    """The commands that the last start wanted; ``None`` if they are not known."""
    try:
        wanted = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    return wanted if isinstance(wanted, list) else None


def _value_or(value: Any, nothing: Any) -> Any:
    return nothing if value in (None, "", {}) else value


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    return [name.replace("_", " ") for name, value in one.items() if value != other[name]]


def _by_name(commands: Iterable[Command]) -> dict[tuple[int, str], Command]:
    return {(_kind(one), one["name"]): one for one in commands}


def _kind(command: Command) -> int:
    return int(command.get("type") or _CHAT_INPUT)


def _named(key: tuple[int, str]) -> str:
    kind, name = key
    return f"/{name}" if kind == _CHAT_INPUT else f"Apps › {name}"
