import pytest

from bot.domain.words import holds_blocked, tidied


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a gun on a table", "gun"),
        ("GUN", "gun"),
        ("ｇｕｎ", "gun"),
        ("𝓰𝓾𝓷", "gun"),
        ("g\u200bu\u00adn", "gun"),
        ("big_gun", "gun"),
        ("gun!", "GUN"),
        ("die STRASSE", "Straße"),
        ("the machine  gun fires", "machine gun"),
        ("learn c++ now", "c++"),
        ("begun, then a gun", "gun"),
        ("猫gun犬", "gun"),
        ("她拿着手枪。", "手枪"),
        ("ピストルを持つ", "ピストル"),
        ("ﾋﾟｽﾄﾙを持つ", "ピストル"),
        ("총을 들고", "총"),
        ("cafe\u0301", "café"),
        ("e\u0301te\u0301", "été"),
    ],
)
def test_a_blocked_word_is_found(text: str, word: str) -> None:
    assert holds_blocked(text, ["other", word])


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("it has begun", "gun"),
        ("guns", "gun"),
        ("gun7", "gun"),
        ("Scunthorpe is a town", "cunt"),
        ("machine, gun", "machine gun"),
        ("naïve", "nai"),
        ("一把雨伞", "手枪"),
        ("anything", ""),
        ("anything", "\u200b"),
    ],
)
def test_other_words_are_not_found(text: str, word: str) -> None:
    assert not holds_blocked(text, [word])


def test_a_list_keeps_each_word_once_as_it_was_written() -> None:
    assert tidied([" Gun ", "gun", "", "ＧＵＮ", "Machine   Gun"]) == ("Gun", "Machine Gun")
