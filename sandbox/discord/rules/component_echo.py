"""Echoes components as Discord returns them: numbered, with defaults, without empty fields."""

from collections.abc import Iterator

from sandbox.discord.rules.component_fields import (
    CONTAINER,
    FILE,
    GALLERY,
    SELECTS,
    SEPARATOR,
    THUMBNAIL,
)
from sandbox.discord.rules.fields import without_null
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
    given = {key: without_null(value) for key, value in part.items() if value is not None}
    body = {**_DEFAULTS.get(kind, {}), **given, "id": number}
    if kind in SELECTS:
        body.pop("required", None)
    _name_emoji(body, *body.get("options", []))
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


def _name_emoji(*parts: Json) -> None:
    """Give a server's own emoji a name, which need not have been sent."""
    for part in parts:
        if part.get("emoji"):
            part["emoji"] = {"name": "emoji"} | part["emoji"]
