"""Options of a slash command, filled in and checked as by Discord's own client."""

from typing import Any

from sandbox.discord.render.resolved import Resolved
from sandbox.discord.state.model import Channel, Json, Role, Upload, User
from sandbox.discord.translatable import TranslatableError

(
    SUBCOMMAND,
    GROUP,
    STRING,
    INTEGER,
    BOOLEAN,
    USER,
    CHANNEL,
    ROLE,
    MENTIONABLE,
    NUMBER,
    ATTACHMENT,
) = range(1, 12)


class ClientRefused(TranslatableError):
    """Discord's own client would not send this; nothing reached the bot."""


class OptionsBuilder:
    """Converts options by name into the form that an interaction has."""

    def __init__(self, resolved: Resolved, *, raw: bool) -> None:
        self._resolved = resolved
        self._raw = raw

    def build(
        self,
        declared: list[Json],
        path: list[str],
        given: dict[str, Any],
        focused: str | None = None,
    ) -> list[Json]:
        """Return an interaction's ``options``; ``path`` names subcommands, outer ones first."""
        if path:
            found = next((one for one in declared if one["name"] == path[0]), None)
            if found is None:
                raise ClientRefused("there is no subcommand {name}", name=path[0])
            inner = self.build(found.get("options") or [], path[1:], given, focused)
            return [{"name": path[0], "type": found["type"], "options": inner}]
        if focused is None and not self._raw:
            self._check_complete(declared, given)
        known = {one["name"]: one for one in declared}
        return [
            self._option(known.get(name), name, value, focused)
            for name, value in given.items()
            if value is not None
        ]

    def _check_complete(self, declared: list[Json], given: dict[str, Any]) -> None:
        unknown = set(given) - {one["name"] for one in declared}
        if unknown:
            raise ClientRefused("there is no option {name}", name=", ".join(sorted(unknown)))
        for one in declared:
            if one["type"] in (SUBCOMMAND, GROUP):
                raise ClientRefused("a subcommand has to be chosen")
            if one.get("required") and given.get(one["name"]) is None:
                raise ClientRefused("the option {name} is required", name=one["name"])

    def _option(self, declared: Json | None, name: str, value: Any, focused: str | None) -> Json:
        kind = declared["type"] if declared else _guess(value)
        if declared is not None and not self._raw and name != focused:
            check(declared, value)
        body: Json = {"name": name, "type": kind, "value": self._value(value)}
        return body | ({"focused": True} if name == focused else {})

    def _value(self, value: Any) -> Any:
        value = getattr(value, "user", value)
        if isinstance(value, Upload | User | Role | Channel):
            return self._resolved.add(value)
        return value


def check(declared: Json, value: Any) -> None:
    """Check one value as the client does.

    Raises:
        ClientRefused: the client does not accept the value.
    """
    name, kind = declared["name"], declared["type"]
    if not _fits(kind, value):
        raise ClientRefused("{name} cannot be {value}", name=name, value=repr(value))
    if kind == STRING:
        if not value.strip():
            raise ClientRefused("{name} is empty", name=name)
        _within(name, len(value), declared.get("min_length"), declared.get("max_length"))
    if kind in (INTEGER, NUMBER):
        _within(name, value, declared.get("min_value"), declared.get("max_value"))
    kinds = declared.get("channel_types")
    if kinds and int(value.kind) not in kinds:
        raise ClientRefused("{name} cannot be {value}", name=name, value=repr(value.name))
    choices = declared.get("choices")
    if choices and value not in [choice["value"] for choice in choices]:
        raise ClientRefused(
            "{name} is a choice, and {value} is not one of them", name=name, value=repr(value)
        )


def _within(name: str, number: float, least: float | None, most: float | None) -> None:
    if least is not None and number < least:
        raise ClientRefused("{name} has to be at least {least}", name=name, least=least)
    if most is not None and number > most:
        raise ClientRefused("{name} may be at most {most}", name=name, most=most)


def _fits(kind: int, value: Any) -> bool:
    value = getattr(value, "user", value)
    if kind in (INTEGER, NUMBER) and isinstance(value, bool):
        return False
    wanted: dict[int, type | tuple[type, ...]] = {
        STRING: str,
        INTEGER: int,
        BOOLEAN: bool,
        USER: User,
        CHANNEL: Channel,
        ROLE: Role,
        MENTIONABLE: (User, Role),
        NUMBER: (int, float),
        ATTACHMENT: Upload,
    }
    return isinstance(value, wanted[kind])


def _guess(value: Any) -> int:
    """Guess the type of an undeclared option from its value."""
    value = getattr(value, "user", value)
    for kind in (BOOLEAN, INTEGER, NUMBER, USER, CHANNEL, ROLE, ATTACHMENT):
        if _fits(kind, value):
            return kind
    return STRING
