"""Settings of the providers, the models and their prices."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, SecretStr
from pydantic_settings import BaseSettings

from bot.domain.models.model import (
    DASHSCOPE,
    MODELS,
    VTRIX,
    WAN22_I2V_FLASH,
    Model,
    Models,
    VideoKind,
)
from bot.domain.models.prices import GUESSED, PriceList
from bot.domain.provider.provider_variables import ProviderVariables
from bot.settings.content_settings import setting as _setting
from bot.settings.price_lines import PriceLines, missing, prices_of, written
from bot.settings.values import GuardedUrl, ModelId, ModelIds, Price, Secret, lower

KEYS = {VTRIX: "VTRIX_API_KEY", DASHSCOPE: "DASHSCOPE_API_KEY"}
"""The variable with the key of each provider."""

_GUESSES = {kind.resolution: price for kind, price in GUESSED.items()}
_MOST_NAMED = 8
_EXAMPLE = "wan2.6-i2v-flash:720P:5=0.125"
_EXAMPLE_PER_SECOND = "wan2.6-i2v-flash:720P=0.025/s"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAccount:
    """Where a provider is, and the operator's key for it."""

    label: str
    """The provider's name, for people."""
    address: str
    """Its URL, without a slash at the end."""
    key: SecretStr | None
    """``None`` if it is not set."""
    variables: ProviderVariables
    key_advice: str = ""
    """The variables to check if the key is refused."""


