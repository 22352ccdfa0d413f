"""The descriptions of commands that Discord gets in each language, and how to add a language."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from bot.ui.texts import catalogues
from hatch_build import compile_catalogues, read_catalogue
from sandbox.discord import LocalDiscord
from tests.ui.client_fixture import connected_bot

CHINESE = "zh-CN"


def _described(commands: list[dict[str, Any]], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the descriptions of commands, groups and options, with their paths."""
    for one in commands:
        here = f"{path} {one['name']}".strip()
        if one.get("description"):
            yield here, one.get("description_localizations")
        yield from _described(one.get("options") or [], here)


async def test_every_command_description_exists_in_chinese(tmp_path: Path) -> None:
    async with connected_bot(tmp_path) as bot:
        described = dict(_described(bot.local.commands.all(None)))
    assert len(described) > 40
    for path, localized in described.items():
        assert localized is not None, path
        assert set(localized) == {CHINESE}, path
        assert re.search(r"[\u4e00-\u9fff]", localized[CHINESE]), path
        assert 0 < len(localized[CHINESE]) <= 100, path
    assert described["animate prompt"][CHINESE] == "视频里应该发生什么（最多 800 个字符）"


async def test_commands_and_options_are_described_within_discord_s_limit(tmp_path: Path) -> None:
    async with connected_bot(tmp_path) as bot:
        everything = list(_everything(bot.local.commands.all(None)))
    described = {one["name"]: one["description"] for one in everything if one.get("description")}
    assert len(described) > 30
    assert not [text for text in described.values() if not 0 < len(text) <= 100 or "{" in text]
    assert described["prompt"] == "What should happen in the video (up to 800 characters)"


async def test_names_stay_and_choices_in_words_do_not(tmp_path: Path) -> None:
    async with connected_bot(tmp_path) as bot:
        everything = list(_everything(bot.local.commands.all(None)))
        windows = _choices(bot.local, "quota-admin", "server", "window")
    names = [one for one in everything if "description" in one]
    assert len(names) > 40
    assert not [one["name"] for one in names if one.get("name_localizations")]
    translations = {one["value"]: one["name_localizations"] for one in windows}
    assert translations["week"] == {CHINESE: "周"}


def _everything(commands: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in commands:
        yield one
        yield from _everything(one.get("options") or [])


# --- another language --------------------------------------------------------------------


def _made_up(text: str) -> str:
    """Make up a translation of the same length, as Discord counts, with all placeholders."""
    return text if text.startswith("{") else f"か{text[1:]}"


def _japanese(folder: Path) -> None:
    """Write the only file that another language needs, with made-up translations."""
    template = read_catalogue(catalogues.FOLDER / "zh_CN" / "LC_MESSAGES" / "flipbook.po")
    catalogue = Catalog(locale="ja")
    for message in template:
        if not message.id:
            continue
        if isinstance(message.id, str):
            catalogue.add(message.id, _made_up(message.id))
        else:
            catalogue.add(message.id, (_made_up(message.id[1]),))
    path = folder / "ja" / "LC_MESSAGES" / "flipbook.po"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, catalogue)
    compile_catalogues(folder)


async def test_another_language_is_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "commands.json"
    async with LocalDiscord() as local:
        async with connected_bot(tmp_path, local=local, commands_file=kept):
            pass
        before = local.commands.syncs
        folder = tmp_path / "locale"
        _japanese(folder)
        monkeypatch.setattr(catalogues, "FOLDER", folder)
        async with connected_bot(tmp_path, local=local, commands_file=kept) as bot:
            assert local.commands.syncs == before + 1, "Discord does not get the language"
            ada = local.person("Ada")
            bot.local.world.users[ada.id].locale = "ja"
            shown = await ada.command("help")
            assert shown.message is not None
            assert "か*What I need here**" in shown.message.text
            described = dict(_described(local.commands.all(None)))
            assert {locale for one in described.values() for locale in one} == {"ja"}
            assert "ja" in {one["value"] for one in _choices(local, "settings", "set", "language")}


def _choices(local: LocalDiscord, *path: str) -> list[dict[str, Any]]:
    found: dict[str, Any] = {"options": local.commands.all(None)}
    for name in path:
        [found] = [one for one in found["options"] if one["name"] == name]
    return list(found["choices"])
