"""Checks modals by Discord's rules (its component reference and OpenAPI description)."""

from typing import Any

from sandbox.discord.rules.component_fields import (
    CHECKBOX,
    CHECKBOXES,
    CUSTOM_ID,
    FIELDS,
    LABEL,
    NUMBER,
    RADIO,
    ROW,
    SELECTS,
    TEXT,
    TEXT_INPUT,
    UPLOAD,
)
from sandbox.discord.rules.components import check_picking, check_unique
from sandbox.discord.rules.fields import (
    FILE_TYPES,
    Check,
    boolean,
    integer,
    list_of,
    one_of,
    record,
    text,
)
from sandbox.discord.rules.problems import FormErrors, kind_of
from sandbox.discord.state.model import Json, walk_components

_TOP = {ROW, TEXT, LABEL}
_IN_LABEL = SELECTS | {TEXT_INPUT, UPLOAD, RADIO, CHECKBOXES, CHECKBOX}

_CHOICE = record(
    {
        "value": text(1, 100),
        "label": text(1, 100),
        "description": text(0, 100),
        "default": boolean,
    },
    required=["value", "label"],
)
_FIELDS: dict[int, Check] = {
    TEXT_INPUT: record(
        {
            "id": NUMBER,
            "custom_id": CUSTOM_ID,
            "style": one_of(1, 2),
            "label": text(1, 45),
            "min_length": integer(0, 4000),
            "max_length": integer(1, 4000),
            "required": boolean,
            "value": text(0, 4000),
            "placeholder": text(0, 100),
        },
        required=["custom_id", "style"],
    ),
    UPLOAD: record(
        {
            "id": NUMBER,
            "custom_id": CUSTOM_ID,
            "min_values": integer(0, 10),
            "max_values": integer(1, 10),
            "required": boolean,
            "file_types": FILE_TYPES,
        },
        required=["custom_id"],
    ),
    RADIO: record(
        {
            "id": NUMBER,
            "custom_id": CUSTOM_ID,
            "required": boolean,
            "options": list_of(_CHOICE, 2, 10),
        },
        required=["custom_id", "options"],
    ),
    CHECKBOXES: record(
        {
            "id": NUMBER,
            "custom_id": CUSTOM_ID,
            "min_values": integer(0, 10),
            "max_values": integer(1, 10),
            "required": boolean,
            "options": list_of(_CHOICE, 1, 10),
        },
        required=["custom_id", "options"],
    ),
    CHECKBOX: record(
        {"id": NUMBER, "custom_id": CUSTOM_ID, "default": boolean}, required=["custom_id"]
    ),
    LABEL: record(
        {"id": NUMBER, "label": text(1, 45), "description": text(1, 100)}, required=["label"]
    ),
    **{kind: FIELDS[kind] for kind in (*SELECTS, TEXT, ROW)},
}
_MODAL = record(
    {"custom_id": CUSTOM_ID, "title": text(1, 45), "components": list_of(lambda *_: None, 1, 5)},
    required=["custom_id", "title", "components"],
)


def check_modal(errors: FormErrors, modal: Json) -> None:
    """Check a modal: its title, its ``custom_id``, and its one to five components."""
    _MODAL(errors, "data", modal)
    components = modal.get("components")
    if not isinstance(components, list) or errors.any:
        return
    for index, part in enumerate(components):
        _check(errors, f"data.components.{index}", part, _TOP)
    if not errors.any:
        check_unique(errors, "data.components", walk_components(components))


def _check(errors: FormErrors, path: str, part: Any, allowed: set[int]) -> None:
    if not isinstance(part, dict):
        errors.add(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType.")
        return
    kind = kind_of(part.get("type"))
    if kind is None or kind not in allowed:
        errors.choice(f"{path}.type", part.get("type"), allowed)
        return
    _FIELDS[kind](errors, path, part)
    if kind == ROW:
        _check_row(errors, path, part)
    elif kind == LABEL:
        _check_inside(errors, f"{path}.component", part.get("component"))
    elif kind == TEXT_INPUT:
        _check_bounds(errors, path, part)
    elif kind != TEXT:
        _check_input(errors, path, part)


def _check_row(errors: FormErrors, path: str, row: Json) -> None:
    """Check a row, which has a single text input with a label of its own."""
    inner = row.get("components")
    list_of(lambda *_: None, 1, 1)(errors, f"{path}.components", [] if inner is None else inner)
    if not isinstance(inner, list) or len(inner) != 1:
        return
    _check(errors, f"{path}.components.0", inner[0], {TEXT_INPUT})
    if isinstance(inner[0], dict) and inner[0].get("label") is None:
        errors.required(f"{path}.components.0.label")


def _check_inside(errors: FormErrors, path: str, inner: Any) -> None:
    if inner is None:
        errors.required(path)
    else:
        _check(errors, path, inner, _IN_LABEL)


def _check_bounds(errors: FormErrors, path: str, part: Json) -> None:
    """Check a text input's bounds, and its initial value against them."""
    least, most = part.get("min_length") or 0, part.get("max_length") or 4000
    if not isinstance(least, int) or not isinstance(most, int):
        return
    if least > most:
        errors.add(f"{path}.min_length", "BASE_TYPE_MAX", "Must not be above max_length.")
    elif part.get("value"):
        errors.length(f"{path}.value", part["value"], least, most)


def _check_input(errors: FormErrors, path: str, part: Json) -> None:
    """Check an input in a label: it must not be disabled, and a required one needs a value."""
    if part.get("disabled"):
        words = "A component in a modal cannot be disabled"
        errors.add(f"{path}.disabled", "MODAL_COMPONENT_DISABLED", words)
    if part.get("min_values") == 0 and part.get("required", True) is not False:
        words = "Must be at least 1, or absent, where an answer is required."
        errors.add(f"{path}.min_values", "BASE_TYPE_MIN", words)
    check_picking(errors, path, part, "options")
