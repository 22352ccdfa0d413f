"""Checks application commands by Discord's rules (its documentation, "Application Commands")."""

import unicodedata
from collections.abc import Iterable
from typing import Any

from sandbox.discord.rules.channels import CHANNEL_TYPES
from sandbox.discord.rules.fields import (
    FILE_TYPES,
    SAFE_INTEGER,
    Check,
    boolean,
    integer,
    list_of,
    localized,
    number,
    one_of,
    record,
    text,
)
from sandbox.discord.rules.problems import FormErrors, kind_of
from sandbox.discord.state.model import Json

CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, CHANNEL, NUMBER, ATTACHMENT = 1, 2, 3, 4, 7, 10, 11
LIMITS = {CHAT_INPUT: 100, USER_MENU: 15, MESSAGE_MENU: 15}
"""Maximum number of commands of a type, in one server or globally."""
CHARACTERS_MAX = 8000
"""Maximum for names, descriptions and values of a slash command together, each in its longest
language."""
_PERMISSIONS_MAX = 18014398509481983
_CHOOSING = {STRING, INTEGER, NUMBER}
# Fields that only options of these types may have.
_ONLY_OF = {
    "choices": _CHOOSING,
    "autocomplete": _CHOOSING,
    "options": {SUBCOMMAND, GROUP},
    "channel_types": {CHANNEL},
    "min_value": {INTEGER, NUMBER},
    "max_value": {INTEGER, NUMBER},
    "min_length": {STRING},
    "max_length": {STRING},
    "file_types": {ATTACHMENT},
}


def _is_name(value: str) -> bool:
    """Whether a name has only letters, digits, ``-``, ``_``, ``'``, Devanagari and Thai marks."""
    return all(
        letter in "-_'"
        or unicodedata.category(letter)[0] in "LN"
        or unicodedata.name(letter, "").startswith(("DEVANAGARI", "THAI"))
        for letter in value
    )


