"""Blocked words: whether a text holds one, however it is written.

Both are folded: compatibility forms (full width, ligatures, styled letters) by NFKC, case by
``casefold``, marks that nothing shows (zero-width joiners, soft hyphens, variation selectors) left
out. A word counts as a whole word; in Chinese, Japanese and Korean, which put no boundaries
between words (or glue particles to them), by its characters alone.
"""

import re
import unicodedata
from collections.abc import Iterable

# Han with its extensions, kana, hangul; after NFKC, half-width forms are among them.
_UNBROKEN = re.compile(
    "[\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3040-\u30ff\u3100-\u318f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U00020000-\U000323af]"
)
_VARIATIONS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def folded(text: str) -> str:
    """One form for all ways of writing a text; blanks in a row become one."""
    # Twice, since casefold can bring back what NFKC composes (such as the Greek iota subscript).
    once = unicodedata.normalize("NFKC", _VARIATIONS.sub("", text)).casefold()
    shown = "".join(char for char in once if unicodedata.category(char) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", shown).split())


def tidied(words: Iterable[str]) -> tuple[str, ...]:
    """As moderators wrote them, without blanks around and without what is the same when folded."""
    kept: dict[str, str] = {}
    for word in words:
        if key := folded(word):
            kept.setdefault(key, " ".join(word.split()))
    return tuple(kept.values())


def holds_blocked(text: str, words: Iterable[str]) -> bool:
    """Whether one of ``words`` is in ``text``."""
    within = folded(text)
    return any(_holds(within, word) for word in map(folded, words) if word)


def _holds(text: str, word: str) -> bool:
    if _UNBROKEN.search(word):
        return word in text
    # Not \b: a word may begin or end with a sign, such as "c++". A neighbour that is written
    # without boundaries is one: "猫cat犬" holds "cat".
    at = text.find(word)
    while at >= 0:
        if _ends(text[at - 1 : at], word[0]) and _ends(text[at + len(word) :][:1], word[-1]):
            return True
        at = text.find(word, at + 1)
    return False


def _ends(neighbour: str, edge: str) -> bool:
    """Whether a word with this edge ends where ``neighbour`` follows (or goes before)."""
    if not (_in_word(neighbour) and _in_word(edge)):
        return True
    return bool(_UNBROKEN.match(neighbour))


def _in_word(char: str) -> bool:
    """A letter, a digit, or a mark on one; the underscore joins nothing here."""
    return bool(char) and unicodedata.category(char)[0] in "LNM"
