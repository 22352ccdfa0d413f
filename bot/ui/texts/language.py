"""Finds the translation of a text in the catalogue of the current context."""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# `None` means English, the language of the msgids.
_catalogue: ContextVar[gettext.NullTranslations | None] = ContextVar("catalogue", default=None)


def _(msgid: str) -> str:
    """The text in the current language."""
    catalogue = _catalogue.get()
    return msgid if catalogue is None else catalogue.gettext(msgid)


def _n(one: str, many: str, number: int) -> str:
    """The singular or plural of a text in the current language."""
    catalogue = _catalogue.get()
    if catalogue is None:
        return one if number == 1 else many
    return catalogue.ngettext(one, many, number)


def marked(msgid: str) -> str:
    """Mark a text in a table for extraction; it is translated where it is used."""
    return msgid


def speak(catalogue: gettext.NullTranslations | None) -> None:
    """Write texts in a language from here on, in this asyncio task only."""
    _catalogue.set(catalogue)


@contextmanager
def speaking(catalogue: gettext.NullTranslations | None) -> Iterator[None]:
    """Write texts in a language within the block, in this asyncio task only."""
    token = _catalogue.set(catalogue)
    try:
        yield
    finally:
        _catalogue.reset(token)
