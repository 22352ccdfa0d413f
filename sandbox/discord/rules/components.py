"""Checks the components of a message by Discord's rules.

Limits come from Discord's component reference and its OpenAPI description. If neither names an
error's code, the code here is the nearest one in bug reports of libraries.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sandbox.discord.rules.component_fields import (
    BUTTON,
    CHECKBOXES,
    CONTAINER,
    FIELDS,
    FILE,
    GALLERY,
    LINK_STYLE,
    PREMIUM_STYLE,
    ROW,
    SECTION,
    SELECT,
    SELECTS,
    SEPARATOR,
    TEXT,
    TEXT_MAX,
    THUMBNAIL,
)
from sandbox.discord.rules.fields import list_of
from sandbox.discord.rules.problems import FormErrors, kind_of
from sandbox.discord.state.model import Json, walk_components

LAYOUT_MAX = 40
_TOP_LEGACY = {ROW}
_TOP_LAYOUT = {ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER}
_IN_CONTAINER = _TOP_LAYOUT - {CONTAINER}


def check_components(
    errors: FormErrors, components: list[Json], *, layout: bool, files: Iterable[str] = ()
) -> None:
    """Check the components of a message; ``layout``: they are Components V2.

    ``files``: the names that ``attachment://`` may refer to.
    """
    if not layout and len(components) > 5:
        errors.length("components", components, 1, 5)
    checker = _Checker(errors, frozenset(files))
    for index, part in enumerate(components):
        checker.check(f"components.{index}", part, _TOP_LAYOUT if layout else _TOP_LEGACY)
    if errors.any:
        return
    every = list(walk_components(components))
    if layout and len(every) > LAYOUT_MAX:
        errors.add("components", "BASE_TYPE_BAD_LENGTH", f"Must be {LAYOUT_MAX} or fewer.")
    if sum(len(part["content"]) for part in every if part["type"] == TEXT) > TEXT_MAX:
        errors.add("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "Too much text.")
    check_unique(errors, "components", every)


def check_unique(errors: FormErrors, path: str, every: Iterable[Json]) -> None:
    """Check that no two components share a ``custom_id``, or an ``id`` other than 0."""
    every = list(every)
    names = Counter(part["custom_id"] for part in every if part.get("custom_id") is not None)
    if any(count > 1 for count in names.values()):
        words = "Component custom id cannot be duplicated"
        errors.add(path, "COMPONENT_CUSTOM_ID_DUPLICATED", words)
    numbers = Counter(int(part["id"]) for part in every if part.get("id"))
    if any(count > 1 for count in numbers.values()):
        words = "Component id cannot be duplicated"
        errors.add(path, "COMPONENT_ID_DUPLICATED", words)


@dataclass(frozen=True, slots=True)
class _Checker:
    """Checks components at every depth, each by its type."""

    errors: FormErrors
    files: frozenset[str]

    def check(self, path: str, part: Json, allowed: set[int]) -> None:
        if not isinstance(part, dict):
            words = "Only dictionaries may be used in a DictType."
            self.errors.add(path, "DICT_TYPE_CONVERT", words)
            return
        kind = kind_of(part.get("type"))
        if kind is None or kind not in allowed:
            self.errors.choice(f"{path}.type", part.get("type"), allowed)
            return
        FIELDS[kind](self.errors, path, part)
        if kind in _CHECKS:
            _CHECKS[kind](self, path, part)

    def children(self, path: str, part: Json, allowed: set[int], most: int) -> None:
        """Check the inner components: between one and ``most``."""
        inner = part.get("components")
        inner = [] if inner is None else inner
        list_of(lambda *_: None, 1, most)(self.errors, f"{path}.components", inner)
        for index, one in enumerate(inner if isinstance(inner, list) else []):
            self.check(f"{path}.components.{index}", one, allowed)

    def row(self, path: str, row: Json) -> None:
        inner = row.get("components")
        parts = inner if isinstance(inner, list) else []
        only_buttons = all(isinstance(one, dict) and one.get("type") == BUTTON for one in parts)
        self.children(path, row, {BUTTON} | SELECTS, 5 if only_buttons else 1)

    def button(self, path: str, part: Json) -> None:
        check_button(self.errors, path, part)

    def select(self, path: str, part: Json) -> None:
        check_picking(self.errors, path, part, "options")

    def section(self, path: str, part: Json) -> None:
        self.children(path, part, {TEXT}, 3)
        accessory = part.get("accessory")
        if accessory is None:
            self.errors.required(f"{path}.accessory")
        else:
            self.check(f"{path}.accessory", accessory, {BUTTON, THUMBNAIL})

    def container(self, path: str, part: Json) -> None:
        self.children(path, part, _IN_CONTAINER, LAYOUT_MAX)

    def thumbnail(self, path: str, part: Json) -> None:
        self.media(f"{path}.media", part.get("media"))

    def gallery(self, path: str, part: Json) -> None:
        items = part.get("items")
        for index, item in enumerate(items if isinstance(items, list) else []):
            if isinstance(item, dict):
                self.media(f"{path}.items.{index}.media", item.get("media"))

    def file(self, path: str, part: Json) -> None:
        url = _address(part.get("file"))
        if url and not url.startswith("attachment://"):
            words = "A file component only takes attachment:// references"
            self.errors.add(f"{path}.file.url", "URL_TYPE_INVALID_SCHEME", words)
        self.media(f"{path}.file", part.get("file"))

    def media(self, path: str, media: object) -> None:
        """Check a URL, or a reference to one of the message's files."""
        url = _address(media)
        self.errors.address(f"{path}.url", url)
        if url.startswith("attachment://") and url not in self.files:
            words = "The referenced attachment was not found"
            code = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
            self.errors.add(f"{path}.url", code, words)


