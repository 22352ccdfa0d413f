"""Files on their way from a browser into a message: in memory, bounded, and soon forgotten."""

import secrets
from dataclasses import dataclass

from bot.clock import Clock
from sandbox.discord import Upload
from sandbox.page.frames import Refused

LARGEST_BYTES = 60_000_000
"""Of one file: above what the bot reads (50 MB), so that its own refusal can be seen."""
_ALL_BYTES = 4 * LARGEST_BYTES
_LIFE_SECONDS = 15 * 60.0


@dataclass(frozen=True, slots=True)
class _Kept:
    upload: Upload
    until: float


class Uploads:
    """What was uploaded lately, by the id that the browser was told."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    def keep(self, upload: Upload) -> str:
        """Keep it for a quarter of an hour, unless newer ones need the room."""
        made = secrets.token_urlsafe(12)
        self._kept[made] = _Kept(upload, self._clock.monotonic() + _LIFE_SECONDS)
        self._forget()
        return made

    def get(self, id: object) -> Upload:
        """
        Raises:
            Refused: it is forgotten.
        """
        self._forget()
        kept = self._kept.get(id) if isinstance(id, str) else None
        if kept is None:
            raise Refused("The file is no longer here: choose it again")
        return kept.upload

    def _forget(self) -> None:
        now, room = self._clock.monotonic(), _ALL_BYTES
        for key, kept in reversed(list(self._kept.items())):
            room -= len(kept.upload.data)
            if room < 0 or kept.until < now:
                del self._kept[key]
