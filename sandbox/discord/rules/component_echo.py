"""Echoes components as Discord returns them: numbered, with defaults, without empty fields."""

from collections.abc import Iterator
from typing import Any

from sandbox.discord.rules.components import (
    CONTAINER,
    FILE,
    GALLERY,
    SELECTS,
    SEPARATOR,
    THUMBNAIL,
)
from sandbox.discord.state.model import Json

_CHOICES = {"min_values": 1, "max_values": 1}
_DEFAULTS: dict[int, Json] = {
    **dict.fromkeys(SELECTS, _CHOICES),
    THUMBNAIL: {"description": None, "spoiler": False},
    FILE: {"name": None, "size": None, "spoiler": False},
    SEPARATOR: {"spacing": 1, "divider": True},
    CONTAINER: {"accent_color": None, "spoiler": False},
}
"""Fields that an answer always has, by type of component (Discord's OpenAPI description)."""


def echo_components(components: list[Json]) -> list[Json]:
    """Return a message's components as stored and shown, numbered in reading order."""
    numbers = iter(range(1, 1000))
    return [_echoed(part, numbers) for part in components]


def _echoed(part: Json, numbers: Iterator[int]) -> Json:
    kind = part["type"]
    number = part.get("id") or next(numbers)
    given = {key: _without_empty(value) for key, value in part.items() if value is not None}
    body = {**_DEFAULTS.get(kind, {}), **given, "id": number}
    if kind in SELECTS:
        body.pop("required", None)
    if "components" in part:
        body["components"] = [_echoed(one, numbers) for one in part["components"]]
    if isinstance(part.get("accessory"), dict):
        body["accessory"] = _echoed(part["accessory"], numbers)
    for key in ("media", "file"):
        if key in body:
            body[key] = _media(body[key])
    if kind == GALLERY:
        body["items"] = [_item(item) for item in body["items"]]
    return body


def _item(item: Json) -> Json:
    return {"description": None, "spoiler": False, **item, "media": _media(item["media"])}


def _media(media: Json) -> Json:
    """Render a URL in a component; for an upload, the file's data is added when it is shown."""
    return {"id": "0", "url": media["url"], "proxy_url": media["url"]}


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_empty(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_empty(one) for one in value]
    return value
