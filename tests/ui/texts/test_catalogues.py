"""Each catalog translates every text of the bot, and no others."""

import ast
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import PoFileError, write_po
from discord import Locale

from bot.ui.texts import catalogues
from bot.ui.texts.catalogues import speaking_in
from bot.ui.texts.language import _, _n
from hatch_build import compile_catalogues, read_catalogue

ROOT = Path(__file__).parents[3]
FOLDERS = (ROOT / "bot" / "ui" / "texts", ROOT / "cogs")
KEYWORDS = {"_": None, "_n": (1, 2), "marked": None, "locale_str": None}
FILES = {
    path.parts[-3].replace("_", "-"): path
    for path in catalogues.FOLDER.glob("*/LC_MESSAGES/flipbook.po")
}
TAGS = sorted(FILES)


def _texts_in_code() -> set[str | tuple[str, ...]]:
    """Return every text in the code, as gettext's own extraction finds it."""
    return {message for folder in FOLDERS for message in _extracted(folder)}


def _extracted(folder: Path) -> Iterator[str | tuple[str, ...]]:
    found = extract_from_dir(folder, method_map=[("**.py", "python")], keywords=KEYWORDS)
    return (message for _file, _line, message, _comments, _context in found)


TEXTS_IN_CODE = _texts_in_code()


def _entries(tag: str) -> Iterator[Message]:
    return (message for message in read_catalogue(FILES[tag]) if message.id)


def _pairs(message: Message) -> list[tuple[str, str]]:
    """Pair each form of a translation with its source: the plural, if there is one."""
    forms = [message.string] if isinstance(message.string, str) else list(message.string or [])
    source = message.id if isinstance(message.id, str) else message.id[1]
    return [(source, form) for form in forms]


def _placeholders(text: str) -> list[str]:
    return sorted(set(re.findall(r"\{[^}]*\}", text)))


def test_chinese_is_there_and_named_in_its_own_words() -> None:
    assert catalogues.languages() == {"en-US": "English", "zh-CN": "简体中文"}


@pytest.mark.parametrize("tag", TAGS)
def test_a_catalogue_is_named_as_discord_names_a_language(tag: str) -> None:
    assert tag in {locale.value for locale in Locale}
    assert tag != "en-US"


@pytest.mark.parametrize("tag", TAGS)
def test_nothing_is_left_untranslated(tag: str) -> None:
    known = {message.id: message for message in _entries(tag)}
    missing = TEXTS_IN_CODE - known.keys()
    assert not missing, "run: make texts, then translate"
    for message in known.values():
        assert all(form for _source, form in _pairs(message)), message.id
        assert not message.fuzzy, message.id


