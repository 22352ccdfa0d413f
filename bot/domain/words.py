"""Blocked words: whether a text contains one, however it is written.

Text and words are folded: NFKC normalizes compatibility forms (full-width, ligatures, styled
letters), ``casefold`` the case, and invisible characters (zero-width joiners, soft hyphens,
variation selectors) are removed. A blocked word matches only whole words, but in Chinese, Japanese
and Korean, which do not separate words or attach particles to them, it matches anywhere.
"""

import re
import unicodedata
from collections.abc import Iterable

# Han with its extensions, kana and hangul; NFKC turns half-width forms into these.
_UNBROKEN = re.compile(
    "[\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3040-\u30ff\u3100-\u318f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U00020000-\U000323af]"
)
_VARIATIONS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def folded(text: str) -> str:
    """The folded form of a text, with each run of spaces as one."""
    # Twice, since casefold can bring back what NFKC composes (such as the Greek iota subscript).
    once = unicodedata.normalize("NFKC", _VARIATIONS.sub("", text)).casefold()
    shown = "".join(char for char in once if unicodedata.category(char) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", shown).split())


def tidied(words: Iterable[str]) -> tuple[str, ...]:
    """The words as moderators wrote them, without outer spaces and duplicates."""
    kept: dict[str, str] = {}
    for word in words:
        if key := folded(word):
            kept.setdefault(key, " ".join(word.split()))
    return tuple(kept.values())


def holds_blocked(text: str, words: Iterable[str]) -> bool:
    """Whether ``text`` contains one of ``words``."""
    within = folded(text)
    return any(_holds(within, word) for word in map(folded, words) if word)


def _holds(text: str, word: str) -> bool:
    if _UNBROKEN.search(word):
        return word in text
    # Not \b, since a word may begin or end with punctuation, such as "c++". A neighbor in a script
    # without word boundaries counts as a boundary: "猫cat犬" contains "cat".
    at = text.find(word)
    while at >= 0:
        if _ends(text[at - 1 : at], word[0]) and _ends(text[at + len(word) :][:1], word[-1]):
            return True
        at = text.find(word, at + 1)
    return False


def _ends(neighbor: str, edge: str) -> bool:
    """Whether there is a word boundary between ``edge`` and the character next to it."""
    if not (_in_word(neighbor) and _in_word(edge)):
        return True
    return bool(_UNBROKEN.match(neighbor))


def _in_word(char: str) -> bool:
    """Whether a character is part of a word: a letter, digit or combining mark, not "_"."""
    return bool(char) and unicodedata.category(char)[0] in "LNM"
