"""The catalogues of translations, one for each language other than English.

Translators write ``bot/locale/<language>/LC_MESSAGES/flipbook.po``, where the folder is Discord's
locale with an underscore. ``hatch_build.py`` compiles it to the ``flipbook.mo`` that is read here.
"""

import gettext
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from bot.ui.texts.language import marked, speak, speaking

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parents[2] / "locale"
ENGLISH = "en-US"

# Each catalogue translates this as the language's name for itself.
_NAME = marked("English")


@cache
def _catalogues(folder: Path) -> dict[str, gettext.NullTranslations]:
    """All compiled catalogues, by Discord's locale."""
    found: dict[str, gettext.NullTranslations] = {}
    for source in sorted(folder.glob("*/LC_MESSAGES/flipbook.po")):
        tag = source.parts[-3].replace("_", "-")
        try:
            with source.with_suffix(".mo").open("rb") as file:
                found[tag] = gettext.GNUTranslations(file)
        except FileNotFoundError:
            log.warning("language %s left out, its catalogue is not compiled; run `make env`", tag)
    return found


def load() -> None:
    """Read all catalogues now, so that nothing waits for it later."""
    _catalogues(FOLDER)


def catalogue(locale: str) -> gettext.NullTranslations | None:
    """The catalogue for a Discord locale; ``None`` means English."""
    return _catalogues(FOLDER).get(locale)


def languages() -> dict[str, str]:
    """The languages to choose from, by Discord's locale, each by its own name."""
    found = {tag: one.gettext(_NAME) for tag, one in _catalogues(FOLDER).items()}
    return {ENGLISH: _NAME} | found


@contextmanager
def speaking_in(locale: str) -> Iterator[None]:
    """Write texts in the language of a Discord locale within the block."""
    with speaking(catalogue(locale)):
        yield


def speak_in(locale: str) -> None:
    """Write texts in the language of a Discord locale from here on, in this asyncio task only."""
    speak(catalogue(locale))
