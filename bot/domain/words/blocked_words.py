"""Blocked words: whether a text has one, also if it is inflected or disguised.

A word matches as a whole word, never inside another one. It also matches in these disguises: what
:mod:`bot.domain.words.lookalikes` reads, signs between the letters ("b.o.a.t", "bo-at"), letters
written apart ("b o a t"), a letter three times or more ("boooat"), and asterisks for letters
("b**t"). Chinese, Japanese and Korean, which put no boundaries between words (or glue particles to
them), match by their characters alone. Misspellings do not match.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice

from bot.domain.words.inflections import inflections
from bot.domain.words.lookalikes import folded, readings

# Han with its extensions, kana, hangul; after NFKC, half-width forms are among them.
_UNBROKEN = re.compile(
    "[\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3040-\u30ff\u3100-\u318f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U00020000-\U000323af]"
)
# What ends a clause, and so cannot be inside a Chinese word.
_CLAUSE_ENDS = frozenset("。、,!?;:\n")
_CONTRACTED = frozenset({"s", "t", "d", "m", "ll", "re", "ve"})
_APOSTROPHES = frozenset("'’ʼ")
_MASKED = re.compile(r"[^\W_]+(?:\*+[^\W_]+)+")
_THRICE = re.compile(r"(.)\1\1")
_LATIN_LETTER = re.compile("[a-z]")
# How many letters more than the longest word a disguise of several pieces may have.
_REPEATED = 8
_LISTS_KEPT = 32


def tidied(words: Iterable[str]) -> tuple[str, ...]:
    """As moderators wrote them, without blanks around and without what is the same when folded."""
    kept: dict[str, str] = {}
    for word in words:
        if key := folded(word):
            kept.setdefault(key, " ".join(word.split()))
    return tuple(kept.values())


@dataclass(frozen=True, slots=True)
class _Piece:
    """Letters in a row, and the signs and blanks before them."""

    gap: str
    letters: str

    @property
    def is_apart(self) -> bool:
        """Whether it cannot belong to a word with what is before it, except letter by letter."""
        if self.gap in _APOSTROPHES:
            return self.letters in _CONTRACTED
        return self.gap != " " and " " in self.gap


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """Pieces in a row."""

    letters: str
    count: int = 1
    blanks: frozenset[int] = frozenset()
    """After how many letters there is a blank."""
    is_spelled: bool
    """Whether all pieces are single letters."""
    is_apart: bool = False
    """Whether one of the pieces is apart from those before it."""

    def plus(self, piece: _Piece) -> "_Span":
        return _Span(
            letters=self.letters + piece.letters,
            count=self.count + 1,
            blanks=self.blanks | {len(self.letters)} if piece.gap == " " else self.blanks,
            is_spelled=self.is_spelled and len(piece.letters) == 1,
            is_apart=self.is_apart or piece.is_apart,
        )

    def may_be_one(self, blanks: frozenset[int]) -> bool:
        """Whether the pieces are one word, which may have ``blanks``."""
        if self.is_spelled and self.count > 2:
            return True
        return not self.is_apart and self.blanks <= blanks


class BlockedWords:
    """A list of blocked words, prepared once to be looked for in many texts."""

    def __init__(self, words: Iterable[str]) -> None:
        self._blanks: dict[str, frozenset[int]] = {}
        """Each inflected word without blanks, and after how many letters there may be one."""
        self._unbroken: set[str] = set()
        self._literal: set[str] = set()
        """Words that begin or end with a sign, such as "c++"."""
        for word in filter(None, map(folded, words)):
            self._add(word)
        self._by_letters: dict[str, list[str]] = defaultdict(list)
        self._by_size: dict[tuple[str, int], list[str]] = defaultdict(list)
        for form in self._blanks:
            self._by_letters[_each_once(form)].append(form)
            self._by_size[form[0], len(form)].append(form)
        self._longest = max(map(len, self._blanks), default=0) + _REPEATED
        self._has_blanks = any(self._blanks.values())

    def is_in(self, text: str) -> bool:
        """Whether ``text`` has one of the words."""
        return any(self._is_in(reading) for reading in readings(text))

    def _add(self, word: str) -> None:
        if _UNBROKEN.search(word):
            self._unbroken.add(_without_signs(word))
        elif not (_in_word(word[0]) and _in_word(word[-1])):
            self._literal.add(word)
        else:
            # A word of another alphabet alone is not also what it looks like in Latin letters.
            for reading in readings(word) if _LATIN_LETTER.search(word) else (word,):
                self._add_forms(_pieces(reading))

    def _add_forms(self, pieces: list[_Piece]) -> None:
        stem = "".join(piece.letters for piece in pieces[:-1])
        blanks, length = set(), 0
        for piece in pieces[:-1]:
            length += len(piece.letters)
            blanks.add(length)
        for last in inflections(pieces[-1].letters):
            form = stem + last
            self._blanks[form] = self._blanks.get(form, frozenset()) | blanks

    def _is_in(self, text: str) -> bool:
        return (
            any(map(self._is_word, self._spans(_pieces(text))))
            or any(map(self._is_masked, _MASKED.findall(text)))
            or any(_stands_alone(word, text) for word in self._literal)
            or self._is_within(text)
        )

    def _spans(self, pieces: list[_Piece]) -> Iterator[_Span]:
        """All pieces, and those in a row that could be one word together."""
        for at, first in enumerate(pieces):
            span = _Span(letters=first.letters, is_spelled=len(first.letters) == 1)
            yield span
            for piece in islice(pieces, at + 1, None):
                span = span.plus(piece)
                may_go_on = span.is_spelled or not (
                    span.is_apart or (span.blanks and not self._has_blanks)
                )
                if len(span.letters) > self._longest or not may_go_on:
                    break
                yield span

    def _is_word(self, span: _Span) -> bool:
        forms = [span.letters] if span.letters in self._blanks else []
        if _THRICE.search(span.letters):
            same = self._by_letters.get(_each_once(span.letters), ())
            forms = [one for one in same if _stretches(one, span.letters)]
        return any(span.may_be_one(self._blanks[form]) for form in forms)

    def _is_masked(self, text: str) -> bool:
        pattern = re.compile(text.replace("*", "."))
        return any(map(pattern.fullmatch, self._by_size.get((text[0], len(text)), ())))

    def _is_within(self, text: str) -> bool:
        if not self._unbroken or not _UNBROKEN.search(text):
            return False
        letters = _without_signs(text)
        return any(word in letters for word in self._unbroken)


@lru_cache(maxsize=_LISTS_KEPT)
def blocked_words(words: tuple[str, ...]) -> BlockedWords:
    """The list, prepared at its first use."""
    return BlockedWords(words)


def _pieces(text: str) -> list[_Piece]:
    found, gap = [], ""
    for kind, chars in groupby(text, _kind):
        run = "".join(chars)
        if kind == "letter":
            found.append(_Piece(gap=gap, letters=run))
            gap = ""
        else:
            # What is written without boundaries is one, as if there were a new sentence.
            gap += ". " if kind == "unbroken" else run
    return found


@lru_cache(maxsize=4096)
def _kind(char: str) -> str:
    if _UNBROKEN.match(char):
        return "unbroken"
    return "letter" if _in_word(char) else "gap"


def _in_word(char: str) -> bool:
    """A letter, a digit, or a mark on one; the underscore joins nothing here."""
    return unicodedata.category(char)[0] in "LNM"


def _each_once(letters: str) -> str:
    """The letters, each once where it is repeated."""
    return "".join(letter for letter, _ in groupby(letters))


def _stretches(form: str, letters: str) -> bool:
    """Whether the letters are the form with some of its letters three times or more.

    Two instead of one are another word: "god" and "good".
    """
    runs = zip(_run_lengths(form), _run_lengths(letters), strict=True)
    return all(own == given or given >= max(3, own) for own, given in runs)


def _run_lengths(letters: str) -> list[int]:
    return [len(list(run)) for _, run in groupby(letters)]


def _stands_alone(word: str, text: str) -> bool:
    """Whether the text has the word, and no letter goes on where the word ends with one."""
    before = r"(?<![^\W_])" if _in_word(word[0]) else ""
    after = r"(?![^\W_])" if _in_word(word[-1]) else ""
    return re.search(f"{before}{re.escape(word)}{after}", text) is not None


def _without_signs(text: str) -> str:
    """The text without blanks and signs, except where a clause ends."""
    return "".join(char for char in text if char in _CLAUSE_ENDS or _in_word(char))
