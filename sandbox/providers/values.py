"""Checks of JSON values that a request sent."""

import json
from collections.abc import Mapping, Set
from typing import Any

from sandbox.providers.refused import malformed


def decoded(body: bytes) -> object:
    """Return the JSON in a body.

    Raises:
        Refused: it is not JSON.
    """
    try:
        return json.loads(body)
    except ValueError as error:
        raise malformed("the body is not JSON") from error


def as_object(value: object, name: str) -> dict[str, Any]:
    """Return a value that must be an object.

    Raises:
        Refused: it is another kind of value.
    """
    if not isinstance(value, dict):
        raise malformed(f"{name}: must be an object")
    return value


def allow_only(value: Mapping[str, Any], known: Set[str], name: str) -> None:
    """Check that an object has no other fields.

    Raises:
        Refused: it has one.
    """
    unknown = sorted(set(value) - known)
    if unknown:
        raise malformed(f"{name}: unknown field {unknown[0]!r}")


def is_integer(value: object, low: int, high: int) -> bool:
    """Whether a value is an integer within bounds; booleans are not integers."""
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
