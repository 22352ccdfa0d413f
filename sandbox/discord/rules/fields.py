"""Checks for types of JSON fields, as Discord makes them; errors are collected by path.

The codes of the errors come from Discord's libraries and bug reports. The limits come from the
callers, which have them from Discord's documentation.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sandbox.discord.rules.problems import FormErrors

Check = Callable[[FormErrors, str, Any], None]
"""Records what is wrong with a value; it is never called with ``None``."""

SNOWFLAKE_MAX = 2**64 - 1
SAFE_INTEGER = 2**53 - 1
_LOCALES = """
id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi
sv-SE vi tr cs el bg ru uk hi th zh-CN ja zh-TW ko
"""
LOCALES = frozenset(_LOCALES.split())


def text(least: int = 0, most: int | None = None, pattern: str | None = None) -> Check:
    """Make a check for a text whose length is within these bounds, inclusive."""
    allowed = re.compile(pattern) if pattern else None

    def check(errors: FormErrors, path: str, value: Any) -> None:
        if not isinstance(value, str):
            errors.add(path, "STRING_TYPE_CONVERT", "Could not interpret the value as string.")
        elif len(value) < least and not value:
            errors.required(path)
        elif most is not None and not least <= len(value) <= most:
            errors.length(path, value, least, most)
        elif allowed is not None and not allowed.match(value):
            words = f'String value did not match validation regex "{allowed.pattern}".'
            errors.add(path, "STRING_TYPE_REGEX", words)

    return check


def integer(least: int | None = None, most: int | None = None) -> Check:
    """Make a check for an integer within these bounds, inclusive; numeric strings are accepted."""

    def check(errors: FormErrors, path: str, value: Any) -> None:
        number = _whole(value)
        if number is None:
            errors.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        elif least is not None and number < least:
            words = f"int value should be greater than or equal to {least}."
            errors.add(path, "NUMBER_TYPE_MIN", words)
        elif most is not None and number > most:
            words = f"int value should be less than or equal to {most}."
            errors.add(path, "NUMBER_TYPE_MAX", words)

    return check


def number(errors: FormErrors, path: str, value: Any) -> None:
    """Check for any number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        errors.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not float.')


def boolean(errors: FormErrors, path: str, value: Any) -> None:
    """Check for true or false."""
    if not isinstance(value, bool):
        errors.add(path, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")


def snowflake(errors: FormErrors, path: str, value: Any) -> None:
    """Check for an id: an integer of up to 64 bits, usually as a string."""
    if not is_snowflake(value):
        errors.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')


def one_of(*allowed: Any) -> Check:
    """Make a check for one of these values."""

    def check(errors: FormErrors, path: str, value: Any) -> None:
        # In Python, True equals 1.
        if isinstance(value, bool) or value not in allowed:
            words = f"Value must be one of {{{', '.join(map(repr, allowed))}}}."
            errors.add(path, "BASE_TYPE_CHOICES", words)

    return check


def list_of(item: Check, least: int = 0, most: int | None = None, *, unique: bool = False) -> Check:
    """Make a check for a list whose length is within these bounds."""

    def check(errors: FormErrors, path: str, value: Any) -> None:
        if not isinstance(value, list):
            errors.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
            return
        if most is not None and not least <= len(value) <= most:
            errors.length(path, value, least, most)
            return
        seen: list[Any] = []
        for index, one in enumerate(value):
            item(errors, f"{path}.{index}", one)
            if unique and one in seen:
                words = "The set already contains this value."
                errors.add(f"{path}.{index}", "SET_TYPE_ALREADY_CONTAINS_VALUE", words)
            seen.append(one)

    return check


def record(
    fields: Mapping[str, Check], *, required: Iterable[str] = (), not_null: Iterable[str] = ()
) -> Check:
    """Make a check for an object with these fields; other fields are ignored, as by Discord.

    A null field counts as absent, except for those in ``not_null``.
    """
    needed, never_null = frozenset(required), frozenset(not_null)

    def check(errors: FormErrors, path: str, value: Any) -> None:
        if not isinstance(value, dict):
            words = "Only dictionaries may be used in a DictType."
            errors.add(path or "_", "DICT_TYPE_CONVERT", words)
            return
        dot = f"{path}." if path else ""
        for key, field in fields.items():
            given = value.get(key)
            if given is not None or (key in value and key in never_null):
                field(errors, dot + key, given)
            elif key in needed:
                errors.required(dot + key)

    return check


def localized(check: Check) -> Check:
    """Make a check for a dictionary from locales to texts of this kind."""

    def check_each(errors: FormErrors, path: str, value: Any) -> None:
        if not isinstance(value, dict):
            words = "Only dictionaries may be used in a DictType."
            errors.add(path, "DICT_TYPE_CONVERT", words)
            return
        for locale, translated in value.items():
            if locale not in LOCALES:
                words = f"Locale '{locale}' is not supported."
                errors.add(f"{path}.{locale}", "APPLICATION_COMMAND_INVALID_LOCALE", words)
            check(errors, f"{path}.{locale}", translated)

    return check_each


FILE_TYPES = list_of(text(1, pattern=r"^(image|video|audio|\..+)$"), 0, 10)
"""Check of the file types that an upload takes ("File Type Filtering")."""


def without_null(value: Any) -> Any:
    """Copy a value without the null fields of its objects, at every depth."""
    if isinstance(value, list):
        return [without_null(one) for one in value]
    if isinstance(value, dict):
        return {key: without_null(one) for key, one in value.items() if one is not None}
    return value


def is_snowflake(value: Any) -> bool:
    """Whether a value is an id."""
    number = _whole(value)
    return number is not None and 0 <= number <= SNOWFLAKE_MAX


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value):
        return int(value)
    return None
