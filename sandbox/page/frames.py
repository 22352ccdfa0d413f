"""Reads the JSON objects that a tab sends, with checks, since anybody can write one."""

from typing import Any

from sandbox.discord.state.model import Json
from sandbox.discord.translatable import TranslatableError


class Refused(TranslatableError):
    """A refused request; the message is for the person who made it."""


def text(frame: Json, name: str, *, default: str | None = None) -> str:
    """Return a text of the frame.

    Raises:
        Refused: it is missing, or not a text.
    """
    value = frame.get(name, default)
    if not isinstance(value, str):
        raise _unreadable(name)
    return value


def snowflake(frame: Json, name: str) -> int:
    """Return an id of the frame; ids are sent as text, since they exceed JavaScript's integers.

    Raises:
        Refused: it is missing, or not an id.
    """
    return as_id(frame.get(name), name)


def as_id(value: Any, name: str) -> int:
    """Convert a text to an id.

    Raises:
        Refused: it is not an id.
    """
    if not isinstance(value, str) or not value.isascii() or not value.isdigit():
        raise _unreadable(name)
    return int(value)


def texts(frame: Json, name: str) -> list[str]:
    """Return a list of texts, empty if it is missing.

    Raises:
        Refused: it is something else.
    """
    values = frame.get(name) or []
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise _unreadable(name)
    return values


def mapping(frame: Json, name: str) -> Json:
    """Return an object, empty if it is missing.

    Raises:
        Refused: it is something else.
    """
    value = frame.get(name) or {}
    if not isinstance(value, dict):
        raise _unreadable(name)
    return value


def _unreadable(name: str) -> Refused:
    return Refused("the page sent something that cannot be read: {name}", name=name)


def words_of(error: TranslatableError) -> Json:
    """The words of an error as the page is sent them: in English, and as it can translate them."""
    words = str(error)
    return {
        "error": words[:1].upper() + words[1:],
        "template": error.template,
        "values": error.values,
    }
