"""Checks embeds by Discord's rules (its documentation, "Embed Limits", and OpenAPI)."""

from datetime import datetime
from typing import Any

from sandbox.discord.rules.fields import (
    Check,
    boolean,
    integer,
    list_of,
    record,
    text,
    without_null,
)
from sandbox.discord.rules.problems import FormErrors
from sandbox.discord.state.model import Json

EMBEDS_MAX = 10
TOTAL_MAX = 6000
_WEB = ("http", "https")


def _trimmed(most: int) -> Check:
    """Make a check for a text of at most ``most`` characters, without surrounding white space."""
    inner = text(0, most)

    def check(errors: FormErrors, path: str, value: Any) -> None:
        inner(errors, path, value.strip() if isinstance(value, str) else value)

    return check


def _required(most: int) -> Check:
    """Make the same check for a text that must not be empty."""
    inner = _trimmed(most)

    def check(errors: FormErrors, path: str, value: Any) -> None:
        if isinstance(value, str) and not value.strip():
            errors.required(path)
        else:
            inner(errors, path, value)

    return check


def _address(*schemes: str) -> Check:
    inner = text(0, 2048)

    def check(errors: FormErrors, path: str, value: Any) -> None:
        inner(errors, path, value)
        if isinstance(value, str):
            errors.address(path, value, schemes)

    return check


def _time(errors: FormErrors, path: str, value: Any) -> None:
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        words = f'Could not parse "{value}". Should be ISO8601.'
        errors.add(path, "DATE_TIME_TYPE_PARSE", words)


_PICTURE = record({"url": _address(*_WEB, "attachment"), "width": integer(), "height": integer()})
_FIELD = record(
    {"name": _required(256), "value": _required(1024), "inline": boolean},
    required=["name", "value"],
)
_EMBED = record(
    {
        "title": _trimmed(256),
        "type": text(),
        "description": _trimmed(4096),
        "url": _address(*_WEB),
        "timestamp": _time,
        "color": integer(0, 0xFFFFFF),
        "footer": record({"text": _trimmed(2048), "icon_url": _address(*_WEB, "attachment")}),
        "image": _PICTURE,
        "thumbnail": _PICTURE,
        "author": record(
            {
                "name": _trimmed(256),
                "url": _address(*_WEB),
                "icon_url": _address(*_WEB, "attachment"),
            }
        ),
        "fields": list_of(_FIELD, 0, 25),
    }
)
check_list = list_of(_EMBED, 0, EMBEDS_MAX)


def check_embeds(errors: FormErrors, embeds: Any) -> None:
    """Check a message's embeds, and the sum of their characters."""
    check_list(errors, "embeds", embeds or [])
    if errors.any or not embeds:
        return
    if sum(_length(embed) for embed in embeds) > TOTAL_MAX:
        words = f"Embed size exceeds maximum size of {TOTAL_MAX}"
        errors.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", words)


def _length(embed: Json) -> int:
    parts = [embed.get("title"), embed.get("description")]
    parts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for one in embed.get("fields") or []:
        parts += [one.get("name"), one.get("value")]
    return sum(len(part.strip()) for part in parts if part)


def shown_embeds(embeds: list[Json]) -> list[Json]:
    """Return embeds as messages have them: without null fields, and without empty parts."""
    return [{"type": "rich"} | _shown(without_null(one)) for one in embeds]


_NEEDED = {"footer": "text", "author": "name", "image": "url", "thumbnail": "url"}


def _shown(embed: Json) -> Json:
    shown = {
        key: value for key, value in embed.items() if key not in _NEEDED or value.get(_NEEDED[key])
    }
    if "fields" in shown:
        shown["fields"] = [{"inline": False} | one for one in shown["fields"]]
    return shown
