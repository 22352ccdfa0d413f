"""Writes `.env.example` and `docs/settings.md` from ``bot.settings``: `make docs`."""

from decimal import Decimal
from enum import Enum
from pathlib import Path
from textwrap import wrap

from pydantic.fields import FieldInfo

from bot.domain.money import MICROS, Usd
from bot.settings.settings import expects, variables

ROOT = Path(__file__).parent.parent
NEEDED = ("DISCORD_TOKEN", "VTRIX_API_KEY")

_EXAMPLE_HEAD = """\
# Flipbook's settings. Copy this file to .env and fill in the token and the key; everything else has
# a default. Variables of the environment override this file. An empty value counts as not set.
"""

_TABLE_HEAD = """\
# Settings

Set these as environment variables, or as lines `NAME=value` in a file `.env` in the working
directory. The environment overrides `.env`, and an empty value counts as not set. If a value is
wrong, Flipbook does not start, and prints one line for each wrong value. `make docs` writes this
page and `.env.example` from the code.

| name | default | valid values | description |
| --- | --- | --- | --- |
"""


def default_of(field: FieldInfo) -> str:
    """A default as it is written in `.env`; empty where there is none."""
    match field.default:
        case None:
            return ""
        case bool():
            return str(field.default).lower()
        case Usd():
            return f"{Decimal(field.default.micros) / MICROS:.2f}"
        case tuple():
            return ", ".join(map(str, field.default))
        case Enum():
            return str(field.default.value)
        case _:
            return str(field.default)


def dotenv_example() -> str:
    """The text of `.env.example`."""
    return "\n".join([_EXAMPLE_HEAD, *(_example(*item) for item in variables().items())])


def _example(name: str, field: FieldInfo) -> str:
    lines = wrap(field.description or "", 96) + wrap(f"Expected: {expects(field)}", 96)
    off = "" if name in NEEDED else "#"
    return "\n".join([*(f"# {line}" for line in lines), f"{off}{name}={default_of(field)}", ""])


def settings_table() -> str:
    """The text of `docs/settings.md`."""
    return _TABLE_HEAD + "".join(_row(name, field) for name, field in variables().items())


def _row(name: str, field: FieldInfo) -> str:
    default = f"`{default_of(field)}`" if default_of(field) else "none"
    return f"| `{name}` | {default} | {expects(field)} | {field.description} |\n"


if __name__ == "__main__":
    (ROOT / ".env.example").write_text(dotenv_example(), "utf-8")
    (ROOT / "docs" / "settings.md").write_text(settings_table(), "utf-8")