class ProviderSettings(BaseSettings):
    """Which models are offered, what they cost, and the accounts at their providers."""

    models: ModelIds = _setting(
        (),
        "The models that people can choose from; the first is the default. If empty, the one in "
        "VTRIX_MODEL. Each needs its provider's key and, in PRICES, the price of every video that "
        f"it can make. Known models: {', '.join(MODELS)}.",
        f"ids of models separated by commas, such as {WAN22_I2V_FLASH.id}",
    )
    prices: PriceLines = _setting(
        (),
        "What a video costs in USD, by model, resolution, length in seconds, and sound: "
        f"{_EXAMPLE}, wan2.6-i2v-flash:720P:5:sound=0.25. A price for each "
        f"second, whatever the length: {_EXAMPLE_PER_SECOND}. Estimates start from these "
        "prices; a provider that names no cost is taken to have charged them. Charges below a "
        "quarter or above four times are reported to you and do not count in estimates.",
        f"entries such as {_EXAMPLE}, separated by commas",
    )
    vtrix_api_key: Secret = _setting(
        None,
        "The key of the provider Vtrix. Required by `flipbook run`, `flipbook check` and `flipbook "
        "animate`, if MODELS has a model of Vtrix, which the default is.",
        'the key alone, without "Bearer " in front of it',
    )
    vtrix_base_url: GuardedUrl = _setting(
        "https://cloud.vtrix.ai",
        "The address of the provider Vtrix. Must be https, or an address of this machine.",
        "an address such as https://cloud.vtrix.ai",
    )
    vtrix_model: ModelId = _setting(
        WAN22_I2V_FLASH.id,
        "The old name of MODELS, for one model.",
        f"a model's id, such as {WAN22_I2V_FLASH.id}",
    )
    vtrix_request_style: Annotated[
        Literal["auto", "documented", "wrapped"], BeforeValidator(lower)
    ] = _setting(
        "auto",
        "The format of requests to Vtrix. documented: as its API reference describes it. "
        "wrapped: as its own clients send it. auto: wrapped first, and after the first accepted "
        "task the format that was accepted, which is stored in the database.",
        "auto, documented or wrapped",
    )
    dashscope_api_key: Secret = _setting(
        None,
        "The key of Alibaba Cloud Model Studio (DashScope). Required by the same commands, if "
        "MODELS has a model of it. A key works in one region only. With MODELS and PRICES, it "
        "turns on a second provider: docs/operator.md has the three lines.",
        'the key alone, without "Bearer " in front of it',
    )
    dashscope_base_url: GuardedUrl = _setting(
        "https://dashscope-intl.aliyuncs.com/api/v1",
        "The address of DashScope in the region of the key: this one is Singapore's; Beijing's is "
        "https://dashscope.aliyuncs.com/api/v1. Must be https, or an address of this machine.",
        "an address such as https://dashscope-intl.aliyuncs.com/api/v1",
    )
    price_usd_480p: Price = _setting(
        _GUESSES["480P"],
        "The old name in PRICES of the price of a 480P video of the default model: the estimate "
        "until the provider has charged for one. Charges below a quarter of it or above four times "
        "of it are reported to you and do not count in estimates.",
        "an amount in USD above 0, such as 0.10",
    )
    price_usd_720p: Price = _setting(
        _GUESSES["720P"],
        "The old name in PRICES of the price of a 720P video of the default model: the estimate "
        "until the provider has charged for one. Charges below a quarter of it or above four times "
        "of it are reported to you and do not count in estimates.",
        "an amount in USD above 0, such as 0.20",
    )

    @property
    def accounts(self) -> Mapping[str, ProviderAccount]:
        """The accounts at all known providers, by the providers' names."""
        model_variable = "MODELS" if self.models else "VTRIX_MODEL"
        return {
            VTRIX: ProviderAccount(
                label="Vtrix",
                address=self.vtrix_base_url,
                key=self.vtrix_api_key,
                variables=ProviderVariables(key=KEYS[VTRIX], model=model_variable),
            ),
            DASHSCOPE: ProviderAccount(
                label="Alibaba Cloud Model Studio",
                address=self.dashscope_base_url,
                key=self.dashscope_api_key,
                variables=ProviderVariables(key=KEYS[DASHSCOPE], model=model_variable),
                key_advice="a key works in one region only, so DASHSCOPE_BASE_URL must be that of "
                "the region in which DASHSCOPE_API_KEY was made",
            ),
        }

    @property
    def offered_accounts(self) -> Mapping[str, ProviderAccount]:
        """The accounts that offered models need, the default model's first."""
        accounts = self.accounts
        return {one.provider: accounts[one.provider] for one in self.offered_models().offered}

    @property
    def model(self) -> Model:
        """The model of new videos for which nobody chose another one."""
        return self.offered_models().default

    def offered_models(self) -> Models:
        """The models that people can choose from."""
        default, *others = (MODELS[one] for one in self.models or (self.vtrix_model,))
        return Models(default=default, others=tuple(others))

    def price_list(self) -> PriceList:
        """The prices that estimates start from and stay near."""
        listed, old = prices_of(self.prices), self._old_prices()
        guessed = GUESSED if self.model is WAN22_I2V_FLASH else {}
        given = {kind: getattr(self, name) for kind, name in old.items()}
        return PriceList(
            prices={**guessed, **given, **listed},
            variables={
                **dict.fromkeys(guessed, "PRICES"),
                **self._old_variables(),
                **dict.fromkeys(listed, "PRICES"),
            },
        )

    def model_problems(self) -> Iterator[str]:
        """The problems of models and prices together, one line each."""
        if self.models and "vtrix_model" in self.model_fields_set:
            yield "VTRIX_MODEL: is the old name of MODELS; with MODELS, remove it"
        listed = prices_of(self.prices)
        for kind, name in self._old_prices().items():
            if kind in listed:
                yield f"{name.upper()}: PRICES has a price for {written(kind)} too; keep that one"
        prices = self.price_list()
        kinds = [kind for model in self.offered_models().offered for kind in model.kinds()]
        lacking = missing(kinds, prices.prices)
        if lacking:
            more = f" and {len(lacking) - _MOST_NAMED} more" if lacking[_MOST_NAMED:] else ""
            yield (
                f"PRICES: there is no price for {', '.join(lacking[:_MOST_NAMED])}{more}; add the "
                f"price of a video as in {_EXAMPLE}, or of each second as in {_EXAMPLE_PER_SECOND}"
            )

    def _old_prices(self) -> dict[VideoKind, str]:
        """The fields with the old names that are set, by kind."""
        names = self._old_variables()
        fields = {kind: name.lower() for kind, name in names.items()}
        return {kind: name for kind, name in fields.items() if name in self.model_fields_set}

    def _old_variables(self) -> dict[VideoKind, str]:
        """The old names of prices, by kind: silent videos of the default length."""
        model = self.model
        names = {one: f"PRICE_USD_{one}" for one in model.resolutions}
        return {
            VideoKind(model.id, one, model.default_seconds): name
            for one, name in names.items()
            if name.lower() in type(self).model_fields
        }
