"""The provider's checks of a request, by the rules of its reference.

The numbers are repeated here on purpose: they are a second reading of the reference, so that a
mistake in the bot's own numbers shows. A test compares the two.
"""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

PROMPT_CHARS = 800
NEGATIVE_PROMPT_CHARS = 500
RESOLUTIONS = ("480P", "720P")
SECONDS = 5
SEED_MAX = 2_147_483_647


class Envelope(StrEnum):
    """The two forms of a create call."""

    DOCUMENTED = "documented"
    WRAPPED = "wrapped"


class Refused(Exception):
    """A refusal of the provider, with a status, a code and a message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def malformed(message: str) -> Refused:
    """Return a 400 about the form or the values of a request."""
    return Refused(400, "InvalidParameter", message)


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
    whole = _object(_json(body), "the body")
    _only(whole, {"model", "input", "parameters"}, "the body")
    if whole.get("model") != model:
        raise Refused(404, "ModelNotFound", f"model not found: {whole.get('model')!r}")
    envelope, input_, parameters = _unwrap(whole)
    if envelope not in accepts:
        shape = "an array" if envelope is Envelope.DOCUMENTED else "an object"
        raise malformed(f"input: must be {shape}")
    _check_input(input_)
    _check_parameters(parameters)
    return Asked(envelope=envelope, model=model, input=input_, parameters=parameters)


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError as error:
        raise malformed("the body is not JSON") from error


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise malformed(f"{name}: must be an object")
    return value


def _only(value: Mapping[str, Any], known: set[str], name: str) -> None:
    unknown = sorted(set(value) - known)
    if unknown:
        raise malformed(f"{name}: unknown field {unknown[0]!r}")


def _unwrap(whole: Mapping[str, Any]) -> tuple[Envelope, dict[str, Any], dict[str, Any]]:
    input_ = whole.get("input")
    if not isinstance(input_, list):
        parameters = _object(whole.get("parameters", {}), "parameters")
        return Envelope.DOCUMENTED, _object(input_, "input"), parameters
    if len(input_) != 1 or "parameters" in whole:
        raise malformed("input: must be an array of exactly one item, parameters inside it")
    item = _object(input_[0], "input[0]")
    _only(item, {"params"}, "input[0]")
    params = _object(item.get("params"), "input[0].params")
    _only(params, {"input", "parameters"}, "input[0].params")
    return (
        Envelope.WRAPPED,
        _object(params.get("input"), "input[0].params.input"),
        _object(params.get("parameters", {}), "input[0].params.parameters"),
    )


def _check_input(input_: Mapping[str, Any]) -> None:
    _only(input_, {"prompt", "negative_prompt", "img_url"}, "input")
    for name, value in input_.items():
        if not isinstance(value, str):
            raise malformed(f"input.{name}: must be a string")
    if not input_.get("img_url"):
        raise malformed("input.img_url: is required")


def _check_parameters(given: Mapping[str, Any]) -> None:
    _only(given, {"resolution", "duration", "prompt_extend", "watermark", "seed"}, "parameters")
    if given.get("resolution", "720P") not in RESOLUTIONS:
        raise malformed(f"parameters.resolution: must be one of {', '.join(RESOLUTIONS)}")
    if not _is_int(given.get("duration", SECONDS), SECONDS, SECONDS):
        raise malformed(f"parameters.duration: is fixed at {SECONDS}")
    for name in ("prompt_extend", "watermark"):
        if not isinstance(given.get(name, False), bool):
            raise malformed(f"parameters.{name}: must be true or false")
    if not _is_int(given.get("seed", 0), 0, SEED_MAX):
        raise malformed(f"parameters.seed: must be an integer from 0 to {SEED_MAX}")


def _is_int(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
