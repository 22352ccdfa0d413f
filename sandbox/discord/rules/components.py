"""What Discord accepts as components, in messages and in modals."""

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.discord.rules.problems import FormErrors
from sandbox.discord.state.model import Json, walk_components

ROW, BUTTON, SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = {3, 5, 6, 7, 8}
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER, LABEL, UPLOAD = (
    9,
    10,
    11,
    12,
    13,
    14,
    17,
    18,
    19,
)
CUSTOM_ID_MAX = 100
LAYOUT_MAX = 40
TEXT_MAX = 4000
"""Numbers of Discord's component reference."""

_TOP_LEGACY = {ROW}
_TOP_LAYOUT = {ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER}
_IN_CONTAINER = _TOP_LAYOUT - {CONTAINER}
_IN_LABEL = SELECTS | {TEXT_INPUT, UPLOAD, 21, 22, 23}
_IN_MODAL = {ROW, TEXT, LABEL}


def check_components(
    errors: FormErrors, components: list[Json], *, layout: bool, files: Iterable[str] = ()
) -> None:
    """Check the components of a message; ``layout``: Components V2."""
    allowed = _TOP_LAYOUT if layout else _TOP_LEGACY
    every = list(walk_components(components))
    if layout and len(every) > LAYOUT_MAX:
        errors.add("components", "BASE_TYPE_BAD_LENGTH", f"Must be {LAYOUT_MAX} or fewer.")
    if not layout and len(components) > 5:
        errors.length("components", components, 1, 5)
    words = sum(len(part.get("content", "")) for part in every if part.get("type") == TEXT)
    if words > TEXT_MAX:
        errors.add("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "Too much text.")
    for index, part in enumerate(components):
        _check(errors, f"components.{index}", part, allowed)
    _check_unique(errors, components)


def check_modal(errors: FormErrors, modal: Json) -> None:
    """Check a modal: title, custom_id, and one to five components."""
    errors.length("data.title", modal.get("title", ""), 1, 45)
    errors.length("data.custom_id", modal.get("custom_id", ""), 1, CUSTOM_ID_MAX)
    components = modal.get("components") or []
    if not 1 <= len(components) <= 5:
        errors.length("data.components", components, 1, 5)
    for index, part in enumerate(components):
        _check(errors, f"data.components.{index}", part, _IN_MODAL, modal=True)


def _check(
    errors: FormErrors, path: str, part: Json, allowed: set[int], *, modal: bool = False
) -> None:
    kind = part.get("type")
    if kind not in allowed:
        errors.choice(f"{path}.type", kind, allowed)
        return
    if kind == ROW:
        _check_row(errors, path, part, modal=modal)
    elif kind == LABEL:
        _check_label(errors, path, part)
    elif kind in _CHECKS:
        _CHECKS[kind](errors, path, part)


def _check_row(errors: FormErrors, path: str, row: Json, *, modal: bool) -> None:
    inner = row.get("components") or []
    kinds = [part.get("type") for part in inner]
    allowed = {TEXT_INPUT} if modal else {BUTTON} | SELECTS
    wide = any(kind != BUTTON for kind in kinds)
    if not 1 <= len(inner) <= (1 if wide else 5):
        errors.length(f"{path}.components", inner, 1, 1 if wide else 5)
    for index, part in enumerate(inner):
        _check(errors, f"{path}.components.{index}", part, allowed)


def _check_label(errors: FormErrors, path: str, label: Json) -> None:
    errors.length(f"{path}.label", label.get("label", ""), 1, 45)
    if label.get("description"):
        errors.length(f"{path}.description", label["description"], 0, 100)
    inner = label.get("component")
    if not isinstance(inner, dict):
        errors.required(f"{path}.component")
        return
    _check(errors, f"{path}.component", inner, _IN_LABEL)


def _check_button(errors: FormErrors, path: str, part: Json) -> None:
    style = part.get("style")
    errors.choice(f"{path}.style", style, {1, 2, 3, 4, 5, 6})
    if part.get("label"):
        errors.length(f"{path}.label", part["label"], 0, 80)
    if style == 5:
        if not part.get("url"):
            errors.required(f"{path}.url")
    elif style != 6:
        _check_custom_id(errors, path, part)
    if not part.get("label") and not part.get("emoji") and style != 6:
        words = "A button needs a label or an emoji"
        errors.add(path, "COMPONENT_BUTTON_LABEL_OR_EMOJI_REQUIRED", words)


def _check_select(errors: FormErrors, path: str, part: Json) -> None:
    _check_custom_id(errors, path, part)
    if part.get("placeholder"):
        errors.length(f"{path}.placeholder", part["placeholder"], 0, 150)
    if part.get("type") != SELECT:
        return
    options = part.get("options") or []
    errors.length(f"{path}.options", options, 1, 25)
    for index, option in enumerate(options):
        for key in ("label", "value"):
            errors.length(f"{path}.options.{index}.{key}", option.get(key, ""), 1, 100)
        if option.get("description"):
            errors.length(f"{path}.options.{index}.description", option["description"], 0, 100)


def _check_text_input(errors: FormErrors, path: str, part: Json) -> None:
    _check_custom_id(errors, path, part)
    errors.choice(f"{path}.style", part.get("style"), {1, 2})
    if part.get("label") is not None:
        errors.length(f"{path}.label", part["label"], 1, 45)
    if part.get("placeholder"):
        errors.length(f"{path}.placeholder", part["placeholder"], 0, 100)
    if part.get("value"):
        errors.length(f"{path}.value", part["value"], 0, part.get("max_length") or 4000)


def _check_text(errors: FormErrors, path: str, part: Json) -> None:
    errors.length(f"{path}.content", part.get("content", ""), 1, TEXT_MAX)


def _check_section(errors: FormErrors, path: str, part: Json) -> None:
    inner = part.get("components") or []
    errors.length(f"{path}.components", inner, 1, 3)
    for index, one in enumerate(inner):
        _check(errors, f"{path}.components.{index}", one, {TEXT})
    accessory = part.get("accessory")
    if not isinstance(accessory, dict):
        errors.required(f"{path}.accessory")
        return
    _check(errors, f"{path}.accessory", accessory, {BUTTON, THUMBNAIL})


def _check_gallery(errors: FormErrors, path: str, part: Json) -> None:
    items = part.get("items") or []
    errors.length(f"{path}.items", items, 1, 10)
    for index, item in enumerate(items):
        if not (item.get("media") or {}).get("url"):
            errors.required(f"{path}.items.{index}.media.url")


def _check_file(errors: FormErrors, path: str, part: Json) -> None:
    url = (part.get("file") or {}).get("url", "")
    if not url.startswith("attachment://"):
        words = "A file component only takes attachment:// references"
        errors.add(f"{path}.file.url", "URL_TYPE_INVALID_SCHEME", words)


def _check_container(errors: FormErrors, path: str, part: Json) -> None:
    inner = part.get("components") or []
    if not inner:
        errors.length(f"{path}.components", inner, 1, LAYOUT_MAX)
    for index, one in enumerate(inner):
        _check(errors, f"{path}.components.{index}", one, _IN_CONTAINER)


def _check_custom_id(errors: FormErrors, path: str, part: Json) -> None:
    errors.length(f"{path}.custom_id", part.get("custom_id", ""), 1, CUSTOM_ID_MAX)


def _check_unique(errors: FormErrors, components: list[Json]) -> None:
    seen: set[Any] = set()
    for part in walk_components(components):
        custom_id = part.get("custom_id")
        if custom_id is not None and custom_id in seen:
            words = "Component custom id cannot be duplicated"
            errors.add("components", "COMPONENT_CUSTOM_ID_DUPLICATED", words)
        seen.add(custom_id)


_CHECKS: dict[int, Callable[[FormErrors, str, Json], None]] = {
    BUTTON: _check_button,
    TEXT_INPUT: _check_text_input,
    SECTION: _check_section,
    TEXT: _check_text,
    GALLERY: _check_gallery,
    FILE: _check_file,
    CONTAINER: _check_container,
    **dict.fromkeys(SELECTS, _check_select),
}
