"""Compiles the message catalogs for the wheel, or in a checkout by `python hatch_build.py`."""

import os
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LOCALES = Path("bot", "locale")


class CatalogueHook(BuildHookInterface[Any]):
    """The hook that hatchling runs before it collects the files of a wheel or editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the catalogs, and add them to the wheel although git ignores them."""
        compile_catalogues(Path(self.root) / LOCALES)
        build_data["artifacts"].append(f"{LOCALES.as_posix()}/**/*.mo")


def compile_catalogues(folder: Path) -> None:
    """Write a ``.mo`` next to each ``.po``, without the entries that are empty or fuzzy.

    Raises:
        PoFileError: A catalog is invalid; the message names the line.
    """
    for source in folder.glob("*/LC_MESSAGES/*.po"):
        part = source.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as file:
            write_mo(file, read_catalogue(source))
        # A bot that starts at this moment reads either the old file or the new one.
        part.replace(source.with_suffix(".mo"))


def read_catalogue(path: Path) -> Catalog:
    """Read a ``.po`` file.

    Raises:
        PoFileError: The file is invalid; the message names the line.
    """
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


if __name__ == "__main__":
    compile_catalogues(Path(__file__).parent / LOCALES)
