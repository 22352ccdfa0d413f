"""What a process of the bot does: everything, or a part of it beside others on one database."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from bot.errors import CommandError


class Role(StrEnum):
    """A part of the work; any number of processes may have each."""

    ALL = "all"
    GATEWAY = "gateway"
    """Takes interactions from Discord, and reserves."""
    WORKER = "worker"
    """Submits, watches, fetches and delivers; it speaks to Discord over HTTP alone."""

    @property
    def connects(self) -> bool:
        """Whether it has a connection to Discord's gateway."""
        return self is not Role.WORKER

    @property
    def works(self) -> bool:
        """Whether it brings tasks to their end."""
        return self is not Role.GATEWAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Shards:
    """Which of Discord's shards a process connects as: ``0-3/16`` is the first 4 of 16."""

    ids: tuple[int, ...]
    count: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Raises:
            CommandError: it says no shards.
        """
        found = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?/(\d{1,5})", text.strip())
        if found is None:
            raise CommandError(f"--shards {text!r}: write the shards and their number, as 0-3/16")
        first, count = int(found[1]), int(found[3])
        last = int(found[2] or first)
        if not first <= last < count:
            raise CommandError(f"--shards {text!r}: of {count} shards, 0 to {count - 1} exist")
        return cls(ids=tuple(range(first, last + 1)), count=count)

    @property
    def has_first(self) -> bool:
        """Of all processes, that one has tasks of which one is enough."""
        return 0 in self.ids
