"""`make texts-list` prints everything that people read."""

from docs.text_list import page, texts
from tests.ui.texts.test_catalogues import TEXTS_IN_CODE


def test_every_text_in_the_code_is_listed_with_its_occasion() -> None:
    found = list(texts())
    forms = {one.forms if len(one.forms) > 1 else one.forms[0] for one in found}
    assert forms == TEXTS_IN_CODE
    assert not [one.forms[0] for one in found if not one.occasion]


def test_a_text_is_listed_with_its_translations_and_what_it_is_for() -> None:
    lines = page().splitlines()
    at = lines.index("  - en: I couldn't find that video among yours.")
    assert lines[at - 1] == "- *plain › NotFound*"
    assert lines[at + 1] == "  - zh_CN: 在你的视频里没有找到这一个。"
    at = lines.index("  - en: {number} videos")
    assert lines[at - 2 : at + 2] == [
        '- *A number of videos: "1 video", "5 videos"*',
        "  - en: {number} video",
        "  - en: {number} videos",
        "  - zh_CN: {number} 个视频",
    ]


def test_descriptions_of_commands_are_listed_by_command_and_option() -> None:
    [own] = [one for one in texts() if one.file == "cogs/animate.py" and "seed" in one.occasion]
    assert own.occasion.endswith("seed")
