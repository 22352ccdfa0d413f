"""The catalogues: one for each language beside English.

Translators write ``bot/locale/<language>/LC_MESSAGES/flipbook.po``, the folder named by Discord's
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

# Each catalogue says here what its language calls itself.
_NAME = marked("English")


@cache
def _catalogues(folder: Path) -> dict[str, gettext.NullTranslations]:
    """All that are compiled, by Discord's locale; an entry without translation stays English."""
    found: dict[str, gettext.NullTranslations] = {}
    for source in sorted(folder.glob("*/LC_MESSAGES/flipbook.po")):
        tag = source.parts[-3].replace("_", "-")
        try:
            with source.with_suffix(".mo").open("rb") as file:
                found[tag] = gettext.GNUTranslations(file)
        except FileNotFoundError:
            log.warning("without %s: its catalogue is not compiled; run `make env`", tag)
    return found


def load() -> None:
    """Read all catalogues now, so that nobody waits for that later."""
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
