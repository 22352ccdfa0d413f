"""Models, prices and keys fit each other, or the bot does not start and says why in one line."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.domain.models.model import DASHSCOPE, VTRIX, WAN22_I2V_FLASH, WAN26_I2V_FLASH, VideoKind
from bot.errors import SettingsError
from bot.settings.loading import load_settings
from bot.settings.settings import Settings

FLASH = "wan2.6-i2v-flash"
PRICED = (
    f"{FLASH}:720P=0.025/s, {FLASH}:720P:sound=0.05/s, {FLASH}:1080P=0.04/s, "
    f"{FLASH}:1080P:sound=0.08/s, {FLASH}:720P:5=0.12"
)
BOTH = {
    "MODELS": f"wan22_i2v_flash, {FLASH}",
    "PRICES": PRICED,
    "VTRIX_API_KEY": "a-key",
    "DASHSCOPE_API_KEY": "another-key",
}


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without settings, in an empty folder."""
    for name in ("MODELS", "PRICES", "VTRIX_MODEL", "VTRIX_API_KEY", "DASHSCOPE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def loaded(patch: pytest.MonkeyPatch, given: Mapping[str, str]) -> Settings:
    for name, value in given.items():
        patch.setenv(name, value)
    return load_settings(needs_keys=True)


def test_two_models_of_two_providers(alone: pytest.MonkeyPatch) -> None:
    settings = loaded(alone, BOTH)
    assert settings.offered_models().offered == (WAN22_I2V_FLASH, WAN26_I2V_FLASH)
    assert list(settings.offered_accounts) == [VTRIX, DASHSCOPE]
    prices = settings.price_list()
    kinds = {
        VideoKind(WAN22_I2V_FLASH.id, "720P", 5): "$0.20",
        VideoKind(FLASH, "720P", 5): "$0.12",
        VideoKind(FLASH, "720P", 10): "$0.25",
        VideoKind(FLASH, "1080P", 15, audio=True): "$1.20",
    }
    assert {kind: str(prices.of(kind)) for kind in kinds} == kinds


def test_whoever_sets_nothing_has_one_model(alone: pytest.MonkeyPatch) -> None:
    settings = loaded(alone, {"VTRIX_API_KEY": "a-key"})
    assert settings.offered_models().offered == (WAN22_I2V_FLASH,)
    assert len(settings.price_list().prices) == 2


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"MODELS": "wan9"}, "MODELS ('wan9'): 'wan9' is not a model"),
        ({"MODELS": f"{FLASH},{FLASH}"}, "names a model twice"),
        ({"DASHSCOPE_API_KEY": ""}, "DASHSCOPE_API_KEY is missing"),
        ({"VTRIX_API_KEY": ""}, "VTRIX_API_KEY is missing"),
        ({"VTRIX_MODEL": FLASH}, "VTRIX_MODEL: is the old name of MODELS"),
        (
            {"PRICES": f"{FLASH}:720P=0.025/s"},
            f"there is no price for {FLASH}:720P:sound, {FLASH}:1080P, {FLASH}:1080P:sound; add",
        ),
        ({"PRICES": PRICED + f", {FLASH}:720P:6=0"}, "must be more than 0"),
        ({"PRICES": PRICED + f", {FLASH}:720P=0.0333334/s"}, "has more than 6 decimals"),
        ({"PRICES": PRICED + f", {FLASH}:720P:6=-1"}, f"'{FLASH}:720P:6=-1': must be more than 0"),
        ({"PRICES": PRICED + f", {FLASH}:720P:6=cheap"}, "has no amount in USD"),
        ({"PRICES": PRICED + f", {FLASH}"}, f"PRICES: '{FLASH}' has neither the form"),
        (
            {"PRICES": f"{FLASH}:720P:5=0.1,{FLASH}:720P:sound=1/s,{FLASH}:1080P=1/s"},
            f"there is no price for {FLASH}:720P:2, {FLASH}:720P:3, ",
        ),
        (
            {"PRICES": PRICED + f", {FLASH}:720P:16=1"},
            "a video that wan2.6-i2v-flash does not make",
        ),
        ({"PRICES": PRICED + f", {FLASH}:480P:5=1"}, "it makes 720P, 1080P of 2 to 15 seconds"),
        ({"PRICES": PRICED + ", wan9:720P:5=1"}, "is for an unknown model"),
        ({"PRICES": PRICED + f", {FLASH}:720P:5=1"}, "has two prices for wan2.6-i2v-flash:720P:5"),
        ({"PRICES": PRICED + f", {FLASH}:720P=1"}, "must have either a length, or a price with /s"),
        ({"PRICES": PRICED + f", {FLASH}:720P:7=1/s"}, "must have either a length"),
        (
            {"PRICES": PRICED + ", wan22_i2v_flash:720P:5=0.3", "PRICE_USD_720P": "0.2"},
            "PRICE_USD_720P: PRICES has a price for wan22_i2v_flash:720P:5 too",
        ),
        ({"MODELS": f"{FLASH},wan22_i2v_flash"}, "no price for wan22_i2v_flash:480P:5"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(
    alone: pytest.MonkeyPatch, given: dict[str, str], line: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        loaded(alone, BOTH | given)
    (problem,) = refused.value.problems
    assert line in problem
    assert "\n" not in problem


def test_a_price_with_the_old_name_is_for_the_default_model(alone: pytest.MonkeyPatch) -> None:
    prices = loaded(alone, BOTH | {"PRICE_USD_720P": "0.30"}).price_list()
    large = VideoKind(WAN22_I2V_FLASH.id, "720P", 5)
    assert str(prices.of(large)) == "$0.30"
    assert prices.variables[large] == "PRICE_USD_720P"
    assert prices.variables[VideoKind(FLASH, "720P", 5)] == "PRICES"
