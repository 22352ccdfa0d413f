"""Types of components, and the plain fields of each in a message.

Limits come from Discord's component reference and its OpenAPI description.
"""

from typing import Any

from sandbox.discord.rules.channels import CHANNEL_TYPES
from sandbox.discord.rules.fields import (
    Check,
    boolean,
    integer,
    list_of,
    one_of,
    record,
    snowflake,
    text,
)
from sandbox.discord.rules.problems import FormErrors

ROW, BUTTON, SELECT, TEXT_INPUT = 1, 2, 3, 4
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
SELECTS = {SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT}
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
LABEL, UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 18, 19, 21, 22, 23
LINK_STYLE, PREMIUM_STYLE = 5, 6
TEXT_MAX = 4000
ALT_MAX = 1024
URL_MAX = 2048
COLOR_MAX = 0xFFFFFF
NUMBER = integer(0, 2**31 - 1)
"""Check for a component's ``id``: not negative, 32 bits."""

CUSTOM_ID = text(1, 100)
_EMOJI = record({"id": snowflake, "name": text(1), "animated": boolean})


def EMOJI(errors: FormErrors, path: str, value: Any) -> None:  # noqa: N802 (a check, as others)
    """Check a partial emoji: Discord's own by its character, a server's by its id."""
    _EMOJI(errors, path, value)
    if isinstance(value, dict) and value.get("id") is None and value.get("name") is None:
        errors.required(f"{path}.name")


_MEDIA = record({"url": text(1, URL_MAX)}, required=["url"])

OPTION = record(
    {
        "label": text(1, 100),
        "value": text(1, 100),
        "description": text(0, 100),
        "emoji": EMOJI,
        "default": boolean,
    },
    required=["label", "value"],
)

_PICKING: dict[str, Check] = {
    "id": NUMBER,
    "custom_id": CUSTOM_ID,
    "placeholder": text(0, 150),
    "min_values": integer(0, 25),
    "max_values": integer(1, 25),
    "required": boolean,
    "disabled": boolean,
}

_CHOSEN = {
    USER_SELECT: ("user",),
    ROLE_SELECT: ("role",),
    MENTIONABLE_SELECT: ("user", "role"),
    CHANNEL_SELECT: ("channel",),
}
"""The choices of the menus that Discord fills, as their default values name them."""


def _auto_select(kind: int) -> Check:
    value = record({"id": snowflake, "type": one_of(*_CHOSEN[kind])}, required=["id", "type"])
    fields: dict[str, Check] = {"default_values": list_of(value, 0, 25)}
    if kind == CHANNEL_SELECT:
        fields["channel_types"] = list_of(one_of(*CHANNEL_TYPES), unique=True)
    return record(_PICKING | fields, required=["custom_id"])


_BUTTON: dict[str, Check] = {
    "id": NUMBER,
    "style": one_of(1, 2, 3, 4, LINK_STYLE, PREMIUM_STYLE),
    "label": text(0, 80),
    "custom_id": CUSTOM_ID,
    "url": text(1, 512),
    "sku_id": snowflake,
    "emoji": EMOJI,
    "disabled": boolean,
}

_ITEM = record(
    {"media": _MEDIA, "description": text(1, ALT_MAX), "spoiler": boolean}, required=["media"]
)

FIELDS: dict[int, Check] = {
    ROW: record({"id": NUMBER}),
    BUTTON: record(_BUTTON, required=["style"]),
    SELECT: record(
        _PICKING | {"options": list_of(OPTION, 1, 25)}, required=["custom_id", "options"]
    ),
    **{kind: _auto_select(kind) for kind in _CHOSEN},
    SECTION: record({"id": NUMBER}, required=[]),
    TEXT: record({"id": NUMBER, "content": text(1, TEXT_MAX)}, required=["content"]),
    THUMBNAIL: record(
        {"id": NUMBER, "media": _MEDIA, "description": text(1, ALT_MAX), "spoiler": boolean},
        required=["media"],
    ),
    GALLERY: record({"id": NUMBER, "items": list_of(_ITEM, 1, 10)}, required=["items"]),
    FILE: record({"id": NUMBER, "file": _MEDIA, "spoiler": boolean}, required=["file"]),
    SEPARATOR: record({"id": NUMBER, "divider": boolean, "spacing": one_of(1, 2)}),
    CONTAINER: record(
        {"id": NUMBER, "accent_color": integer(0, COLOR_MAX), "spoiler": boolean},
    ),
}
"""Checks of the plain fields of each type of component in a message."""
