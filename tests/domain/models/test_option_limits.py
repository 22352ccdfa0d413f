"""Each model takes exactly what its entry says; a refusal names the models that take it."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.models.model import (
    MODELS,
    WAN22_I2V_FLASH,
    WAN25_I2V_PREVIEW,
    WAN26_I2V_FLASH,
    Model,
    Models,
)
from bot.domain.models.option_limits import check_options
from bot.errors import ModelGone, OptionRefused
from tests.factories import make_options


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_every_kind_of_a_model_passes_and_a_longer_one_does_not(model: Model) -> None:
    assert model.default_resolution in model.resolutions
    assert model.default_seconds in model.durations
    for _, resolution, seconds, audio in model.kinds():
        options = make_options(resolution=resolution, seconds=seconds, audio=audio)
        assert check_options(options, model) == options
    longer = make_options(resolution=model.default_resolution, seconds=max(model.durations) + 1)
    with pytest.raises(OptionRefused) as refused:
        check_options(longer, model)
    assert (refused.value.option, refused.value.allowed) == ("duration", model.durations)


@pytest.mark.parametrize(
    ("asked", "option", "taken_by"),
    [
        ({"seconds": 10}, "duration", [WAN25_I2V_PREVIEW.label, WAN26_I2V_FLASH.label]),
        ({"seconds": 7}, "duration", [WAN26_I2V_FLASH.label]),
        ({"seconds": 16}, "duration", []),
        ({"audio": True}, "sound", [WAN25_I2V_PREVIEW.label, WAN26_I2V_FLASH.label]),
        ({"prompt": "x" * 801}, "prompt", [WAN25_I2V_PREVIEW.label, WAN26_I2V_FLASH.label]),
        ({"resolution": "1080P"}, "resolution", [WAN25_I2V_PREVIEW.label, WAN26_I2V_FLASH.label]),
    ],
)
def test_a_refusal_names_the_models_that_take_what_was_asked_for(
    asked: dict[str, Any], option: str, taken_by: list[str]
) -> None:
    offered = (WAN22_I2V_FLASH, WAN25_I2V_PREVIEW, WAN26_I2V_FLASH)
    with pytest.raises(OptionRefused) as refused:
        check_options(make_options(**asked), WAN22_I2V_FLASH, offered)
    assert (refused.value.option, refused.value.taken_by) == (option, taken_by)
    assert refused.value.model == WAN22_I2V_FLASH.label


def test_a_switch_that_a_model_does_not_take_is_refused_only_if_it_was_asked_for() -> None:
    plain = replace(
        WAN22_I2V_FLASH,
        negative_prompt_chars=0,
        takes_prompt_extend=False,
        takes_watermark=False,
    )
    assert check_options(make_options(), plain) == make_options()
    asked: list[dict[str, Any]] = [
        {"negative_prompt": "rain"},
        {"prompt_extend": False},
        {"watermark": True},
    ]
    for one in asked:
        with pytest.raises(OptionRefused) as refused:
            check_options(make_options(**one), plain)
        assert refused.value.option in one


def test_only_offered_models_can_be_asked_for_and_every_known_one_can_be_shown() -> None:
    models = Models(default=WAN22_I2V_FLASH, others=(WAN26_I2V_FLASH,))
    assert [models.of(one.id) for one in models.offered] == [WAN22_I2V_FLASH, WAN26_I2V_FLASH]
    with pytest.raises(ModelGone):
        models.of(WAN25_I2V_PREVIEW.id)
    assert models.shown(WAN25_I2V_PREVIEW.id) is WAN25_I2V_PREVIEW
    assert models.shown("gone") is WAN22_I2V_FLASH
