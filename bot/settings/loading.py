"""Reads the settings from the environment and `.env`, and reports problems with them."""

import difflib
import logging
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies_environment

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.domain.models.model import MODELS, WAN22_I2V_FLASH
from bot.errors import SettingsError
from bot.settings.provider_settings import KEYS
from bot.settings.settings import Settings, expects, variables
from bot.settings.values import WrongValue

DOTENV = Path(".env")
_SHOWN = 80
"""How many characters of a wrong value are shown."""


def load_settings(
    *, require: Collection[str] = (), needs_keys: bool = False, dotenv: Path = DOTENV
) -> Settings:
    """Read the environment and ``dotenv``.

    Args:
        require: the variables that must be set, such as ``DISCORD_TOKEN``.
        needs_keys: whether the key of each offered model's provider must be set.
        dotenv: a file of lines `NAME=value`; it need not exist.

    Raises:
        SettingsError: one line for each problem, naming the variable; no secret in it.
    """
    written = _read_dotenv(dotenv)
    problems = [*_unreadable(dotenv), *_misspelt(written)]
    try:
        # pydantic's own .env reader would expand variables in a value such as `pass${word}`.
        settings = Settings(**_only_written(written))
    except ValidationError as error:
        given = _given(written)
        problems += [_problem(detail, given) for detail in error.errors()]
        settings = None
    required = {*require, *(_needed_keys(_given(written)) if needs_keys else ())}
    problems += _missing(required, _given(written))
    if settings is not None:
        problems += settings.model_problems()
    if settings is not None and settings.use_proxy:
        problems += _wrong_proxy()
    if problems or settings is None:
        raise SettingsError(problems)
    return settings


def _wrong_proxy() -> Iterator[str]:
    """Problems with HTTPS_PROXY, which only the environment sets, not `.env`."""
    proxy = getproxies_environment().get("https", "")
    try:
        parts = urlsplit(proxy)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not proxy:
        yield "USE_PROXY: HTTPS_PROXY is not set in the environment"
    elif not usable:
        yield "HTTPS_PROXY: expected an address such as http://proxy.example:3128"


def _read_dotenv(path: Path) -> dict[str, str | None]:
    if not path.is_file():
        return {}
    # The parser only warns about lines that it cannot read; `_unreadable` reports them.
    logging.getLogger("dotenv.main").setLevel(logging.ERROR)
    try:
        return dict(dotenv_values(path, encoding="utf-8", interpolate=False))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path} cannot be read: {error}"]) from error


def _unreadable(path: Path) -> Iterator[str]:
    """The lines of a file that are not settings, which the parser leaves out."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as lines:
        for statement in parse_stream(lines):
            if statement.error:
                yield f"{path}, line {statement.original.line}: expected NAME=value"


def _given(written: Mapping[str, str | None]) -> dict[str, str]:
    """The given values by variable name in upper case; the environment takes precedence."""
    from_file = {name.upper(): value for name, value in written.items() if value}
    return from_file | {name.upper(): value for name, value in os.environ.items() if value}


def _only_written(written: Mapping[str, str | None]) -> dict[str, Any]:
    """The values that only the file sets, by field name."""
    set_ = {name.upper() for name, value in os.environ.items() if value}
    return {
        name.lower(): value
        for name, value in written.items()
        if value and name.upper() in variables() and name.upper() not in set_
    }


def configured_secrets(dotenv: Path = DOTENV) -> list[str]:
    """The given values of secrets, valid or not, which must not appear in any message."""
    try:
        given = _given(_read_dotenv(dotenv))
    except SettingsError:
        given = _given({})
    return [value for name, value in given.items() if name in variables() and _is_secret(name)]


def forget_secrets() -> None:
    """Remove the secrets from the environment once they are read.

    Those that libraries read themselves stay: HTTPS_PROXY, AWS_SECRET_ACCESS_KEY, PGPASSWORD.
    """
    for name, value in tuple(os.environ.items()):
        if name.upper() in variables() and _is_private(name.upper(), value):
            del os.environ[name]


def _misspelt(written: Mapping[str, str | None]) -> Iterator[str]:
    known = list(variables())
    for name in written:
        close = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.85)
        if close and name.upper() not in known:
            yield f"{name} is not a setting: did you mean {close[0]}? (in .env)"


def _missing(require: Collection[str], given: Mapping[str, str]) -> Iterator[str]:
    for name, field in variables().items():
        wanted = name in require or name.lower() in require
        if wanted and not given.get(name, "").strip():
            yield f"{name} is missing. {field.description}"


def _needed_keys(given: Mapping[str, str]) -> Iterator[str]:
    """The keys' variables of the models that are named, even if other settings are wrong."""
    named = given.get("MODELS") or given.get("VTRIX_MODEL") or WAN22_I2V_FLASH.id
    for name in named.split(","):
        model = MODELS.get(name.strip())
        if model is not None:
            yield KEYS[model.provider]


def _problem(detail: ErrorDetails, given: Mapping[str, str]) -> str:
    name = str(detail["loc"][0]).upper()
    value = given.get(name, "")
    # The cut of a long list would not show what is wrong in it; the message names that itself.
    hidden = _is_private(name, value) or (name == "PRICES" and len(value) > _SHOWN)
    shown = "" if hidden else f" ({value[:_SHOWN]!r})"
    cause = detail.get("ctx", {}).get("error")
    words = (
        str(cause) if isinstance(cause, WrongValue) else f"expected {expects(variables()[name])}"
    )
    return f"{name}{shown}: {words}"


def _is_private(name: str, value: str) -> bool:
    """Whether a value must not appear in messages: a secret, or a URL with a password."""
    return _is_secret(name) or "@" in value


def _is_secret(name: str) -> bool:
    return "SecretStr" in str(variables()[name].annotation)
