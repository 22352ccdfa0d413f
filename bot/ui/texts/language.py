"""How a text finds its language: the catalogue that the current context speaks."""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# `None` is the msgids themselves: English.
_catalogue: ContextVar[gettext.NullTranslations | None] = ContextVar("catalogue", default=None)


def _(msgid: str) -> str:
    """The text in the current language."""
    catalogue = _catalogue.get()
    return msgid if catalogue is None else catalogue.gettext(msgid)


def _n(one: str, many: str, number: int) -> str:
    """The form of a text that goes with a number."""
    catalogue = _catalogue.get()
    if catalogue is None:
        return one if number == 1 else many
    return catalogue.ngettext(one, many, number)


def marked(msgid: str) -> str:
    """Mark a text in a table for extraction; it is translated where it is used."""
    return msgid


def speak(catalogue: gettext.NullTranslations | None) -> None:
    """Speak a language from here on, in this task of the event loop only."""
    _catalogue.set(catalogue)


@contextmanager
def speaking(catalogue: gettext.NullTranslations | None) -> Iterator[None]:
    """Speak a language within the block, in this task of the event loop only."""
    token = _catalogue.set(catalogue)
    try:
        yield
    finally:
        _catalogue.reset(token)