def _name(errors: FormErrors, path: str, value: Any) -> None:
    """Check the name of a slash command or an option."""
    text(1, 32)(errors, path, value)
    if isinstance(value, str) and value and (not _is_name(value) or value != value.lower()):
        errors.add(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


_DESCRIPTION = text(1, 100)
_COMMAND: dict[str, Check] = {
    "type": one_of(*LIMITS),
    "default_member_permissions": integer(0, _PERMISSIONS_MAX),
    "dm_permission": boolean,
    "nsfw": boolean,
    "integration_types": list_of(one_of(0, 1), 1, 2, unique=True),
    "contexts": list_of(one_of(0, 1, 2), 1, 3, unique=True),
}
_SLASH = record(
    _COMMAND
    | {
        "name": _name,
        "name_localizations": localized(_name),
        "description": _DESCRIPTION,
        "description_localizations": localized(_DESCRIPTION),
    },
    required=["name", "description"],
)
_MENU = record(
    _COMMAND | {"name": text(1, 32), "name_localizations": localized(text(1, 32))},
    required=["name"],
)
_OPTION = record(
    {
        "type": one_of(*range(1, 12)),
        "name": _name,
        "name_localizations": localized(_name),
        "description": _DESCRIPTION,
        "description_localizations": localized(_DESCRIPTION),
        "required": boolean,
        "channel_types": list_of(one_of(*CHANNEL_TYPES), unique=True),
        "file_types": FILE_TYPES,
        "min_length": integer(0, 6000),
        "max_length": integer(1, 6000),
        "autocomplete": boolean,
    },
    required=["type", "name", "description"],
)


def check_command(
    errors: FormErrors,
    path: str,
    command: Any,
    *,
    of_guild: bool = False,
    own_installs: bool = True,
) -> None:
    """Check the definition of a command.

    ``own_installs``: whether people may install the application for themselves.
    """
    if not isinstance(command, dict):
        errors.add(path or "_", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType.")
        return
    dot = f"{path}." if path else ""
    is_slash = command.get("type") in (None, CHAT_INPUT)
    (_SLASH if is_slash else _MENU)(errors, path, command)
    _check_places(errors, dot, command, of_guild=of_guild, own_installs=own_installs)
    if is_slash:
        _check_options(errors, dot, command.get("options"), {*range(1, 12)})
        if not errors.any and characters(command) > CHARACTERS_MAX:
            words = f"Command exceeds maximum size ({CHARACTERS_MAX})"
            errors.add(path or "_", "APPLICATION_COMMAND_TOO_LARGE", words)
        return
    for key in ("options", "description"):
        if command.get(key):
            words = f"Context menu commands cannot have {key}"
            errors.add(f"{dot}{key}", "APPLICATION_COMMAND_CONTEXT_MENU_FIELD", words)


def check_commands(
    errors: FormErrors, commands: Any, *, of_guild: bool, own_installs: bool
) -> None:
    """Check a whole list: each command, the number of each type, and their names."""
    if not isinstance(commands, list):
        errors.add("_", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
        return
    seen: set[tuple[str, int | None]] = set()
    for index, command in enumerate(commands):
        check_command(errors, f"{index}", command, of_guild=of_guild, own_installs=own_installs)
        if isinstance(command, dict):
            kind = CHAT_INPUT if command.get("type") is None else kind_of(command["type"])
            key = (str(command.get("name")), kind)
            if key in seen:
                words = "Application command names must be unique"
                errors.add(f"{index}", "APPLICATION_COMMANDS_DUPLICATE_NAME", words)
            seen.add(key)
    for limited, most in LIMITS.items():
        if sum(kind == limited for _, kind in seen) > most:
            errors.add("_", "APPLICATION_COMMANDS_MAX", f"Max {most} of type {limited}")


def characters(command: Json) -> int:
    """Count the characters that the limit includes, with nested options and choices."""
    total = _longest(command, "name") + _longest(command, "description")
    for choice in command.get("choices") or []:
        total += _longest(choice, "name") + len(str(choice.get("value", "")))
    return total + sum(characters(option) for option in command.get("options") or [])


def _longest(given: Json, key: str) -> int:
    texts = [given.get(key) or "", *(given.get(f"{key}_localizations") or {}).values()]
    return max(len(one) for one in texts)


def _check_places(
    errors: FormErrors, dot: str, command: Json, *, of_guild: bool, own_installs: bool
) -> None:
    """Check installation types and contexts against what the application and the scope allow."""
    types = command.get("integration_types")
    if isinstance(types, list) and 1 in types and not own_installs:
        words = "The application does not support this installation type"
        errors.add(f"{dot}integration_types", "BASE_TYPE_CHOICES", words)
    for key in ("integration_types", "contexts"):
        if of_guild and command.get(key) is not None:
            words = "Only a global command can have this field"
            errors.add(f"{dot}{key}", "APPLICATION_COMMAND_GUILD_FIELD", words)


def _check_options(errors: FormErrors, dot: str, options: Any, allowed: Iterable[int]) -> None:
    if options is None:
        return
    list_of(_OPTION, 0, 25)(errors, f"{dot}options", options)
    if not isinstance(options, list):
        return
    given = [one for one in options if isinstance(one, dict)]
    _check_together(errors, dot, given)
    for index, option in enumerate(given):
        here = f"{dot}options.{index}"
        if kind_of(option.get("type")) not in set(allowed):
            words = "Sub-command option is invalid here"
            errors.add(f"{here}.type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", words)
        _check_option(errors, here, option)


def _check_together(errors: FormErrors, dot: str, options: list[Json]) -> None:
    """Check that names differ, required options come first, and sub-commands stand alone."""
    names = [one.get("name") for one in options]
    optional_seen = False
    for index, option in enumerate(options):
        here = f"{dot}options.{index}"
        if names[index] in names[:index]:
            words = "Option name must be unique"
            errors.add(here, "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", words)
        if option.get("required") and optional_seen:
            words = "Required options must be placed before non-required options"
            errors.add(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", words)
        optional_seen = optional_seen or not option.get("required")
    nested = [one.get("type") in (SUBCOMMAND, GROUP) for one in options]
    if any(nested) and not all(nested):
        words = "Sub-command and sub-command group option types are mutually exclusive to others"
        errors.add(f"{dot}options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", words)


def _check_option(errors: FormErrors, here: str, option: Json) -> None:
    kind = kind_of(option.get("type"))
    for key, kinds in _ONLY_OF.items():
        if option.get(key) and kind not in kinds:
            words = f"An option of this type cannot have {key}"
            errors.add(f"{here}.{key}", "APPLICATION_COMMAND_OPTION_FIELD_INVALID", words)
    if kind == GROUP:
        _check_options(errors, f"{here}.", option.get("options"), {SUBCOMMAND})
    elif kind == SUBCOMMAND:
        _check_options(errors, f"{here}.", option.get("options"), range(3, 12))
    elif kind in _CHOOSING:
        _check_choices(errors, here, option)
        _check_bounds(errors, here, option)


def _check_choices(errors: FormErrors, here: str, option: Json) -> None:
    kinds: dict[Any, Check] = {
        STRING: text(0, 100),
        INTEGER: integer(-SAFE_INTEGER, SAFE_INTEGER),
        NUMBER: number,
    }
    choice = record(
        {
            "name": text(1, 100),
            "name_localizations": localized(text(1, 100)),
            "value": _typed(kinds[option["type"]], option["type"]),
        },
        required=["name", "value"],
    )
    if option.get("choices") is not None:
        list_of(choice, 0, 25)(errors, f"{here}.choices", option["choices"])
    if option.get("choices") and option.get("autocomplete"):
        words = "Autocomplete options cannot have choices"
        errors.add(f"{here}.choices", "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE", words)


def _typed(check: Check, kind: int) -> Check:
    """Make a check for a choice's value, which must have the option's own type."""

    def check_value(errors: FormErrors, path: str, value: Any) -> None:
        if kind != STRING and isinstance(value, str):
            words = f'Value "{value}" is not {"int" if kind == INTEGER else "float"}.'
            errors.add(path, "NUMBER_TYPE_COERCE", words)
        else:
            check(errors, path, value)

    return check_value


def _check_bounds(errors: FormErrors, here: str, option: Json) -> None:
    whole = option["type"] == INTEGER
    check = integer(-SAFE_INTEGER, SAFE_INTEGER) if whole else number
    for key in ("min_value", "max_value"):
        if option.get(key) is not None:
            check(errors, f"{here}.{key}", option[key])
    for least, most in (("min_value", "max_value"), ("min_length", "max_length")):
        low, high = option.get(least), option.get(most)
        if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
            words = f"{least} must not be above {most}."
            errors.add(f"{here}.{least}", "APPLICATION_COMMAND_OPTIONS_BOUNDS_INVALID", words)


def check_choices(errors: FormErrors, kind: int | None, choices: Any) -> None:
    """Check the suggestions of the application while somebody types."""
    if choices is None:
        return
    option: Json = {"type": kind if kind in _CHOOSING else STRING, "choices": choices}
    _check_choices(errors, "data", option)
