"""Compiles the catalogues: when the wheel is built, and `python hatch_build.py` in a checkout."""

import os
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LOCALES = Path("bot", "locale")


class CatalogueHook(BuildHookInterface[Any]):
    """What hatchling runs before it gathers the files of a wheel, or for an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the catalogues, and put them into the wheel although git ignores them."""
        compile_catalogues(Path(self.root) / LOCALES)
        build_data["artifacts"].append(f"{LOCALES.as_posix()}/**/*.mo")


def compile_catalogues(folder: Path) -> None:
    """Write the ``.mo`` beside each ``.po``; an entry that is empty or fuzzy is left out.

    Raises:
        PoFileError: a catalogue is invalid; with the line.
    """
    for source in folder.glob("*/LC_MESSAGES/*.po"):
        part = source.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as file:
            write_mo(file, read_catalogue(source))
        # A bot that starts meanwhile reads the old file or the new one, never a half.
        part.replace(source.with_suffix(".mo"))


def read_catalogue(path: Path) -> Catalog:
    """Read a ``.po`` file.

    Raises:
        PoFileError: the file is invalid; with the line.
    """
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


if __name__ == "__main__":
    compile_catalogues(Path(__file__).parent / LOCALES)