def test_every_text_in_the_code_is_found_by_the_extraction() -> None:
    # For instance, it does not look into the braces of an f-string.
    for path in (path for folder in FOLDERS for path in folder.glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", None) in KEYWORDS:
                texts = [one.value for one in call.args if isinstance(one, ast.Constant)]
                # A text that is not a constant was marked where it is defined.
                found = not texts or {texts[0], tuple(texts[:2])} & TEXTS_IN_CODE
                assert found, f"{path.name}:{call.lineno}"


@pytest.mark.parametrize("tag", TAGS)
def test_no_unused_text_is_translated(tag: str) -> None:
    left_over = {message.id for message in _entries(tag)} - TEXTS_IN_CODE
    assert not left_over, "run: make texts"
    assert not read_catalogue(FILES[tag]).obsolete


@pytest.mark.parametrize("tag", TAGS)
def test_every_placeholder_stays(tag: str) -> None:
    for message in _entries(tag):
        for source, form in _pairs(message):
            assert _placeholders(form) == _placeholders(source), message.id


@pytest.mark.parametrize("tag", TAGS)
def test_numbers_have_all_the_forms_of_the_language(tag: str) -> None:
    catalogue = read_catalogue(FILES[tag])
    for message in _entries(tag):
        if not isinstance(message.id, str):
            assert len(_pairs(message)) == catalogue.num_plurals, message.id


@pytest.mark.parametrize("tag", TAGS)
def test_commands_and_markup_that_people_copy_stay(tag: str) -> None:
    pattern = r"`[^`]*`|/[a-z-]+|\*\*|-# |[🔁🎲✏⚠ℹ]|\$"
    for message in _entries(tag):
        for source, form in _pairs(message):
            assert sorted(re.findall(pattern, form)) == sorted(re.findall(pattern, source)), source


@pytest.mark.parametrize("tag", TAGS)
def test_lines_stay_lines(tag: str) -> None:
    for message in _entries(tag):
        for source, form in _pairs(message):
            assert form.count("\n") == source.count("\n"), source


@pytest.mark.parametrize("tag", TAGS)
def test_commands_stay_within_discord_s_limit(tag: str) -> None:
    catalogue = catalogues.catalogue(tag)
    assert catalogue is not None
    described = [text for text in _extracted(ROOT / "cogs") if isinstance(text, str)]
    assert len(described) > 20
    for text in described:
        # A value has fewer characters than its placeholder in braces.
        assert 0 < len(catalogue.gettext(text)) <= 100, text


def _videos(number: int) -> str:
    return _n("{number} video", "{number} videos", number).format(number=number)


def test_a_language_is_spoken_within_its_block_only() -> None:
    english = _videos(2)
    with speaking_in("zh-CN"):
        assert _videos(2) == "2 个视频"
        assert _videos(1) == "1 个视频"
        with speaking_in("en-US"):
            assert _videos(2) == english
        assert _videos(2) == "2 个视频"
    assert _videos(2) == english == "2 videos"


@pytest.mark.parametrize("locale", ["de", "zh-TW", "en-GB", "", "nonsense"])
def test_english_is_used_where_there_is_no_catalogue(locale: str) -> None:
    with speaking_in(locale):
        assert _videos(2) == "2 videos"


# --- compiled catalogs -----------------------------------------------------------------------


def _written(folder: Path, **translated: str) -> Path:
    """Write a catalog for one language, Japanese; the text "unsure" is marked as fuzzy."""
    catalogue = Catalog(locale="ja")
    for source, translation in translated.items():
        catalogue.add(source, translation, flags=["fuzzy"] if source == "unsure" else [])
    path = folder / "ja" / "LC_MESSAGES" / "flipbook.po"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, catalogue)
    return path


def test_empty_and_fuzzy_translations_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _written(tmp_path, unsure="たぶん", empty="", sure="はい")
    compile_catalogues(tmp_path)
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    with speaking_in("ja"):
        assert [_("unsure"), _("empty"), _("sure")] == ["unsure", "empty", "はい"]


def test_a_language_that_is_not_compiled_is_left_out_with_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _written(tmp_path, sure="はい")
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    catalogues.load()
    assert catalogues.languages() == {"en-US": "English"}
    assert [one.getMessage() for one in caplog.records] == [
        "language ja left out, its catalogue is not compiled; run `make env`"
    ]


def test_a_broken_catalogue_is_not_compiled(tmp_path: Path) -> None:
    path = _written(tmp_path, sure="はい")
    compile_catalogues(tmp_path)
    compiled = path.with_suffix(".mo").read_bytes()
    path.write_text(path.read_text("utf-8") + '\nmsgid "open\n', "utf-8")
    with pytest.raises(PoFileError):
        compile_catalogues(tmp_path)
    assert path.with_suffix(".mo").read_bytes() == compiled


def test_the_wheel_has_every_catalogue_compiled(tmp_path: Path) -> None:
    # The wheel is built from a copy without compiled catalogs, as after `git clone`.
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, clone)
    shutil.copytree(ROOT / "bot", clone / "bot", ignore=shutil.ignore_patterns("*.mo"))
    for name in ("cogs", "sandbox"):
        (clone / name).mkdir()
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=clone, check=True, capture_output=True, timeout=60)
    [wheel] = tmp_path.glob("*.whl")
    for path in FILES.values():
        compiled = path.with_suffix(".mo").relative_to(ROOT).as_posix()
        with zipfile.ZipFile(wheel) as opened:
            assert opened.read(compiled) == (ROOT / compiled).read_bytes()


# A space beside a full-width mark, and a mark of Latin text beside a Chinese character. A list may
# begin after a mark, and a time, number or word of Latin text may follow its own mark.
_MIXED_PUNCTUATION = re.compile(
    r"\s[（），。：；！？、]|[（），。：；！？、] "
    r"|[\u4e00-\u9fff] ?[,;:!?()]|[,;:!?()][\u4e00-\u9fff]"
)


def test_chinese_texts_use_full_width_punctuation_without_spaces() -> None:
    mixed = [
        form
        for message in _entries("zh-CN")
        for _source, form in _pairs(message)
        if _MIXED_PUNCTUATION.search(form)
    ]
    assert mixed == []
