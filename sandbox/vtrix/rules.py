"""The provider's checks of a request, by the rules of its reference."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sandbox.providers.create_call import CreateCall, check_input, check_parameters
from sandbox.providers.refused import Refused, malformed
from sandbox.providers.values import allow_only, as_object, decoded
from sandbox.vtrix.models import MODELS, VtrixModel


class Envelope(StrEnum):
    """The two forms of a create call."""

    DOCUMENTED = "documented"
    WRAPPED = "wrapped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(CreateCall):
    """A create call of one of the gateway's models."""

    envelope: Envelope


def read(body: bytes, *, accepts: frozenset[Envelope], not_served: Set[str]) -> Asked:
    """Parse and check a create call.

    Raises:
        Refused: it breaks a rule; the message says which.
    """
    whole = as_object(decoded(body), "the body")
    allow_only(whole, {"model", "input", "parameters"}, "the body")
    model = _model(whole.get("model"), not_served)
    envelope, input_, parameters = _unwrap(whole)
    if envelope not in accepts:
        shape = "an array" if envelope is Envelope.DOCUMENTED else "an object"
        raise malformed(f"input: must be {shape}")
    check_input(input_)
    check_parameters(parameters, model)
    return Asked(envelope=envelope, model=model, input=input_, parameters=parameters)


def _model(name: object, not_served: Set[str]) -> VtrixModel:
    if not isinstance(name, str) or name not in MODELS or name in not_served:
        raise Refused(404, "ModelNotFound", f"model not found: {name!r}")
    return MODELS[name]


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
