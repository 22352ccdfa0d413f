"""The provider's checks of a create call, by the rules of its reference."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.dashscope.models import MODELS, DashScopeModel
from sandbox.providers.create_call import CreateCall, check_input, check_parameters
from sandbox.providers.refused import Refused, malformed
from sandbox.providers.values import allow_only, as_object, decoded

# `extend_prompt` is the SDK's deprecated option, which it always sends, and `function` its own name
# for the service. The reference has neither.
_SDK_FIELDS = {"extend_prompt", "function"}
_FUNCTION = "video-synthesis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(CreateCall):
    """A create call of one of DashScope's models."""

    model: DashScopeModel


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
    check_parameters(parameters, model)
    return Asked(model=model, input=input_, parameters=parameters)


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        return as_object(decoded(body), "the body")
    except Refused as refused:
        message = "The input parameter requires json format."
        raise Refused(400, "BadRequest.IllegalInput", message) from refused


def _model(name: object) -> DashScopeModel:
    if not name:
        message = 'Required parameter "model" missing from request.'
        raise Refused(400, "BadRequest.EmptyModel", message)
    if not isinstance(name, str) or name not in MODELS:
        raise Refused(404, "ModelNotFound", "Model can not be found.")
    return MODELS[name]


def _check_input(given: Mapping[str, Any]) -> None:
    check_input(given, more=_SDK_FIELDS)
    if not isinstance(given.get("extend_prompt", True), bool):
        raise malformed("input.extend_prompt: must be true or false")
    if given.get("function", _FUNCTION) != _FUNCTION:
        raise malformed(f"input.function: must be {_FUNCTION}")
