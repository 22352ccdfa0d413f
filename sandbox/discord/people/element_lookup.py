"""Finds the element that somebody clicks in a message."""

from sandbox.discord.people.options import ClientRefused
from sandbox.discord.state.model import Json, Message

_SELECTS = {3, 5, 6, 7, 8}


def find_button(message: Message, wanted: str) -> Json:
    """Return a button by custom_id, label or emoji."""
    for part in message.buttons:
        names = (part.get("custom_id"), part.get("label"), (part.get("emoji") or {}).get("name"))
        if wanted in names and "custom_id" in part:
            return part
    raise ClientRefused("there is no button {name}", name=wanted)


def find_select(message: Message, menu: str) -> Json:
    """Return a select menu by custom_id or placeholder."""
    for part in message.every_component():
        if part.get("type") in _SELECTS and menu in (part["custom_id"], part.get("placeholder")):
            return part
    raise ClientRefused("there is no menu {name}", name=menu)