def _address(media: object) -> str:
    url = media.get("url") if isinstance(media, dict) else None
    return url if isinstance(url, str) else ""


def check_button(errors: FormErrors, path: str, part: Json) -> None:
    """Check that a link has a URL, a premium button a product, and any other a ``custom_id``."""
    style = kind_of(part.get("style"))
    needed = {LINK_STYLE: "url", PREMIUM_STYLE: "sku_id"}.get(style or 0, "custom_id")
    if part.get(needed) is None:
        errors.required(f"{path}.{needed}")
    for other in {"url", "sku_id", "custom_id"} - {needed}:
        if part.get(other) is not None:
            words = f"A button of this style cannot have this field; it has {needed}"
            errors.add(f"{path}.{other}", "BUTTON_COMPONENT_INVALID_FIELD", words)
    if isinstance(part.get("url"), str):
        errors.address(f"{path}.url", part["url"], schemes=("http", "https", "discord"))
    has_words = bool(part.get("label") or part.get("emoji"))
    if has_words == (style == PREMIUM_STYLE):
        words = "A button needs a label or an emoji, and a premium button has none"
        errors.add(path, "COMPONENT_BUTTON_LABEL_OR_EMOJI_REQUIRED", words)


def check_picking(errors: FormErrors, path: str, part: Json, listed: str) -> None:
    """Check a menu: distinct values, bounds in order, no more defaults than allowed."""
    options = part.get(listed)
    given = [one for one in options if isinstance(one, dict)] if isinstance(options, list) else []
    values = [one.get("value") for one in given]
    for index, value in enumerate(values):
        if value in values[:index]:
            words = "The specified option value is already used"
            errors.add(f"{path}.{listed}.{index}.value", "COMPONENT_OPTION_VALUE_DUPLICATED", words)
    least, most = part.get("min_values"), part.get("max_values")
    if isinstance(least, int) and least > (most if isinstance(most, int) else max(1, least)):
        errors.add(f"{path}.min_values", "BASE_TYPE_MAX", "Must not be above max_values.")
    if part.get("type") == SELECT and isinstance(most, int) and most > len(given):
        words = f"Must be {len(given)} or fewer: there are no more options."
        errors.add(f"{path}.max_values", "BASE_TYPE_MAX", words)
    _check_defaults(errors, path, part, listed)


def _check_defaults(errors: FormErrors, path: str, part: Json, listed: str) -> None:
    """Check the number of options or values that are chosen from the beginning."""
    options, values = part.get(listed) or [], part.get("default_values") or []
    if not isinstance(options, list) or not isinstance(values, list):
        return
    marked = sum(isinstance(one, dict) and bool(one.get("default")) for one in options)
    least, most = part.get("min_values"), part.get("max_values")
    most = most if isinstance(most, int) else len(options) if part["type"] == CHECKBOXES else 1
    words = "There are more defaults than can be selected, or fewer than must be"
    if marked > most:
        errors.add(f"{path}.{listed}", "COMPONENT_DEFAULTS_INVALID", words)
    if values and not (least if isinstance(least, int) else 1) <= len(values) <= most:
        errors.add(f"{path}.default_values", "COMPONENT_DEFAULTS_INVALID", words)


_CHECKS: dict[int, Callable[[_Checker, str, Json], None]] = {
    ROW: _Checker.row,
    BUTTON: _Checker.button,
    **dict.fromkeys(SELECTS, _Checker.select),
    SECTION: _Checker.section,
    THUMBNAIL: _Checker.thumbnail,
    GALLERY: _Checker.gallery,
    FILE: _Checker.file,
    CONTAINER: _Checker.container,
}
