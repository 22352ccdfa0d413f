"""Fills in a modal as Discord's client does."""

from typing import Any

from sandbox.discord.people.options import ClientRefused
from sandbox.discord.state.model import Json, walk_components

_TEXT_INPUT, _ROW, _LABEL, _TEXT = 4, 1, 18, 10


def fill_in(modal: Json, fields: dict[str, Any], *, raw: bool) -> Json:
    """Return the data of a submitted modal, in the same shape as it was opened with."""
    inputs = {p["custom_id"]: p for p in walk_components(modal["components"]) if "custom_id" in p}
    unknown = set(fields) - set(inputs)
    if unknown:
        raise ClientRefused("the modal has no field {name}", name=", ".join(sorted(unknown)))
    numbers = iter(range(1, 100))
    parts = [_filled(part, fields, numbers, raw=raw) for part in modal["components"]]
    return {"custom_id": modal["custom_id"], "components": parts}


def _filled(part: Json, fields: dict[str, Any], numbers: Any, *, raw: bool) -> Json:
    number = part.get("id") or next(numbers)
    body: Json = {"type": part["type"], "id": number}
    if part["type"] == _ROW:
        inner = [_filled(one, fields, numbers, raw=raw) for one in part["components"]]
        return body | {"components": inner}
    if part["type"] == _LABEL:
        return body | {"component": _filled(part["component"], fields, numbers, raw=raw)}
    if part["type"] == _TEXT:
        return body
    body["custom_id"] = part["custom_id"]
    if part["type"] == _TEXT_INPUT:
        text = str(fields.get(part["custom_id"], part.get("value") or ""))
        if not raw:
            _check(part, text)
        return body | {"value": text}
    return body | {"values": fields.get(part["custom_id"], _preset(part))}


def _preset(select: Json) -> list[str]:
    """Return the default values of a select menu."""
    return [one["value"] for one in select.get("options") or [] if one.get("default")]


def _check(part: Json, text: str) -> None:
    name = part["custom_id"]
    if part.get("required", True) and not text:
        raise ClientRefused("{name} is required", name=name)
    if text and len(text) < (part.get("min_length") or 0):
        raise ClientRefused("{name} is too short", name=name)
    if len(text) > (part.get("max_length") or 4000):
        raise ClientRefused("{name} is too long", name=name)
