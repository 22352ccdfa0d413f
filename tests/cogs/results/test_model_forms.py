"""The forms behind ✏️ and Apps › Animate where several models are offered."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.guilds.guild import GuildSettings
from bot.domain.models.model import (
    MODELS,
    WAN22_I2V_FLASH,
    WAN22_I2V_PLUS,
    WAN26_I2V_FLASH,
    Models,
)
from bot.domain.operator_info import OperatorInfo
from bot.domain.task import EntryPoint
from bot.errors import ModelForbidden
from sandbox.discord import Fault, Interaction, Person, Upload
from tests.cogs.moderation.moderation_helpers import Moderated, moderated
from tests.cogs.results.delivered_video import refused, result
from tests.cogs.results.delivered_video import words as words_of
from tests.factories import SEVERAL, make_options, make_picture, make_request
from tests.ui.client_fixture import Bot, connected_bot, until

LONG = make_request(
    model=WAN26_I2V_FLASH.id, options=make_options(resolution="1080P", seconds=10, audio=True)
)


@pytest.fixture
async def moderated_bot(tmp_path: Path) -> AsyncIterator[Moderated]:
    async with moderated(tmp_path, models=SEVERAL) as running:
        yield running


@pytest.fixture
def bot(moderated_bot: Moderated) -> Bot:
    return moderated_bot.bot


@pytest.fixture
def ada(bot: Bot) -> Person:
    return bot.local.person("Ada")


def options(opened: Interaction, menu: str = "kind") -> list[dict[str, Any]]:
    assert opened.modal is not None
    inner = [part["component"] for part in opened.modal["components"]]
    return next(one["options"] for one in inner if one["custom_id"] == menu)


def chosen(opened: Interaction) -> str:
    return next(str(one["label"]) for one in options(opened) if one.get("default"))


async def test_what_is_left_alone_keeps_model_length_and_sound(bot: Bot, ada: Person) -> None:
    message = await result(bot, request=LONG)
    opened = await ada.press(message, "✏️")
    assert chosen(opened) == "Wan 2.6 flash · 10 s · 1080P · with sound"
    await ada.submit_modal(opened, {"prompt": "the tide goes out"})
    [submission] = await until(lambda: bot.intake.submissions)
    kind = submission.options.kind(submission.model or "")
    assert (submission.entry_point, kind) == (EntryPoint.EDIT, LONG.kind)


async def test_another_model_is_chosen_with_its_price(bot: Bot, ada: Person) -> None:
    opened = await ada.press(await result(bot), "✏️")
    [plus] = [one for one in options(opened) if one["label"] == "Wan 2.2 plus · 5 s · 1080P"]
    assert plus["description"] == "about $0.40"
    await ada.submit_modal(opened, {"kind": [plus["value"]]})
    [submission] = await until(lambda: bot.intake.submissions)
    assert (submission.model, submission.options.resolution) == (WAN22_I2V_PLUS.id, "1080P")


async def test_the_form_of_the_menu_has_the_servers_default_and_takes_another(
    moderated_bot: Moderated, ada: Person
) -> None:
    server = moderated_bot.bot.local.world.guild.id
    await moderated_bot.rules.set_settings(server, GuildSettings(model=WAN22_I2V_PLUS.id), by_id=1)
    message = await ada.say("general", "", Upload("photo.png", make_picture("PNG")))
    opened = await ada.menu("Animate", message)
    assert chosen(opened) == "Wan 2.2 plus · 5 s · 1080P"
    [other] = [one for one in options(opened) if one["label"] == "Wan 2.6 flash · 15 s · 720P"]
    await ada.submit_modal(opened, {"prompt": "waves", "kind": [other["value"]]})
    [submission] = await until(lambda: moderated_bot.bot.intake.submissions)
    assert submission.model == WAN26_I2V_FLASH.id
    assert (submission.options.resolution, submission.options.seconds) == ("720P", 15)


async def test_a_model_that_was_forbidden_since_is_not_in_the_form(
    moderated_bot: Moderated, ada: Person
) -> None:
    message = await result(moderated_bot.bot, request=LONG)
    only = GuildSettings(models=(WAN22_I2V_FLASH.id,), highest_price=None)
    await moderated_bot.rules.set_settings(moderated_bot.bot.local.world.guild.id, only, by_id=1)
    opened = await ada.press(message, "✏️")
    assert {one["label"].split(" · ")[0] for one in options(opened)} == {"Wan 2.2 flash"}
    assert chosen(opened) == "Wan 2.2 flash · 5 s · 480P"


async def test_a_reroll_by_a_model_that_was_forbidden_is_refused_in_words(
    bot: Bot, ada: Person
) -> None:
    message = await result(bot, request=LONG)
    bot.intake.early = ModelForbidden("Wan 2.6 flash", allowed=["Wan 2.2 flash"])
    words = refused(await ada.press(message, "🔁"))
    assert "moderators don't allow the model Wan 2.6 flash for you" in words
    assert bot.intake.submissions == []


WRONG = {
    "no model": ("sora|720P|5|0", "There's no model “sora” here."),
    "no kind": ("720P", "There's no model “720P” here."),
    "no length": ("wan22_i2v_flash|720P|99|0", "can't make a video of 99 seconds."),
    "no sound": ("wan22_i2v_flash|720P|5|1", "can't make sound. It works with: Wan 2.6 flash."),
}


@pytest.mark.parametrize("case", WRONG)
async def test_a_form_with_a_kind_that_is_not_offered_is_refused(
    case: str, bot: Bot, ada: Person
) -> None:
    value, words = WRONG[case]
    opened = await ada.press(await result(bot), "✏️")
    sent = await ada.submit_modal(opened, {"kind": [value]}, raw=True)
    assert words in refused(sent)
    assert bot.intake.submissions == []


async def test_all_models_fit_in_a_menu(tmp_path: Path) -> None:
    every = Models(default=WAN22_I2V_FLASH, others=tuple(MODELS.values())[1:])
    async with connected_bot(tmp_path, models=every) as bot:
        opened = await bot.local.person("Ada").press(await result(bot, request=LONG), "✏️")
        assert len(options(opened)) == 25
        assert chosen(opened) == "Wan 2.6 flash · 10 s · 1080P · with sound"
        labels = {one["label"].split(" · ")[0] for one in options(opened)}
        assert labels == {one.label for one in MODELS.values()}


# --- what results and answers say ---------------------------------------------------------------


async def test_a_result_names_model_length_and_sound(bot: Bot) -> None:
    message = await result(bot, request=LONG)
    assert "-# Wan 2.6 flash · 10 s · with sound · 1080P · seed 7" in message.text


async def test_with_one_model_a_result_has_the_words_of_before(tmp_path: Path) -> None:
    async with connected_bot(tmp_path) as bot:
        message = await result(bot)
        assert "\n-# 720P · seed 7" in message.text
        assert "Wan 2.2" not in message.text
        other = await result(bot, request=LONG, id="t0000002")
        assert "-# Wan 2.6 flash · 10 s · with sound · 1080P · seed 7" in other.text


async def test_the_first_words_name_what_the_price_is_for(bot: Bot, ada: Person) -> None:
    bot.local.faults.add(Fault("GET", "*", delay=0.5, times=5))  # so that the picture takes a while
    photo = Upload("photo.png", make_picture("PNG"))
    shown = await ada.command("animate", image=photo, prompt="x", model="wan2.6-i2v-flash")
    assert shown.message is not None
    assert "about $0.20.\n-# Wan 2.6 flash · 5 s · 720P\n" in shown.message.text


async def test_the_details_name_the_service_that_got_the_picture(tmp_path: Path) -> None:
    services = {"vtrix": "Vtrix", "dashscope": "Model Studio"}
    operator = OperatorInfo(provider="Vtrix, Model Studio", by_model=True, services=services)
    async with connected_bot(tmp_path, models=SEVERAL, operator=operator) as bot:
        ada = bot.local.person("Ada")
        details = await ada.press(await result(bot, request=LONG), "ℹ️")
        assert "**Video service**: Model Studio" in words_of(details)
        details = await ada.press(await result(bot, id="t0000002"), "ℹ️")
        assert "**Video service**: Vtrix" in words_of(details)
        told = await ada.command("help")
        text = await until(lambda: words_of(told), "an answer")
        assert "the service that the chosen model belongs to: Vtrix, Model Studio;" in text
