"""The provider's checks of a create call, by the rules of its reference."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.dashscope.models import MODELS, NEGATIVE_PROMPT_CHARS, SEED_MAX, ModelRules
from sandbox.providers.refused import Refused, malformed
from sandbox.providers.values import allow_only, as_object, decoded, is_integer

# `extend_prompt` is the SDK's deprecated option, which it always sends, and `function` its own name
# for the service. The reference has neither.
_SDK_FIELDS = {"extend_prompt", "function"}
_FUNCTION = "video-synthesis"
_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A create call that follows every rule except for those of the picture."""

    model: ModelRules
    input: Mapping[str, Any]
    """As sent."""
    parameters: Mapping[str, Any]
    """As sent."""

    @property
    def img_url(self) -> str:
        return str(self.input["img_url"])

    @property
    def prompt(self) -> str:
        """The prompt as the model sees it: the rest is cut silently."""
        return str(self.input.get("prompt") or "")[: self.model.prompt_chars]

    @property
    def negative_prompt(self) -> str:
        """The negative prompt as the model sees it."""
        return str(self.input.get("negative_prompt", ""))[:NEGATIVE_PROMPT_CHARS]

    @property
    def resolution(self) -> str:
        return str(self.parameters.get("resolution", self.model.default_resolution))

    @property
    def seconds(self) -> int:
        return int(self.parameters.get("duration", _SECONDS))

    @property
    def sound(self) -> bool:
        return bool(self.parameters.get("audio", self.model.has_sound))

    @property
    def watermark(self) -> bool:
        return bool(self.parameters.get("watermark", False))

    @property
    def prompt_extend(self) -> bool:
        return bool(self.parameters.get("prompt_extend", True))

    def seed(self) -> int:
        """Return the given seed, or a random one, which is not reported back."""
        given = self.parameters.get("seed")
        return random.randrange(SEED_MAX + 1) if given is None else int(given)


def read(body: bytes) -> Asked:
    """Parse and check a create call.

    Raises:
        Refused: it breaks a rule; the message says which.
    """
    whole = _decoded(body)
    allow_only(whole, {"model", "input", "parameters"}, "the body")
    model = _model(whole.get("model"))
    if "input" not in whole:
        message = "Required input parameter missing from request."
        raise Refused(400, "BadRequest.EmptyInput", message)
    input_ = as_object(whole["input"], "input")
    parameters = as_object(whole.get("parameters", {}), "parameters")
    _check_input(input_)
    _check_parameters(parameters, model)
    return Asked(model=model, input=input_, parameters=parameters)


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        return as_object(decoded(body), "the body")
    except Refused as refused:
        message = "The input parameter requires json format."
        raise Refused(400, "BadRequest.IllegalInput", message) from refused


def _model(name: object) -> ModelRules:
    if not name:
        message = 'Required parameter "model" missing from request.'
        raise Refused(400, "BadRequest.EmptyModel", message)
    if not isinstance(name, str) or name not in MODELS:
        raise Refused(404, "ModelNotFound", "Model can not be found.")
    return MODELS[name]


def _check_input(input_: Mapping[str, Any]) -> None:
    """Check the fields. Audio and effects of one's own (`audio_url`, `template`) are not built."""
    allow_only(input_, {"prompt", "negative_prompt", "img_url"} | _SDK_FIELDS, "input")
    for name in ("prompt", "negative_prompt", "img_url"):
        if not isinstance(input_.get(name, ""), str):
            raise malformed(f"input.{name}: must be a string")
    if not input_.get("img_url"):
        raise malformed("input.img_url: is required")
    if not isinstance(input_.get("extend_prompt", True), bool):
        raise malformed("input.extend_prompt: must be true or false")
    if input_.get("function", _FUNCTION) != _FUNCTION:
        raise malformed(f"input.function: must be {_FUNCTION}")


def _check_parameters(given: Mapping[str, Any], model: ModelRules) -> None:
    audio = {"audio"} if model.takes_audio else set()
    known = {"resolution", "duration", "prompt_extend", "watermark", "seed"} | audio
    allow_only(given, known, f"parameters of {model.id}")
    if given.get("resolution", model.default_resolution) not in model.resolutions:
        raise malformed(f"parameters.resolution: must be one of {', '.join(model.resolutions)}")
    seconds = given.get("duration", _SECONDS)
    if not is_integer(seconds, 1, 60) or seconds not in model.seconds:
        allowed = ", ".join(map(str, sorted(model.seconds)))
        raise malformed(f"parameters.duration: must be one of {allowed}")
    for name in ("prompt_extend", "watermark", "audio"):
        if not isinstance(given.get(name, False), bool):
            raise malformed(f"parameters.{name}: must be true or false")
    if not is_integer(given.get("seed", 0), 0, SEED_MAX):
        raise malformed(f"parameters.seed: must be an integer from 0 to {SEED_MAX}")
