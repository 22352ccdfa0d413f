"""Create calls for Wan models: both providers pass the same fields on to their maker's service."""

import random
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Self

from sandbox.providers.pictures import PictureLimits, Still
from sandbox.providers.refused import malformed
from sandbox.providers.values import allow_only, is_integer

_INPUT = {"prompt", "negative_prompt", "img_url"}
_PARAMETERS = {"resolution", "duration", "prompt_extend", "watermark", "seed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRules:
    """What a model accepts, how much of it, and what it costs. Each provider has its own."""

    id: str
    prompt_chars: int
    negative_prompt_chars: int
    picture: PictureLimits
    resolutions: Mapping[str, tuple[str, str]]
    """USD a second for each resolution: without sound, and with sound. These are examples."""
    default_resolution: str
    seconds: Set[int]
    default_seconds: int
    seed_max: int
    has_sound: bool = False
    """Whether videos have sound unless it is switched off."""
    takes_audio: bool = False
    """Whether the parameter ``audio`` switches it."""

    def price(self, resolution: str, *, sound: bool) -> Decimal:
        """Return the USD for one second."""
        return Decimal(self.resolutions[resolution][int(sound)])


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCall:
    """A create call that follows every rule except for those of the picture."""

    model: ModelRules
    input: Mapping[str, Any]
    """As sent."""
    parameters: Mapping[str, Any]
    """As sent."""

    @property
    def request(self) -> dict[str, Any]:
        """The call in its documented form."""
        return {
            "model": self.model.id,
            "input": dict(self.input),
            "parameters": dict(self.parameters),
        }

    @property
    def img_url(self) -> str:
        return str(self.input["img_url"])

    @property
    def prompt(self) -> str:
        """The prompt as the model sees it: the rest is cut silently."""
        return str(self.input.get("prompt", ""))[: self.model.prompt_chars]

    @property
    def negative_prompt(self) -> str:
        """The negative prompt as the model sees it."""
        return str(self.input.get("negative_prompt", ""))[: self.model.negative_prompt_chars]

    @property
    def resolution(self) -> str:
        return str(self.parameters.get("resolution", self.model.default_resolution))

    @property
    def seconds(self) -> int:
        return int(self.parameters.get("duration", self.model.default_seconds))

    @property
    def sound(self) -> bool:
        return bool(self.parameters.get("audio", self.model.has_sound))

    @property
    def watermark(self) -> bool:
        return bool(self.parameters.get("watermark", False))

    @property
    def prompt_extend(self) -> bool:
        return bool(self.parameters.get("prompt_extend", True))

    @property
    def cost(self) -> Decimal:
        """USD for the video."""
        return self.seconds * self.model.price(self.resolution, sound=self.sound)

    def seed(self) -> int:
        """Return the given seed, or a random one, which is not reported back."""
        given = self.parameters.get("seed")
        return random.randrange(self.model.seed_max + 1) if given is None else int(given)

    def without_picture(self, still: Still) -> Self:
        """Return the call with the picture replaced by its type, size and SHA-256."""
        return replace(self, input={**self.input, "img_url": str(still)})


def check_input(given: Mapping[str, Any], *, more: Set[str] = frozenset()) -> None:
    """Check the fields of ``input``, of which a provider may have more.

    Audio of one's own and effects (``audio_url``, ``template``) are not built.

    Raises:
        Refused: a field is unknown, is not a text, or is missing.
    """
    allow_only(given, _INPUT | more, "input")
    for name in _INPUT:
        if not isinstance(given.get(name, ""), str):
            raise malformed(f"input.{name}: must be a string")
    if not given.get("img_url"):
        raise malformed("input.img_url: is required")


def check_parameters(given: Mapping[str, Any], model: ModelRules) -> None:
    """Check the fields of ``parameters`` by the rules of a model.

    Raises:
        Refused: a field is unknown, or the model does not take its value.
    """
    known = _PARAMETERS | ({"audio"} if model.takes_audio else set())
    allow_only(given, known, f"parameters of {model.id}")
    if given.get("resolution", model.default_resolution) not in model.resolutions:
        raise malformed(f"parameters.resolution: must be one of {', '.join(model.resolutions)}")
    seconds = given.get("duration", model.default_seconds)
    if not is_integer(seconds, 1, 60) or seconds not in model.seconds:
        allowed = ", ".join(map(str, sorted(model.seconds)))
        raise malformed(f"parameters.duration: must be one of {allowed}")
    for name in ("prompt_extend", "watermark", "audio"):
        if not isinstance(given.get(name, False), bool):
            raise malformed(f"parameters.{name}: must be true or false")
    if not is_integer(given.get("seed", 0), 0, model.seed_max):
        raise malformed(f"parameters.seed: must be an integer from 0 to {model.seed_max}")
