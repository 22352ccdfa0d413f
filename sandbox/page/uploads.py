"""Uploads from a browser, before they are part of a message: in memory, and for a limited time."""

import secrets
from dataclasses import dataclass

from bot.clock import Clock
from sandbox.discord import Upload
from sandbox.page.frames import Refused

LARGEST_BYTES = 60_000_000
"""Maximum of one file: more than the bot reads (50 MB), so that the bot's refusal can be seen."""
_ALL_BYTES = 4 * LARGEST_BYTES
_LIFE_SECONDS = 15 * 60.0


@dataclass(frozen=True, slots=True)
class _Kept:
    upload: Upload
    until: float


class Uploads:
    """Recent uploads, by the id that the browser got."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    def keep(self, upload: Upload) -> str:
        """Keep a file for 15 minutes, unless newer ones need the space; return its id."""
        made = secrets.token_urlsafe(12)
        self._kept[made] = _Kept(upload, self._clock.monotonic() + _LIFE_SECONDS)
        self._forget()
        return made

    def get(self, id: object) -> Upload:
        """Return an upload.

        Raises:
            Refused: it is no longer kept.
        """
        self._forget()
        kept = self._kept.get(id) if isinstance(id, str) else None
        if kept is None:
            raise Refused("The file has expired: choose it again.")
        return kept.upload

    def _forget(self) -> None:
        now, room = self._clock.monotonic(), _ALL_BYTES
        for key, kept in reversed(list(self._kept.items())):
            room -= len(kept.upload.data)
            if room < 0 or kept.until < now:
                del self._kept[key]
