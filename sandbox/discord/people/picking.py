"""Choices in menus and uploads, with the checks of Discord's own client."""

from collections.abc import Iterable, Sequence
from typing import Any

from sandbox.discord.people.options import ClientRefused
from sandbox.discord.render.resolved import Resolved
from sandbox.discord.rules.component_fields import (
    CHANNEL_SELECT,
    CHECKBOXES,
    MENTIONABLE_SELECT,
    RADIO,
    ROLE_SELECT,
    SELECT,
    UPLOAD,
    USER_SELECT,
)
from sandbox.discord.state.model import Channel, Guild, Json, Upload
from sandbox.discord.state.world import World

_EXTENSIONS = {
    "image": {".png", ".gif", ".jpg", ".jpeg", ".jfif", ".webp", ".avif"},
    "video": {".mp4", ".mov", ".qt", ".webm"},
    "audio": {".mp3", ".m4a", ".wav", ".ogg", ".opus", ".flac"},
}
"""The file types that Discord's documentation lists for each group."""


class Picker:
    """Turns what one person picks into values, and collects the data to these values."""

    def __init__(
        self, world: World, resolved: Resolved, guild: Guild | None, upload_limit: int
    ) -> None:
        self._world = world
        self._guild = guild
        self._upload_limit = upload_limit
        self.resolved = resolved

    def pick(self, part: Json, wanted: Sequence[Any]) -> list[str]:
        """Return the values of a menu, a group or an upload.

        Options are given by value or label; people, roles and channels as themselves, by id or by
        name; files as `Upload`.

        Raises:
            ClientRefused: the client does not offer that, or not so many.
        """
        check_count(part, len(wanted))
        if part["type"] in (SELECT, RADIO, CHECKBOXES):
            return [_option(part, one) for one in wanted]
        if part["type"] == UPLOAD:
            return [self._file(part, one) for one in wanted]
        return [self.resolved.add(self._entity(part, one)) for one in wanted]

    def _file(self, part: Json, upload: Any) -> str:
        name = part["custom_id"]
        if not isinstance(upload, Upload):
            raise ClientRefused("{name} cannot be {value}", name=name, value=repr(upload))
        check_file_type(name, upload.name, part.get("file_types"))
        if len(upload.data) > self._upload_limit:
            raise ClientRefused(
                "{file} is above the upload limit of {limit} bytes",
                file=upload.name,
                limit=self._upload_limit,
            )
        return self.resolved.add(upload)

    def _entity(self, part: Json, wanted: Any) -> Any:
        wanted = getattr(wanted, "user", wanted)
        for one in self._offered(part):
            if one is wanted or wanted in (str(one.id), one.id, one.name):
                return one
        raise ClientRefused("there is no option {name}", name=getattr(wanted, "name", wanted))

    def _offered(self, part: Json) -> Iterable[Any]:
        """Yield what a menu offers: those of the server, or the people of a private channel."""
        kind, guild = part["type"], self._guild
        if kind in (USER_SELECT, MENTIONABLE_SELECT):
            members = guild.members.values() if guild else ()
            yield from [one.user for one in members] if guild else self._world.users.values()
        if guild is not None and kind in (ROLE_SELECT, MENTIONABLE_SELECT):
            yield from guild.roles.values()
        if guild is not None and kind == CHANNEL_SELECT:
            kinds = part.get("channel_types") or ()
            yield from [one for one in guild.channels.values() if _fits(one, kinds)]


def check_count(part: Json, count: int) -> None:
    """Check how many are chosen; none is possible where no answer is required."""
    least, most = bounds(part)
    if least <= count <= most or (count == 0 and not part.get("required", True)):
        return
    name = part["custom_id"]
    if count == 0:
        raise ClientRefused("{name} is required", name=name)
    raise ClientRefused("{count} choices are not possible in {name}", count=count, name=name)


def bounds(part: Json) -> tuple[int, int]:
    """Return the smallest and the greatest number of choices."""
    most = len(part["options"]) if part["type"] == CHECKBOXES else 1
    least = part.get("min_values")
    return 1 if least is None else int(least), int(part.get("max_values") or most)


def check_file_type(option: str, name: str, wanted: Sequence[str] | None) -> None:
    """Check a file's name by its extension, as Discord's "File Type Filtering" does.

    Raises:
        ClientRefused: files of this type are not offered.
    """
    if not wanted:
        return
    allowed: set[str] = set()
    for one in wanted:
        allowed |= _EXTENSIONS.get(one, {one.lower()})
    if not name.lower().endswith(tuple(allowed)):
        raise ClientRefused("{name} does not take {file}", name=option, file=name)


def _option(part: Json, wanted: Any) -> str:
    for option in part["options"]:
        if wanted in (option["value"], option["label"]):
            return str(option["value"])
    raise ClientRefused("there is no option {name}", name=wanted)


def _fits(channel: Channel, kinds: Sequence[int]) -> bool:
    return not kinds or int(channel.kind) in kinds
