"""URLs of attachments that stay the same while they are valid.

The local Discord, like Discord, signs them anew each time a message is rendered. With a new URL at
every change, the page would load a video again while it plays.
"""

import re
from typing import Any

from bot.clock import Clock
from sandbox.discord.state.files import LIFE, Files

_SIGNED = re.compile(r"^(?P<path>[^?]+)\?ex=")


class Addresses:
    """The URL that was given out for each file."""

    def __init__(self, files: Files, clock: Clock) -> None:
        self._files = files
        self._clock = clock
        self._given: dict[str, tuple[str, float]] = {}

    def steady(self, value: Any) -> Any:
        """Copy some JSON, with every file's URL replaced by the one given out before."""
        if isinstance(value, dict):
            return {key: self.steady(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.steady(one) for one in value]
        if isinstance(value, str) and value.startswith(self._files.origin):
            return self._known(value)
        return value

    def _known(self, address: str) -> str:
        found = _SIGNED.match(address)
        if found is None:
            return address
        now = self._clock.monotonic()
        given, until = self._given.get(found["path"], (address, 0.0))
        if until > now:
            return given
        self._given[found["path"]] = address, now + LIFE.total_seconds() / 2
        return address
