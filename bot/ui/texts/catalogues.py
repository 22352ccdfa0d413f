"""The catalogues: one file for each language beside English, read where it lies.

``bot/locale/<language>/LC_MESSAGES/flipbook.po``, the folder named by Discord's locale with an
underscore. They are read as they were written: there is no second form of them to build, to ship
or to forget.
"""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.ui.texts.language import marked, speak, speaking

FOLDER = Path(__file__).parents[2] / "locale"
ENGLISH = "en-US"

# Each catalogue says here what its language calls itself.
_NAME = marked("English")


def read(path: Path) -> Catalog:
    """A catalogue as its translators see it.

    Raises:
        ValueError: it is not one; with the line.
    """
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def files(folder: Path) -> dict[str, Path]:
    """The catalogues in a folder, by Discord's locale."""
    found = sorted(folder.glob("*/LC_MESSAGES/flipbook.po"))
    return {path.parts[-3].replace("_", "-"): path for path in found}


@cache
def _catalogues(folder: Path) -> dict[str, gettext.NullTranslations]:
    return {tag: spoken(read(path)) for tag, path in files(folder).items()}


def spoken(catalogue: Catalog) -> gettext.NullTranslations:
    """What gettext looks words up in; what is empty or marked as unsure stays English."""
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def load() -> None:
    """Read them all, which takes some tens of milliseconds; afterwards they are at hand."""
    _catalogues(FOLDER)


def catalogue(locale: str) -> gettext.NullTranslations | None:
    """The one for a Discord locale; ``None``: there is none, and English is spoken."""
    return _catalogues(FOLDER).get(locale)


def languages() -> dict[str, str]:
    """What can be chosen, by Discord's locale: each in its own words."""
    found = {tag: one.gettext(_NAME) for tag, one in _catalogues(FOLDER).items()}
    return {ENGLISH: _NAME} | found


@contextmanager
def speaking_in(locale: str) -> Iterator[None]:
    """Speak the language of a Discord locale within the block."""
    with speaking(catalogue(locale)):
        yield


def speak_in(locale: str) -> None:
    """Speak it from here on, in this task of the event loop only."""
    speak(catalogue(locale))
