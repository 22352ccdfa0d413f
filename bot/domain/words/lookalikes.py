"""Letters that people write in place of others that look the same.

:func:`readings` returns each way in which a reader may understand a text: as it is, without its
accents, with the letters of another alphabet read as Latin ones, and with digits read as letters.
"""

import re
import unicodedata
from collections import ChainMap
from collections.abc import Mapping
from functools import partial

_Table = Mapping[int, int | str]

_CYRILLIC = dict(
    zip(
        "АВЕЅІЈКМНОРСТХУҮԚԜԀѴӀавеѕіјкмнорстхуүԛԝԁѵӏһьё",
        "abesijkmhopctxyyqwdvlabesijkmhopctxyyqwdvlhbe",
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβγεηικνορςτυχω",
        "abezhikmnoptyxabyenikvopctuxw",
        strict=True,
    )
)
_ARMENIAN = dict(zip("ՍՕՏԼօոսհցզլյ", "uoslonuhgqlj", strict=True))
_CHEROKEE = dict(zip("ᎪᏴᏟᎠᎬᏀᎻᎥᎫᏦᏞᎷᏢᏒᏚᎢᏙᎳᎽᏃ", "abcdeghijklmprstvwyz", strict=True))
# Latin letters that Unicode does not take for forms of the plain ones: small capitals, strokes.
_LATIN = dict(
    zip(
        "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɑɡıɩȷłøđħŧƀɓɗɛɨʉŁØĐĦŦƁƊƐ",
        "abcdefghijklmnoprstuvwyzagiijlodhtbbdeiulodhtbde",
        strict=True,
    )
)
# Letters in black circles and squares, and the letters that flags are made of.
_SYMBOLS = {
    chr(first + offset): chr(ord("a") + offset)
    for first in (0x1F150, 0x1F170, 0x1F1E6)
    for offset in range(26)
}
_ALPHABETS = (_CYRILLIC, _GREEK, _ARMENIAN, _CHEROKEE)
_ALWAYS = str.maketrans(_LATIN | _SYMBOLS)
_TO_LATIN = str.maketrans(dict(ChainMap(*_ALPHABETS)))
# In words of these alphabets, people write Latin letters too. Small letters, as after `casefold`.
_FROM_LATIN = tuple(
    # Reversed: of two letters for a Latin one, the first in the table is the one that is meant.
    str.maketrans({to: own for own, to in reversed(alphabet.items()) if own == own.casefold()})
    for alphabet in (_CYRILLIC, _GREEK)
)
_FOREIGN = re.compile("[\u0370-\u058f\u13a0-\u13ff\uab70-\uabbf]")
_WORD = re.compile(r"[^\W_]+")
_LATIN_LETTER = re.compile("[a-z]")
_VARIATIONS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# Unicode takes these for letters, though nothing shows them.
_FILLERS = "\u115f\u1160\u3164\uffa0"
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_SIGNS = re.compile(r"(?<=[^\W\d_])[0134578@!|$]+(?=[^\W\d_])|(?<=[^\W\d_])\$+")
_SIGNS_AS_LETTERS = tuple(str.maketrans("0134578@!|$", f"o{one}eastbai{one}s") for one in "il")


def folded(text: str) -> str:
    """One form for all ways of writing a text: case, width, style; blanks in a row become one."""
    # Composed again, since casefold can bring back what NFKC composes (the Greek iota subscript).
    return _composed(_shown(text).casefold())


def readings(text: str) -> frozenset[str]:
    """The text, folded, in each way in which a reader may understand it."""
    plain = folded(text)
    latin = plain if plain.isascii() else _in_latin(text)
    return frozenset(
        {
            plain,
            _without_accents(plain),
            latin,
            *(_in_alphabet(plain, letters) for letters in _FROM_LATIN),
            *(_SIGNS.sub(partial(_translated, letters), latin) for letters in _SIGNS_AS_LETTERS),
        }
    )


def _shown(text: str) -> str:
    """The text without marks that nothing shows, and with plain letters for styled ones."""
    composed = unicodedata.normalize("NFKC", _VARIATIONS.sub("", text))
    if composed.isascii():
        return composed
    return "".join(
        char for char in composed if unicodedata.category(char) != "Cf" and char not in _FILLERS
    )


def _composed(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    return _composed(_ACCENTS.sub("", unicodedata.normalize("NFD", text)))


def _in_latin(text: str) -> str:
    """The text with letters of other alphabets read as the Latin letters that they look like.

    A word that mixes alphabets is read so. A word wholly of another alphabet is not if the text has
    words of that kind that cannot be read so: then it is in a language with that alphabet.
    """
    # Before `casefold`, as a small letter may look like another one than its capital does.
    shown = _ACCENTS.sub("", unicodedata.normalize("NFD", _shown(text))).translate(_ALWAYS)
    foreign = [word for word in _WORD.findall(shown) if _FOREIGN.search(word)]
    pure = {word for word in foreign if not _LATIN_LETTER.search(word.casefold())}
    if any(_FOREIGN.search(word.translate(_TO_LATIN)) for word in pure):
        foreign = [word for word in foreign if word not in pure]
    chosen = frozenset(foreign)
    read = _WORD.sub(lambda hit: _translated(_TO_LATIN, hit) if hit[0] in chosen else hit[0], shown)
    return _composed(read.casefold())


def _in_alphabet(text: str, letters: _Table) -> str:
    """The text with Latin letters in words of another alphabet read as letters of that alphabet."""

    def read(hit: re.Match[str]) -> str:
        return _translated(letters, hit) if _FOREIGN.search(hit[0]) else hit[0]

    return text if text.isascii() else _WORD.sub(read, text)


def _translated(letters: _Table, hit: re.Match[str]) -> str:
    return hit[0].translate(letters)
