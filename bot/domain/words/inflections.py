"""The simple inflections of English words: plurals, and the verb's *-ed* and *-ing*."""

import re

_LETTERS = re.compile("[a-z]{3,}")
_SIBILANT = re.compile("(?:[sxzo]|[cs]h)$")
_CONSONANT_Y = re.compile("[^aeiou]y$")
_SILENT_E = re.compile("[^aeoy]e$")
# One syllable with a short vowel doubles its last consonant: stab, stabbed.
_DOUBLES = re.compile("(?:^|[^aeiou])(?:qu)?[aeiou][^aeiouwxyc]$")
_SYLLABLE = re.compile("[aeiouy]+")


def inflections(word: str) -> frozenset[str]:
    """The word and its inflections; the word alone if it is short or not in plain Latin letters."""
    if not _LETTERS.fullmatch(word):
        return frozenset({word})
    return frozenset({word, *_plurals(word), *_verb_forms(word)})


def _plurals(word: str) -> set[str]:
    if _CONSONANT_Y.search(word):
        return {f"{word[:-1]}ies"}
    if word.endswith("fe"):
        return {f"{word}s", f"{word[:-2]}ves"}
    if word.endswith("f"):
        return {f"{word}s", f"{word[:-1]}ves"}
    return {f"{word}es", f"{word}s"} if _SIBILANT.search(word) else {f"{word}s"}


def _verb_forms(word: str) -> set[str]:
    if word.endswith("ie"):
        return {f"{word}d", f"{word[:-2]}ying"}
    if word.endswith("e"):
        stem = word[:-1] if _SILENT_E.search(word) else word
        return {f"{word}d", f"{stem}ing"}
    if _CONSONANT_Y.search(word):
        return {f"{word[:-1]}ied", f"{word}ing"}
    return {f"{stem}{ending}" for stem in _stems(word) for ending in ("ed", "ing")}


def _stems(word: str) -> set[str]:
    """What *-ed* and *-ing* are put to; both ways where the stress decides (gossiped, admitted)."""
    if word.endswith("c"):
        return {f"{word}k"}
    if not _DOUBLES.search(word):
        return {word}
    doubled = f"{word}{word[-1]}"
    return {doubled} if len(_SYLLABLE.findall(word)) == 1 else {doubled, word}
