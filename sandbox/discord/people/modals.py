"""Fills in a modal as Discord's client does."""

from collections.abc import Callable, Iterator
from typing import Any

from sandbox.discord.people.options import ClientRefused
from sandbox.discord.people.picking import Picker
from sandbox.discord.rules.component_fields import (
    CHECKBOX,
    CHECKBOXES,
    LABEL,
    RADIO,
    ROW,
    SELECTS,
    TEXT,
    TEXT_INPUT,
    UPLOAD,
)
from sandbox.discord.state.model import Json, Upload, walk_components


class ModalForm:
    """One modal, as somebody fills it in; ``raw`` skips the checks of the client."""

    def __init__(self, modal: Json, picker: Picker, *, raw: bool) -> None:
        self._modal = modal
        self._picker = picker
        self._raw = raw

    def fill_in(self, fields: dict[str, Any]) -> Json:
        """Return the data of the submitted modal, in the shape in which it was opened.

        Fields are given by ``custom_id``; others keep what the modal has set.
        """
        parts = self._modal["components"]
        inputs = {one["custom_id"] for one in walk_components(parts) if "custom_id" in one}
        unknown = set(fields) - inputs
        if unknown:
            raise ClientRefused("the modal has no field {name}", name=", ".join(sorted(unknown)))
        numbers = iter(range(1, 100))
        filled = [self._filled(part, fields, numbers) for part in parts]
        data: Json = {"custom_id": self._modal["custom_id"], "components": filled}
        resolved = self._picker.resolved.data
        return data | ({"resolved": resolved} if resolved else {})

    def _filled(self, part: Json, fields: dict[str, Any], numbers: Iterator[int]) -> Json:
        body: Json = {"type": part["type"], "id": part.get("id") or next(numbers)}
        if part["type"] == ROW:
            inner = [self._filled(one, fields, numbers) for one in part["components"]]
            return body | {"components": inner}
        if part["type"] == LABEL:
            return body | {"component": self._filled(part["component"], fields, numbers)}
        if part["type"] == TEXT:
            return body
        name = part["custom_id"]
        body["custom_id"] = name
        return body | _ANSWERS[part["type"]](self, part, fields.get(name))

    def _text(self, part: Json, given: Any) -> Json:
        text = str((part.get("value") or "") if given is None else given)
        if not self._raw:
            _check_text(part, text)
        return {"value": text}

    def _picked(self, part: Json, given: Any) -> Json:
        wanted = _preset(part) if given is None else given
        wanted = wanted if isinstance(wanted, list) else [wanted]
        if self._raw and not any(isinstance(one, Upload) for one in wanted):
            return {"values": wanted}
        return {"values": self._picker.pick(part, wanted)}

    def _radio(self, part: Json, given: Any) -> Json:
        """Return the one value, or none."""
        wanted = given if isinstance(given, list) else [given]
        wanted = [one for one in wanted if one is not None] or _preset(part)
        return {"value": next(iter(self._picker.pick(part, wanted)), None)}

    def _checkbox(self, part: Json, given: Any) -> Json:
        return {"value": bool(part.get("default") if given is None else given)}


_ANSWERS: dict[int, Callable[[ModalForm, Json, Any], Json]] = {
    TEXT_INPUT: ModalForm._text,
    **dict.fromkeys((*SELECTS, UPLOAD, CHECKBOXES), ModalForm._picked),
    RADIO: ModalForm._radio,
    CHECKBOX: ModalForm._checkbox,
}
"""The answer of each type of input."""


def _preset(part: Json) -> list[str]:
    """Return the preselected values."""
    options = [one["value"] for one in part.get("options") or [] if one.get("default")]
    return options + [str(one["id"]) for one in part.get("default_values") or []]


def _check_text(part: Json, text: str) -> None:
    name = part["custom_id"]
    if part.get("required", True) and not text:
        raise ClientRefused("{name} is required", name=name)
    if text and len(text) < (part.get("min_length") or 0):
        raise ClientRefused("{name} is too short", name=name)
    if len(text) > (part.get("max_length") or 4000):
        raise ClientRefused("{name} is too long", name=name)
