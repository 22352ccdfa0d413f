"""Blocked words: what is found however it is written, and what is left alone."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.words.blocked_words import BlockedWords, blocked_words, tidied

HERE = Path(__file__).parent
COMMON = (HERE / "common_words.txt").read_text().split()
# What servers and operators block: violence, drugs, sex, insults.
BLOCKED = (HERE / "blocked_list.txt").read_text().split()
LIST = BlockedWords(BLOCKED)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a gun on a table", "gun"),
        ("GUN", "gun"),
        ("ｇｕｎ", "gun"),
        ("𝓰𝓾𝓷", "gun"),
        ("g\u200bu\u00adn", "gun"),
        ("g\u3164un", "gun"),
        ("big_gun", "gun"),
        ("gun!", "GUN"),
        ("die STRASSE", "Straße"),
        ("the machine  gun fires", "machine gun"),
        ("machine-guns", "machine gun"),
        ("a machinegun", "machine gun"),
        ("learn c++ now", "c++"),
        ("a 🔫 here", "🔫"),
        ("begun, then a gun", "gun"),
        ("猫gun犬", "gun"),
        ("她拿着手枪。", "手枪"),
        ("她拿着手 枪", "手枪"),
        ("她拿着手.枪", "手枪"),
        ("ピストルを持つ", "ピストル"),
        ("ﾋﾟｽﾄﾙを持つ", "ピストル"),
        ("총을 들고", "총"),
        ("cafe\u0301", "café"),
        ("e\u0301te\u0301", "été"),
        ("two BOATS", "boat"),
        ("the boat's sail", "boat"),
        ("a b.oat", "boat"),
        ("bo-at", "boat"),
        ("B O A T", "boat"),
        ("b, o, a, t", "boat"),
        ("b o a t s", "boat"),
        ("a big b o a t", "boat"),
        ("boooat", "boat"),
        ("b**t", "boat"),
        ("b0at", "boat"),
        ("bóat", "boat"),
        ("b\u0336o\u0336a\u0336t\u0336", "boat"),
        ("bоat", "boat"),
        ("ВОАТ", "boat"),
        ("ʙᴏᴀᴛ", "boat"),
        ("🅱🅾🅰🆃", "boat"),
        ("🇧 🇴 🇦 🇹", "boat"),
        ("a ѕех scene", "sex"),
        ("Черный кoт", "кот"),
        ("stabbed", "stab"),
        ("stabbing", "stab"),
        ("knives", "knife"),
        ("bodies", "body"),
        ("raping", "rape"),
        ("torches", "torch"),
        ("dying", "die"),
        ("mimicking", "mimic"),
        ("murdered", "murder"),
    ],
)
def test_is_found(text: str, word: str) -> None:
    assert BlockedWords(["other", word]).is_in(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("it has begun", "gun"),
        ("gun7", "gun"),
        ("Scunthorpe is a town", "cunt"),
        ("machine, gun", "machine gun"),
        ("naïve", "nai"),
        ("一把雨伞", "手枪"),
        ("他挥手，枪响了", "手枪"),
        ("anything", ""),
        ("anything", "\u200b"),
        ("let it go at dawn", "goat"),
        ("he'll come", "hell"),
        ("those who’re here", "whore"),
        ("a good dog", "god"),
        ("a 4k picture", "ak"),
        ("spiced spices", "spic"),
        ("a rapid cocker spaniel", "cock"),
        ("butter", "butt"),
        ("сор на полу, где-то там", "cop"),
        ("ad hoc", "нос"),
        ("*as* it is", "ass"),
    ],
)
def test_is_not_found(text: str, word: str) -> None:
    assert not BlockedWords([word]).is_in(text)


def test_a_list_keeps_each_word_once_as_it_was_written() -> None:
    assert tidied([" Gun ", "gun", "", "ＧＵＮ", "Machine   Gun"]) == ("Gun", "Machine Gun")


def test_no_common_word_is_taken_for_a_blocked_one() -> None:
    assert len(COMMON) > 1000
    assert [word for word in COMMON if LIST.is_in(word)] == []


@given(st.lists(st.sampled_from(COMMON), max_size=30), st.sampled_from([" ", ", ", ". ", "\n"]))
@example(["the", "pen", "is", "a", "tool"], " ")
def test_common_words_next_to_each_other_are_none_either(words: list[str], between: str) -> None:
    assert not LIST.is_in(between.join(words))


STYLES: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "title": str.title,
    "wide": lambda word: "".join(chr(ord(char) + 0xFEE0) for char in word),
    "script": lambda word: "".join(chr(ord(char) - ord("a") + 0x1D4EA) for char in word),
    "squares": lambda word: "".join(chr(ord(char) - ord("a") + 0x1F170) for char in word),
    "cyrillic": lambda word: word.translate(str.maketrans("aceopxyijs", "асеорхуіјѕ")),
    "capitals": lambda word: word.upper().translate(str.maketrans("ABEKMHOPCTX", "АВЕКМНОРСТХ")),
    "greek": lambda word: word.translate(str.maketrans("aovpiku", "αονρικυ")),
    "accents": lambda word: word.translate(str.maketrans("aeiou", "äéîøů")),
    "struck": lambda word: "".join(f"{char}\u0336" for char in word),
    "invisible": "\u200b".join,
    "dots": ".".join,
    "dashes": "-".join,
    "underscores": "_".join,
    "stars": "*".join,
    "emoji": "🔥".join,
    "blanks": " ".join,
    "dots and blanks": ". ".join,
    "one dot": lambda word: f"{word[0]}.{word[1:]}",
    "stretched": lambda word: word[:1] + word[1:2] * 3 + word[2:],
    "masked": lambda word: f"{word[0]}*{word[2:]}",
    "digits": lambda word: word[0] + word[1:-1].translate(str.maketrans("oiea", "0134")) + word[-1],
}
TWICE = ("upper", "wide", "cyrillic", "accents", "invisible")
"""Styles that others can be applied to."""


def plural(word: str) -> str:
    if word.endswith("y"):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "z", "ch")) else f"{word}s"


@given(
    word=st.sampled_from(BLOCKED),
    is_plural=st.booleans(),
    first=st.sampled_from(["plain", *TWICE]),
    second=st.sampled_from(["plain", "dots", "blanks", "underscores", "struck", "invisible"]),
    around=st.sampled_from(["{}", "a {} here", "({}),", "猫{}犬", "look:{}!", "“{}”"]),
)
def test_disguises_upon_disguises_are_found(
    word: str, is_plural: bool, first: str, second: str, around: str
) -> None:
    written = plural(word) if is_plural else word
    disguised = STYLES.get(second, str)(STYLES.get(first, str)(written))
    assert LIST.is_in(around.format(disguised))


@pytest.mark.parametrize("style", STYLES)
def test_each_disguise_of_each_word_is_found(style: str) -> None:
    passed = [word for word in BLOCKED if not LIST.is_in(f"the {STYLES[style](word)} there")]
    assert passed == []


@given(st.text(max_size=200), st.lists(st.text(max_size=8), max_size=5))
def test_any_text_and_any_list_are_compared(text: str, words: list[str]) -> None:
    found = BlockedWords(words).is_in(text)
    assert found == BlockedWords(tidied(words)).is_in(text)


def test_a_list_of_4000_words_is_prepared_once_and_then_fast() -> None:
    words = tuple(f"{first}{second}" for first in COMMON[:80] for second in COMMON[200:250])
    assert len(set(words)) == 4000
    blocked_words(words)
    begun = time.process_time()
    for text in ("a quick brown fox " * 45, "a b c d " * 100, "aaabbb " * 114):
        assert not blocked_words(words).is_in(text[:800])
    # 35 ms where nothing else runs; preparing the list takes 100 ms and more.
    assert time.process_time() - begun < 1
