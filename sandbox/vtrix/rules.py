"""The provider's checks of a request, by the rules of its reference.

The numbers are repeated here on purpose: they are a second reading of the reference, so that a
mistake in the bot's own numbers shows. A test compares the two.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sandbox.providers.pictures import PictureLimits
from sandbox.providers.refused import Refused, malformed
from sandbox.providers.values import allow_only, as_object, decoded, is_integer

PROMPT_CHARS = 800
NEGATIVE_PROMPT_CHARS = 500
RESOLUTIONS = ("480P", "720P")
SECONDS = 5
SEED_MAX = 2_147_483_647
# The reference's 10 MB, in the smaller reading.
PICTURE = PictureLimits(side_min=360, side_max=2000, bytes_max=10_000_000)


class Envelope(StrEnum):
    """The two forms of a create call."""

    DOCUMENTED = "documented"
    WRAPPED = "wrapped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A create call that follows every rule except for those of the picture."""

    envelope: Envelope
    model: str
    input: Mapping[str, Any]
    """As sent, without the envelope."""
    parameters: Mapping[str, Any]
    """As sent."""

    @property
    def img_url(self) -> str:
        return str(self.input["img_url"])

    @property
    def prompt(self) -> str:
        """The prompt as the model sees it: the rest is cut silently."""
        return str(self.input.get("prompt", ""))[:PROMPT_CHARS]

    @property
    def negative_prompt(self) -> str:
        """The negative prompt as the model sees it."""
        return str(self.input.get("negative_prompt", ""))[:NEGATIVE_PROMPT_CHARS]

    @property
    def resolution(self) -> str:
        return str(self.parameters.get("resolution", "720P"))

    @property
    def watermark(self) -> bool:
        return bool(self.parameters.get("watermark", False))

    def seed(self) -> int:
        """Return the given seed, or a random one, which is not reported back."""
        given = self.parameters.get("seed")
        return random.randrange(SEED_MAX + 1) if given is None else int(given)


def read(body: bytes, *, model: str, accepts: frozenset[Envelope]) -> Asked:
    """Parse and check a create call.

    Raises:
        Refused: it breaks a rule; the message says which.
    """
    whole = as_object(decoded(body), "the body")
    allow_only(whole, {"model", "input", "parameters"}, "the body")
    if whole.get("model") != model:
        raise Refused(404, "ModelNotFound", f"model not found: {whole.get('model')!r}")
    envelope, input_, parameters = _unwrap(whole)
    if envelope not in accepts:
        shape = "an array" if envelope is Envelope.DOCUMENTED else "an object"
        raise malformed(f"input: must be {shape}")
    _check_input(input_)
    _check_parameters(parameters)
    return Asked(envelope=envelope, model=model, input=input_, parameters=parameters)


def _unwrap(whole: Mapping[str, Any]) -> tuple[Envelope, dict[str, Any], dict[str, Any]]:
    input_ = whole.get("input")
    if not isinstance(input_, list):
        parameters = as_object(whole.get("parameters", {}), "parameters")
        return Envelope.DOCUMENTED, as_object(input_, "input"), parameters
    if len(input_) != 1 or "parameters" in whole:
        raise malformed("input: must be an array of exactly one item, parameters inside it")
    item = as_object(input_[0], "input[0]")
    allow_only(item, {"params"}, "input[0]")
    params = as_object(item.get("params"), "input[0].params")
    allow_only(params, {"input", "parameters"}, "input[0].params")
    return (
        Envelope.WRAPPED,
        as_object(params.get("input"), "input[0].params.input"),
        as_object(params.get("parameters", {}), "input[0].params.parameters"),
    )


def _check_input(input_: Mapping[str, Any]) -> None:
    allow_only(input_, {"prompt", "negative_prompt", "img_url"}, "input")
    for name, value in input_.items():
        if not isinstance(value, str):
            raise malformed(f"input.{name}: must be a string")
    if not input_.get("img_url"):
        raise malformed("input.img_url: is required")


def _check_parameters(given: Mapping[str, Any]) -> None:
    allow_only(
        given, {"resolution", "duration", "prompt_extend", "watermark", "seed"}, "parameters"
    )
    if given.get("resolution", "720P") not in RESOLUTIONS:
        raise malformed(f"parameters.resolution: must be one of {', '.join(RESOLUTIONS)}")
    if not is_integer(given.get("duration", SECONDS), SECONDS, SECONDS):
        raise malformed(f"parameters.duration: is fixed at {SECONDS}")
    for name in ("prompt_extend", "watermark"):
        if not isinstance(given.get(name, False), bool):
            raise malformed(f"parameters.{name}: must be true or false")
    if not is_integer(given.get("seed", 0), 0, SEED_MAX):
        raise malformed(f"parameters.seed: must be an integer from 0 to {SEED_MAX}")
