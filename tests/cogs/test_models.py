"""Several models in `/animate`: its options, their choices with prices, and what is refused."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.models.model import (
    WAN22_I2V_FLASH,
    WAN22_I2V_FLASH_DASHSCOPE,
    WAN22_I2V_PLUS,
    WAN26_I2V_FLASH,
    Models,
)
from bot.domain.submission import Submission
from bot.services.model_choices import ModelChoice, ModelChoices
from bot.ui.access.install_context import InstallContext
from bot.ui.registered import kept
from bot.ui.submission import option_choices
from sandbox.discord import Person, Upload
from tests.factories import SEVERAL, make_picture
from tests.ui.client_fixture import Bot, connected_bot, until

PNG = make_picture("PNG")
BEFORE = Path(__file__).with_name("animate_of_one_model.json")


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with connected_bot(tmp_path, models=SEVERAL) as running:
        yield running


def photo() -> Upload:
    return Upload("photo.png", PNG)


async def registered(folder: Path, models: Models) -> Any:
    """The form of `/animate` that Discord gets."""
    file = folder / "commands.json"
    async with connected_bot(folder, models=models, commands_file=file):
        found = kept(file) or []
    return next(one for one in found if one["name"] == "animate")


async def names(person: Person, option: str, typed: str = "", **others: Any) -> list[str]:
    return [one["name"] for one in await person.complete("animate", option, typed, **others)]


async def submitted(bot: Bot, person: Person, **options: Any) -> Submission:
    """Send a command with values that its choices do not check, and return what is submitted."""
    await person.command("animate", image=photo(), prompt="waves", raw=True, **options)
    await until(lambda: bot.intake.submissions)
    return bot.intake.submissions[0]


async def refused(bot: Bot, person: Person, **options: Any) -> str:
    """Send a command that is refused before a channel sees anything, and return the words."""
    given: dict[str, Any] = {"prompt": "waves"} | options
    shown = await person.command("animate", image=photo(), raw=True, **given)
    assert shown.ephemeral
    assert shown.message is not None
    assert not [one for one in person.sees("general") if not one.ephemeral]
    assert bot.intake.submissions == []
    return shown.message.text


# --- what is registered -----------------------------------------------------------------------


async def test_with_one_model_the_command_is_what_it_was_byte_for_byte(tmp_path: Path) -> None:
    found = await registered(tmp_path, Models(default=WAN22_I2V_FLASH))
    assert json.dumps(found) == json.dumps(json.loads(BEFORE.read_text()))


async def test_lengths_and_sound_are_offered_only_where_a_model_takes_them(tmp_path: Path) -> None:
    silent = Models(default=WAN22_I2V_FLASH, others=(WAN22_I2V_PLUS,))
    options = {one["name"] for one in (await registered(tmp_path, silent))["options"]}
    assert "model" in options
    assert options.isdisjoint({"duration", "sound"})
    alone = Models(default=WAN26_I2V_FLASH)
    options = {one["name"] for one in (await registered(tmp_path, alone))["options"]}
    assert {"duration", "sound"} <= options
    assert "model" not in options


async def test_the_longest_prompt_is_the_most_generous_models(tmp_path: Path) -> None:
    found = await registered(tmp_path, SEVERAL)
    assert next(one for one in found["options"] if one["name"] == "prompt")["max_length"] == 1500


# --- choices ----------------------------------------------------------------------------------


async def test_models_are_offered_with_their_length_and_price(bot: Bot) -> None:
    ada = bot.local.person("Ada")
    assert await names(ada, "model") == [
        "Wan 2.2 flash · 5 s · about $0.20",
        "Wan 2.2 plus · 5 s · about $0.40",
        "Wan 2.6 flash · up to 15 s · about $0.20 for 5 s",
    ]
    assert await ada.complete("animate", "model", "2.6 FL") == [
        {"name": "Wan 2.6 flash · up to 15 s · about $0.20 for 5 s", "value": "wan2.6-i2v-flash"}
    ]


async def test_prices_are_those_of_what_has_been_filled_in(bot: Bot) -> None:
    ada = bot.local.person("Ada")
    chosen: dict[str, Any] = {"model": WAN26_I2V_FLASH.id, "resolution": "1080P", "duration": 10}
    assert await names(ada, "sound", **chosen) == [
        "with sound · about $0.40",
        "without sound · about $0.40",
    ]
    assert await names(ada, "duration", "1", **chosen) == [
        f"{one} s · about $0.40" for one in (10, 11, 12, 13, 14, 15)
    ]
    assert await names(ada, "resolution", **chosen) == ["720P · about $0.20", "1080P · about $0.40"]
    assert await names(ada, "sound") == ["without sound · about $0.20"]
    assert await names(ada, "duration", model="no such") == ["5 s · about $0.20"]


async def test_choices_are_in_the_persons_language(bot: Bot) -> None:
    ada = bot.local.person("Ada")
    bot.local.world.users[ada.id].locale = "zh-CN"
    found = await names(ada, "model", "2.6")
    assert found == ["Wan 2.6 flash · 最长 15 秒 · 5 秒约 $0.20"]


async def test_a_model_that_the_provider_does_not_take_now_is_not_offered(bot: Bot) -> None:
    bot.intake.closed_models.add(WAN22_I2V_PLUS.id)
    found = await names(bot.local.person("Ada"), "model")
    assert [one.split(" · ")[0] for one in found] == ["Wan 2.2 flash", "Wan 2.6 flash"]


async def test_where_the_bot_does_not_work_there_are_no_choices(tmp_path: Path) -> None:
    elsewhere = InstallContext(guilds=frozenset({1}))
    async with connected_bot(tmp_path, models=SEVERAL, places=elsewhere) as bot:
        assert await names(bot.local.person("Ada"), "model") == []


# --- what is chosen, or typed by hand -----------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    [
        "wan2.6-i2v-flash",
        "Wan 2.6 flash",
        " WAN  2.6 FLASH ",
        "Wan 2.6 flash · up to 15 s · about $0.20 for 5 s",
    ],
)
async def test_a_model_is_found_by_its_id_or_its_label(model: str, bot: Bot) -> None:
    given: dict[str, Any] = {
        "model": model,
        "resolution": "1080p",
        "duration": 10,
        "sound": "With sound",
    }
    submission = await submitted(bot, bot.local.person("Ada"), **given)
    options = submission.options
    assert submission.model == WAN26_I2V_FLASH.id
    assert (options.resolution, options.seconds, options.audio) == ("1080P", 10, True)


async def test_names_of_choices_that_were_typed_by_hand_are_understood_in_any_language(
    bot: Bot,
) -> None:
    ada = bot.local.person("Ada")
    bot.local.world.users[ada.id].locale = "zh-CN"
    kind: dict[str, Any] = {"model": WAN26_I2V_FLASH.id}
    [model] = await names(ada, "model", "2.6")
    [resolution] = await names(ada, "resolution", "1080", **kind)
    sound, _ = await names(ada, "sound", **kind)
    given: dict[str, Any] = {"model": model, "resolution": resolution, "sound": sound}
    submission = await submitted(bot, ada, **given)
    assert submission.model == WAN26_I2V_FLASH.id
    assert (submission.options.resolution, submission.options.audio) == ("1080P", True)


async def test_choices_fit_discords_limits_however_long_a_label_is(tmp_path: Path) -> None:
    longest = replace(
        WAN26_I2V_FLASH, label="很长的模型名称" * 13, durations=tuple(range(2, 60)), id="long"
    )
    async with connected_bot(
        tmp_path, models=Models(default=WAN22_I2V_FLASH, others=(longest,))
    ) as bot:
        ada = bot.local.person("Ada")
        bot.local.world.users[ada.id].locale = "zh-CN"
        _, name = await names(ada, "model")
        assert len(name) == 100
        assert name.startswith(longest.label)
        seconds = await ada.complete("animate", "duration", "", model="long")
        assert [one["value"] for one in seconds] == list(range(2, 27))
        # What does not fit is found by typing.
        seconds = await ada.complete("animate", "duration", "59", model="long")
        assert [one["value"] for one in seconds] == [59]


async def test_a_slow_database_leaves_the_choices_empty_in_time(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = asyncio.Event()

    async def never(*given: object) -> ModelChoice:
        reading.set()
        await asyncio.Event().wait()
        raise AssertionError

    ada = bot.local.person("Ada")
    monkeypatch.setattr(option_choices, "READ_WITHIN", 0.05)
    monkeypatch.setattr(ModelChoices, "open_now", never)
    assert await names(ada, "model") == []
    assert reading.is_set()
    assert await names(ada, "resolution") != []
    monkeypatch.setattr(ModelChoices, "choice", never)
    for option in ("model", "resolution", "sound", "duration"):
        assert await names(ada, option) == []
    # Two readings, and the way to Discord and back.
    monkeypatch.undo()
    assert 2 * option_choices.READ_WITHIN < 2.5


async def test_what_is_left_out_is_the_chosen_models(bot: Bot) -> None:
    submission = await submitted(bot, bot.local.person("Ada"), model=WAN22_I2V_PLUS.id)
    assert submission.model == WAN22_I2V_PLUS.id
    options = submission.options
    assert (options.resolution, options.seconds, options.audio) == ("1080P", 5, False)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "model": (
        {"model": "sora"},
        "Choose one of these: Wan 2.2 flash, Wan 2.2 plus, Wan 2.6 flash.",
    ),
    "model of another operator": (
        {"model": WAN22_I2V_FLASH_DASHSCOPE.id},
        "There's no model “wan2.2-i2v-flash” here.",
    ),
    "duration": (
        {"duration": 10},
        "can't make a video of 10 seconds. Choose one of these: 5. It works with: Wan 2.6 flash.",
    ),
    "duration of none": ({"duration": -1}, "can't make a video of -1 seconds. Choose one of"),
    "sound": ({"sound": "on"}, "Wan 2.2 flash can't make sound. It works with: Wan 2.6 flash."),
    "no sound": ({"sound": "loud"}, "Sound is either on or off, not “loud”."),
    "resolution": (
        {"resolution": "1080"},
        "Wan 2.2 flash can't make videos in 1080P. Choose one of these: 480P, 720P. It works with:",
    ),
    "resolution of none": ({"resolution": "4K"}, "I can't make videos in 4K. Choose one of these"),
    "prompt": (
        {"prompt": "x" * 801},
        "801 characters; the limit is 800. Please shorten it. It works with: Wan 2.6 flash.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_the_model_does_not_take_is_refused_with_those_that_do(
    case: str, bot: Bot
) -> None:
    options, words = REFUSED[case]
    assert words in await refused(bot, bot.local.person("Ada"), **options)
