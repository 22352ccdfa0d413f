"""Checks requests against Discord's OpenAPI description."""

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from sandbox.discord.http.request_log import LoggedRequest

_BESIDE = Path(__file__).parents[4] / "shared" / "spec" / "discord-openapi.json"
_ADDRESS = "urn:discord"


def path() -> Path:
    """Return the path of the description, which DISCORD_OPENAPI overrides."""
    return Path(os.environ.get("DISCORD_OPENAPI", _BESIDE))


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path().read_text("utf-8"))
    # Media channels are documented, but missing in the description.
    document["components"]["schemas"]["ChannelTypes"]["oneOf"].append({"const": 16})
    # So are forwards, the first message of a forum's thread, and types of files.
    document["components"]["schemas"]["MessageReferenceType"]["oneOf"].append({"const": 1})
    thread = document["components"]["schemas"]["CreatedThreadResponse"]
    for name in ("Option", "OptionResponse"):
        option = document["components"]["schemas"][f"ApplicationCommandAttachment{name}"]
        option["properties"]["file_types"] = {
            "type": ["array", "null"],
            "items": {"type": "string"},
        }
    thread["properties"]["message"] = {"$ref": "#/components/schemas/MessageResponse"}
    # Libraries still read this field, which the description no longer has.
    application = document["components"]["schemas"]["PrivateApplicationResponse"]
    application["properties"]["summary"] = {"type": "string"}
    composed = set(_composed(document))
    for name, schema in document["components"]["schemas"].items():
        if name not in composed and "Request" not in name and name != "RichEmbed":
            _close(schema)
    return document


def _composed(node: Any) -> Iterator[str]:
    """Yield the schemas that are parts of an ``allOf``, which cannot be closed one by one."""
    if isinstance(node, list):
        for one in node:
            yield from _composed(one)
    if isinstance(node, dict):
        for part in node.get("allOf", []):
            if "$ref" in part:
                yield part["$ref"].rsplit("/", 1)[-1]
        for one in node.values():
            yield from _composed(one)


def _close(schema: dict[str, Any]) -> None:
    """Forbid fields that the description does not list; by itself it leaves every object open.

    Only answers are closed: discord.py sends whole attachments and embeds back, and Discord ignores
    what it does not need.
    """
    if "properties" in schema and "allOf" not in schema:
        schema.setdefault("additionalProperties", False)


@cache
def _registry() -> Registry[Any]:
    resource = DRAFT202012.create_resource(_document())
    registry: Registry[Any] = Registry[Any]().with_resource(_ADDRESS, resource)
    return registry


@cache
def _validator(pointer: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"{_ADDRESS}#{pointer}"}, registry=_registry())


def faults(request: LoggedRequest) -> list[str]:
    """Return what is wrong with a request and its answer, one line each."""
    operation = _document()["paths"].get(request.route, {}).get(request.method.lower())
    if operation is None and (request.answer or {}).get("code") == 0 and request.status == 404:
        return []
    if operation is None:
        return [f"{request.method} {request.route} is not described"]
    at = f"/paths/{_escape(request.route)}/{request.method.lower()}"
    found = list(_in_body(request, operation, at)) + list(_in_answer(request, operation, at))
    return [f"{request.method} {request.route} {request.status}: {one}" for one in found]


def schema_errors(name: str, instance: Any) -> Iterator[str]:
    """Yield the problems of an object, by the name of its schema."""
    yield from _errors(f"/components/schemas/{name}", instance)


def _in_body(request: LoggedRequest, operation: dict[str, Any], at: str) -> Iterator[str]:
    described = operation.get("requestBody")
    if request.status >= 400:
        return
    if request.body is None:
        if described is not None and described.get("required"):
            yield "the body is missing"
        return
    if described is None:
        yield "a body, where none is described"
        return
    pointer = f"{at}/requestBody/content/application~1json/schema"
    yield from (f"body {one}" for one in _errors(pointer, _as_described(request.body)))


def _as_described(body: Any) -> Any:
    """Rewrite a body in places where discord.py differs from the description and Discord accepts
    that.

    Ids are sent as numbers. ``allow`` and ``deny`` of overwrites are sent as text, which the
    documentation asks for and the description does not.
    """
    if isinstance(body, list):
        return [_as_described(one) for one in body]
    if not isinstance(body, dict):
        return body
    changed = {key: _as_described(value) for key, value in body.items()}
    for key, value in body.items():
        # A component's own number stays one.
        is_number = key == "id" and "type" in body
        if key.endswith("id") and isinstance(value, int) and not is_number:
            changed[key] = str(value)
        if key in ("users", "roles") and isinstance(value, list):
            changed[key] = [str(one) for one in value]
        if key in ("allow", "deny", "default_member_permissions") and value is not None:
            changed[key] = int(value)
    return changed


def _in_answer(request: LoggedRequest, operation: dict[str, Any], at: str) -> Iterator[str]:
    if request.status == 429 and request.answer is None:
        return  # Cloudflare answered, and not Discord.
    status = str(request.status)
    if status not in operation["responses"]:
        status = f"{status[0]}XX"
    response = operation["responses"].get(status)
    if response is None:
        yield "this status is not described"
        return
    pointer = f"{at}/responses/{status}"
    if "$ref" in response:
        pointer = response["$ref"].removeprefix("#")
        response = _document()["components"]["responses"][pointer.rsplit("/", 1)[-1]]
    if "content" not in response:
        if request.answer is not None:
            yield "an answer, where none is described"
        return
    pointer += "/content/application~1json/schema"
    yield from (f"answer {one}" for one in _errors(pointer, _with_numbers(request.answer)))


def _with_numbers(answer: Any) -> Any:
    """Replace the codes of field errors: they are words (``BASE_TYPE_REQUIRED``), described as
    numbers.
    """
    if not isinstance(answer, dict):
        return answer
    changed = {key: _with_numbers(value) for key, value in answer.items()}
    if "_errors" in answer:
        assert all(isinstance(one["code"], str) for one in answer["_errors"])
        changed["_errors"] = [one | {"code": 0} for one in answer["_errors"]]
    return changed


def _errors(pointer: str, instance: Any) -> Iterator[str]:
    for error in _validator(pointer).iter_errors(instance):
        for deepest in _deepest(error):
            where = "/".join(str(step) for step in deepest.absolute_path)
            yield f"{where}: {deepest.message[:300]}"


def _deepest(error: Any) -> Iterator[Any]:
    """Yield the errors of the alternative of a union that fits best."""
    if not error.context:
        yield error
        return
    by_branch: dict[Any, list[Any]] = {}
    for one in error.context:
        by_branch.setdefault(one.schema_path[0], []).append(one)
    best = min(by_branch.values(), key=_distance)
    for one in best:
        yield from _deepest(one)


def _distance(errors: list[Any]) -> tuple[bool, int]:
    wrong_kind = any(list(one.relative_path)[-1:] == ["type"] for one in errors)
    return wrong_kind, len(errors)


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
